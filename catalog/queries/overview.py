"""What the overview page shows: what happens now and of late, and the newest products.

Nothing here looks at all jobs or files there ever were: open jobs are tallied, and what happened of
late is found by when it happened.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, func, select

from catalog.database import Database
from catalog.queries.ingest_list import ingest_time
from catalog.queries.latest_products import LatestProduct, latest_products
from catalog.queries.tallies import EVER, Noun
from catalog.states import ErrorCategory, ExecutionStatus, IngestStatus, JobStatus
from catalog.tables import TALLY, Error, Ingest, Job, JobExecution, JobType, Node, Scheduler

KeyT = TypeVar("KeyT")
OPEN: Final = (JobStatus.PENDING, JobStatus.BLOCKED, JobStatus.QUEUED, JobStatus.RUNNING)
ENDED: Final = (JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELED)
SHORT: Final = timedelta(hours=3)
LONG: Final = timedelta(hours=24)
HOURS: Final = 24


@dataclass(frozen=True, slots=True)
class Load:
    """The open jobs of one type."""

    id: int
    name: str
    version: str
    title: str | None
    is_paused: bool
    pending: int
    blocked: int
    queued: int
    running: int
    longest_queued: datetime | None


@dataclass(frozen=True, slots=True)
class NodeLoad:
    """An active node, and how many executions run on it."""

    id: int
    hostname: str
    is_paused: bool
    pause_reason: str | None
    running: int


@dataclass(frozen=True, slots=True)
class Failures:
    """Jobs that failed with an error of one category and have not been requeued."""

    short: int
    long: int


@dataclass(frozen=True, slots=True)
class Overview:
    """What happens now and of late; `ingested` counts files by hour, the current hour last."""

    is_paused: bool
    pause_reason: str | None
    load: tuple[Load, ...]
    nodes: tuple[NodeLoad, ...]
    ended: Mapping[JobStatus, int]
    failures: Mapping[ErrorCategory, Failures]
    ingests: Mapping[IngestStatus, int]
    ingested: tuple[tuple[datetime, int], ...]
    latest: tuple[LatestProduct, ...]


class OverviewQueries:
    """Reads the overview in a fixed number of statements."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self) -> Overview:
        """Return the overview of this moment."""
        now = datetime.now(UTC)
        with self._database.reading() as connection:
            paused = connection.execute(select(Scheduler.is_paused, Scheduler.pause_reason)).one()
            return Overview(
                *paused,
                load=_load(connection),
                nodes=_nodes(connection),
                ended=_counts(connection, _ended(now)),
                failures=_failures(connection, now),
                ingests=_counts(connection, _ingests(now)),
                ingested=_ingested(connection, now),
                latest=latest_products(connection),
            )


def _load(connection: Connection) -> tuple[Load, ...]:
    number = func.sum(TALLY.c.number)
    counts = [func.coalesce(number.filter(TALLY.c.status == status), 0) for status in OPEN]
    counted = (
        select(
            TALLY.c.type_id,
            *(count.label(status.lower()) for status, count in zip(OPEN, counts, strict=True)),
        )
        .where(TALLY.c.noun == Noun.JOB, TALLY.c.day == EVER, TALLY.c.status.in_(OPEN))
        .group_by(TALLY.c.type_id)
        .having(number > 0)
        .subquery()
    )
    oldest = (
        select(Job.job_type_id, func.min(Job.queued).label("longest_queued"))
        .where(Job.status == JobStatus.QUEUED)
        .group_by(Job.job_type_id)
        .subquery()
    )
    statement = (
        select(
            JobType.id, JobType.name, JobType.version, JobType.title, JobType.is_paused,
            *(counted.c[status.lower()] for status in OPEN), oldest.c.longest_queued,
        )
        .join(counted, counted.c.type_id == JobType.id)
        .outerjoin(oldest, oldest.c.job_type_id == JobType.id)
        .where(JobType.is_system.is_(False))
        .order_by(JobType.name, JobType.version)
    )  # fmt: skip
    rows = connection.execute(statement).mappings()
    return tuple(Load(**row) for row in rows)


def _nodes(connection: Connection) -> tuple[NodeLoad, ...]:
    running = (
        select(JobExecution.node_id, func.count().label("count"))
        .where(JobExecution.status == ExecutionStatus.RUNNING)
        .group_by(JobExecution.node_id)
        .subquery()
    )
    statement = (
        select(
            Node.id, Node.hostname, Node.is_paused, Node.pause_reason,
            func.coalesce(running.c.count, 0),
        )
        .outerjoin(running, running.c.node_id == Node.id)
        .where(Node.is_active)
        .order_by(Node.hostname)
    )  # fmt: skip
    return tuple(NodeLoad(*row) for row in connection.execute(statement))


def _ended(now: datetime) -> Select[JobStatus, int]:
    """Count the jobs of users' own job types that ended in the last day."""
    return (
        select(Job.status, func.count())
        .join(JobType, JobType.id == Job.job_type_id)
        .where(
            Job.last_status_change >= now - LONG,
            Job.status.in_(ENDED),
            JobType.is_system.is_(False),
        )
        .group_by(Job.status)
    )


def _failures(connection: Connection, now: datetime) -> dict[ErrorCategory, Failures]:
    statement = (
        select(
            Error.category,
            func.count().filter(Job.last_status_change >= now - SHORT),
            func.count(),
        )
        .select_from(Job)
        .join(Error, Error.id == Job.error_id)
        .join(JobType, JobType.id == Job.job_type_id)
        .where(
            Job.last_status_change >= now - LONG,
            Job.status == JobStatus.FAILED,
            JobType.is_system.is_(False),
        )
        .group_by(Error.category)
    )
    found = {row[0]: Failures(row[1], row[2]) for row in connection.execute(statement)}
    return {category: found.get(category, Failures(0, 0)) for category in ErrorCategory}


def _since(moment: datetime) -> ColumnElement[bool]:
    is_later: ColumnElement[bool] = ingest_time() >= moment
    return is_later


def _ingests(now: datetime) -> Select[IngestStatus, int]:
    return select(Ingest.status, func.count()).where(_since(now - LONG)).group_by(Ingest.status)


def _ingested(connection: Connection, now: datetime) -> tuple[tuple[datetime, int], ...]:
    this_hour = now.replace(minute=0, second=0, microsecond=0)
    hours = [this_hour - timedelta(hours=each) for each in reversed(range(HOURS))]
    hour = func.date_trunc("hour", ingest_time(), "UTC")
    counted = _counts(
        connection,
        select(hour, func.count())
        .where(_since(hours[0]), Ingest.status == IngestStatus.INGESTED)
        .group_by(hour),
    )
    return tuple((each, counted.get(each, 0)) for each in hours)


def _counts(connection: Connection, statement: Select[KeyT, int]) -> dict[KeyT, int]:
    return {key: count for key, count in connection.execute(statement)}  # noqa: C416  # typed Rows
