"""What the jobs of job types do: counts by status, running jobs, system failures (seed 001)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Final

from sqlalchemy import Connection, func, or_, select

from catalog.database import Database
from catalog.errors import InvalidError
from catalog.queries.job_rows import ERROR
from catalog.queries.listing import Condition, Listing, Page, PageRequest, page_of
from catalog.queries.parts import JOB_TYPE, JobTypeBrief
from catalog.queries.shape import Shape
from catalog.queries.types import JobCount
from catalog.records.configuration import ErrorRecord
from catalog.states import ErrorCategory, JobStatus
from catalog.tables import Error, Job, JobType

_DAY: Final = timedelta(hours=24)
_RECENT: Final = timedelta(hours=3)
_JOB_TYPES: Final = Listing("job type", JobType, JOB_TYPE, default_order=("name", "version"))


@dataclass(frozen=True, slots=True)
class JobTypeStatusRow:
    """A job type with counts of its jobs by status and category of error."""

    job_type: JobTypeBrief
    job_counts: tuple[JobCount, ...]


@dataclass(frozen=True, slots=True)
class JobTypeRunningRow:
    """A job type with running jobs, and when the oldest of them started."""

    job_type: JobTypeBrief
    count: int
    longest_running: datetime | None


@dataclass(frozen=True, slots=True)
class JobTypeFailuresRow:
    """A job type with jobs that failed with one SYSTEM error."""

    job_type: JobTypeBrief
    error: ErrorRecord
    count: int
    first_error: datetime
    last_error: datetime


_LONGEST_RUNNING: Final = func.min(Job.started)
_RUNNING: Final = Shape(
    JobTypeRunningRow,
    SimpleNamespace(count=func.count(), longest_running=_LONGEST_RUNNING),
    job_type=JOB_TYPE,
)
_LAST_ERROR: Final = func.max(Job.last_status_change)
_FAILURES: Final = Shape(
    JobTypeFailuresRow,
    SimpleNamespace(
        count=func.count(),
        first_error=func.min(Job.last_status_change),
        last_error=_LAST_ERROR,
    ),
    job_type=JOB_TYPE,
    error=ERROR,
)


class JobTypeStatusQueries:
    """Reads what the jobs of job types do, each list in a constant number of statements."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, request: PageRequest) -> Page[JobTypeStatusRow]:
        """Return every job type with counts of jobs by their last change.

        Running jobs count whenever they started; the others in the time range, by default the
        past 3 hours.

        Raises
        ------
        InvalidError
            Raised if the time range ends before it starts.
        """
        within = _within(request)
        plain = PageRequest(page=request.page, page_size=request.page_size)
        with self._database.reading() as connection:
            job_types = _JOB_TYPES.page(connection, plain)
            counts = _counts(connection, [each.id for each in job_types.rows], within)
        rows = tuple(
            JobTypeStatusRow(each, tuple(counts.get(each.id, ()))) for each in job_types.rows
        )
        return Page(job_types.count, rows)

    def recent(self, job_type_ids: Sequence[int]) -> dict[int, list[JobCount]]:
        """Return the counts of jobs of some types: all that run, and the last day's others."""
        within = Job.last_status_change >= datetime.now(UTC) - _DAY
        with self._database.reading() as connection:
            return _counts(connection, job_type_ids, within)

    def running(self, request: PageRequest) -> Page[JobTypeRunningRow]:
        """Return the job types with running jobs, that of the longest running job first."""
        statement = (
            select(*_RUNNING.columns())
            .select_from(Job)
            .join(JobType, JobType.id == Job.job_type_id)
            .where(Job.status == JobStatus.RUNNING)
            .group_by(JobType.id)
            .order_by(_LONGEST_RUNNING, JobType.id)
        )
        with self._database.reading() as connection:
            return page_of(connection, request, statement, _RUNNING)

    def system_failures(self, request: PageRequest) -> Page[JobTypeFailuresRow]:
        """Return the job types with jobs that failed with SYSTEM errors, the latest error first."""
        statement = (
            select(*_FAILURES.columns())
            .select_from(Job)
            .join(JobType, JobType.id == Job.job_type_id)
            .join(Error, Error.id == Job.error_id)
            .where(Job.status == JobStatus.FAILED, Error.category == ErrorCategory.SYSTEM)
            .group_by(JobType.id, Error.id)
            .order_by(_LAST_ERROR.desc(), JobType.id, Error.id)
        )
        with self._database.reading() as connection:
            return page_of(connection, request, statement, _FAILURES)


def _within(request: PageRequest) -> Condition:
    started = request.started or datetime.now(UTC) - _RECENT
    if request.ended is None:
        return Job.last_status_change >= started
    if started >= request.ended:
        raise InvalidError(
            f"The time range starts at {started.isoformat()}, 3 hours ago unless it is given, and"
            f" ends at {request.ended.isoformat()}. Give a start that is before the end."
        )
    return Job.last_status_change.between(started, request.ended)


def _counts(
    connection: Connection, job_type_ids: Sequence[int], within: Condition
) -> dict[int, list[JobCount]]:
    """Return the counts of jobs by job type; one statement."""
    statement = (
        select(
            Job.job_type_id,
            Job.status,
            Error.category,
            func.count(),
            func.max(Job.last_status_change),
        )
        .outerjoin(Error, Error.id == Job.error_id)
        .where(Job.job_type_id.in_(job_type_ids), or_(Job.status == JobStatus.RUNNING, within))
        .group_by(Job.job_type_id, Job.status, Error.category)
        .order_by(Job.job_type_id, Job.status, Error.category)
    )
    found: dict[int, list[JobCount]] = {}
    for job_type_id, status, category, count, most_recent in connection.execute(statement):
        found.setdefault(job_type_id, []).append(JobCount(status, category, count, most_recent))
    return found
