"""What the jobs of job types do (seed 001, Job Type Services)."""

from plugins.rest.scale.models.errors import ErrorItem
from plugins.rest.scale.models.job_types import JobCount, JobTypeBrief
from plugins.rest.wire import Time, WireModel


class JobTypeStatus(WireModel):
    """A job type with counts of its jobs by status."""

    job_type: JobTypeBrief
    job_counts: list[JobCount]


class JobTypeRunning(WireModel):
    """A job type with running jobs, and when the oldest of them started."""

    job_type: JobTypeBrief
    count: int
    longest_running: Time | None


class JobTypeFailures(WireModel):
    """A job type with jobs that failed with one SYSTEM error."""

    job_type: JobTypeBrief
    error: ErrorItem
    count: int
    first_error: Time
    last_error: Time
