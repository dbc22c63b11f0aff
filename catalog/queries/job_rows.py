"""What is read of jobs, by themselves and inside other read models."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from catalog.queries.listing import Listing
from catalog.queries.parts import (
    EVENT,
    EVENT_ROW,
    JOB_TYPE,
    JOB_TYPE_REV,
    JOB_TYPE_REV_ROW,
    JOB_TYPE_ROW,
    EventBrief,
    EventRow,
    JobTypeBrief,
    JobTypeRevisionBrief,
    JobTypeRevisionRow,
    JobTypeRow,
)
from catalog.queries.shape import Shape
from catalog.records.configuration import ErrorRecord
from catalog.states import JobStatus
from catalog.tables import Error, Job, JobType, JobTypeRevision, TriggerEvent, TriggerRule


@dataclass(frozen=True, slots=True)
class JobBrief:
    """The job of a Strike process or execution."""

    id: int
    job_type: JobTypeBrief
    job_type_rev_id: int
    event_id: int
    error: ErrorRecord | None
    status: JobStatus
    priority: int
    num_exes: int


@dataclass(frozen=True, slots=True)
class JobColumns:
    """What every list and detail of jobs shows; `timeout` in seconds, memory and disk in MiB."""

    id: int
    error: ErrorRecord | None
    status: JobStatus
    reason: str | None
    priority: int
    num_exes: int
    timeout: int
    max_tries: int
    cpus_required: float
    mem_required: float
    disk_in_required: float
    disk_out_required: float
    created: datetime
    queued: datetime | None
    started: datetime | None
    ended: datetime | None
    last_status_change: datetime
    last_modified: datetime


@dataclass(frozen=True, slots=True)
class JobRow(JobColumns):
    """A job in a list."""

    job_type: JobTypeBrief
    job_type_rev: JobTypeRevisionBrief
    event: EventBrief


@dataclass(frozen=True, slots=True)
class UpdatedJob(JobRow):
    """A job in a list, with its data."""

    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class RecipeJobRow(JobColumns):
    """A job of a recipe, with the interface it has."""

    job_type: JobTypeBrief
    job_type_rev: JobTypeRevisionRow
    event: EventBrief


@dataclass(frozen=True, slots=True)
class JobWithData(JobColumns):
    """A job with its documents."""

    job_type: JobTypeRow
    job_type_rev: JobTypeRevisionRow
    event: EventRow
    data: dict[str, Any]
    results: dict[str, Any]


ERROR: Final = Shape(ErrorRecord, Error)
JOB_BRIEF: Final = Shape(JobBrief, Job, job_type=JOB_TYPE, error=ERROR)
_TYPE_AND_ERROR: Final = (
    (JobType, JobType.id == Job.job_type_id),
    (Error, Error.id == Job.error_id),
)
_JOINS: Final = (
    *_TYPE_AND_ERROR,
    (JobTypeRevision, JobTypeRevision.id == Job.job_type_rev_id),
    (TriggerEvent, TriggerEvent.id == Job.event_id),
)
JOBS: Final = Listing(
    noun="job",
    root=Job,
    shape=Shape(
        JobRow, Job, job_type=JOB_TYPE, job_type_rev=JOB_TYPE_REV, event=EVENT, error=ERROR
    ),
    joins=_JOINS,
)
UPDATED_JOBS: Final = Listing(
    noun="job",
    root=Job,
    shape=Shape(
        UpdatedJob, Job, job_type=JOB_TYPE, job_type_rev=JOB_TYPE_REV, event=EVENT, error=ERROR
    ),
    joins=_JOINS,
)
RECIPE_JOBS: Final = Listing(
    noun="job",
    root=Job,
    shape=Shape(
        RecipeJobRow,
        Job,
        job_type=JOB_TYPE,
        job_type_rev=JOB_TYPE_REV_ROW,
        event=EVENT,
        error=ERROR,
    ),
    joins=_JOINS,
)
JOBS_WITH_DATA: Final = Listing(
    noun="job",
    root=Job,
    shape=Shape(
        JobWithData,
        Job,
        job_type=JOB_TYPE_ROW,
        job_type_rev=JOB_TYPE_REV_ROW,
        event=EVENT_ROW,
        error=ERROR,
    ),
    joins=(*_JOINS, (TriggerRule, TriggerRule.id == TriggerEvent.rule_id)),
)
