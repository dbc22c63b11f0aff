"""Jobs that were submitted together, as the dialects read them.

A list is one statement. A detail is two: the set, and its tasks with their newest executions,
however many they are.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping, bindparam, exists, select, true

from catalog.database import Database
from catalog.errors import NotFoundError
from catalog.job_states import Evidence, JobState, state_of
from catalog.records.job_sets import JobSetRecord
from catalog.states import JobStatus
from catalog.tables import Error, Job, JobExecution, JobSet, JobSetTask, JobType, Node

_BEGUN: Final = (JobStatus.RUNNING, JobStatus.COMPLETED)
_begun = (
    exists()
    .where(
        JobSetTask.job_set_id == JobSet.id,
        JobSetTask.job_id == Job.id,
        Job.status.in_(_BEGUN),
        JobSet.outcome.is_(None),
    )
    .correlate(JobSet)
)
_newest = (
    select(
        JobExecution.id,
        JobExecution.node_id,
        JobExecution.job_exit_code,
        JobExecution.job_started,
    )
    .where(JobExecution.job_id == Job.id)
    .order_by(JobExecution.id.desc())
    .limit(1)
    .lateral("newest")
)


@dataclass(frozen=True, slots=True)
class JobSetRow(JobSetRecord):
    """A set of jobs; `has_begun` says of one that has not ended whether a task runs or ran."""

    has_begun: bool


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task of a set, with its newest execution."""

    role: str
    index: int
    uid: UUID
    state: JobState
    reason: str | None
    ports: list[int]
    gpus: int
    parameters: dict[str, Any] | None
    started: datetime | None
    ended: datetime | None
    job_exe_id: int | None
    exit_code: int | None
    hostname: str | None
    type_name: str
    type_version: str


class JobSetQueries:
    """Reads sets of jobs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(
        self, user_name: str | None = None, limit: int = 100, offset: int = 0
    ) -> tuple[JobSetRow, ...]:
        """Return sets that were not removed, the newest first."""
        statement = (
            _sets()
            .where(JobSet.archived.is_(None))
            .order_by(JobSet.id.desc())
            .limit(limit)
            .offset(offset)
        )
        if user_name is not None:
            statement = statement.where(JobSet.user_name == user_name)
        with self._database.reading() as connection:
            return tuple(_row(each) for each in connection.execute(statement).mappings())

    def one(self, name: str) -> JobSetRow:
        """Return the set of this name that was not removed, or raise `NotFoundError`."""
        with self._database.glancing() as connection:
            row = connection.execute(_NAMED, {"name": name}).mappings().first()
        if row is None:
            raise NotFoundError("job", name)
        return _row(row)

    def tasks(self, job_set_id: int) -> tuple[TaskRow, ...]:
        """Return the tasks of a set, by role as they were submitted, and index."""
        with self._database.glancing() as connection:
            return tuple(
                _task(each) for each in connection.execute(_TASKS, {"set": job_set_id}).mappings()
            )


def _sets() -> Any:
    return select(
        *(getattr(JobSet, each.name) for each in fields(JobSetRecord)), _begun.label("has_begun")
    )


# Made once: SQLAlchemy looks through their many columns only then.
_NAMED: Final = _sets().where(JobSet.name == bindparam("name"), JobSet.archived.is_(None))
_TASKS: Final = (
    select(
        JobSetTask.role,
        JobSetTask.task_index.label("index"),
        *(
            getattr(Job, name)
            for name in (
                "uid", "status", "reason", "ports", "gpus", "parameters", "num_exes",
                "started", "ended", "duplicate_of", "archived",
            )
        ),
        _newest.c.id.label("job_exe_id"),
        _newest.c.job_exit_code.label("exit_code"),
        Node.hostname,
        Error.name.label("error_name"),
        JobType.name.label("type_name"),
        JobType.version.label("type_version"),
    )
    .select_from(JobSetTask)
    .join(Job, Job.id == JobSetTask.job_id)
    .join(JobType, JobType.id == Job.job_type_id)
    .outerjoin(Error, Error.id == Job.error_id)
    .outerjoin(_newest, true())
    .outerjoin(Node, Node.id == _newest.c.node_id)
    .where(JobSetTask.job_set_id == bindparam("set"))
    .order_by(Job.id)
)  # fmt: skip


def _row(row: RowMapping) -> JobSetRow:
    return JobSetRow(**row)


def _task(row: RowMapping) -> TaskRow:
    values = dict(row)
    values["state"] = state_of(
        Evidence(
            status=values.pop("status"),
            error_name=values.pop("error_name"),
            num_exes=values.pop("num_exes"),
            has_started=row["started"] is not None,
            is_duplicate=values.pop("duplicate_of") is not None,
            is_archived=values.pop("archived") is not None,
        )
    )
    return TaskRow(**values)
