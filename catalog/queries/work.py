"""Jobs as the dialects read them: by uid, newest first, each with its state.

A status is one statement over a unique index. A list is two: the jobs with everything they refer
to, found by key first and joined afterwards, and the files they made.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, select, true
from sqlalchemy.orm import aliased

from catalog.brokers import Broker, broker_of
from catalog.database import Database
from catalog.errors import NotFoundError
from catalog.job_states import Evidence, JobState, state_of
from catalog.queries.listing import has_id
from catalog.queries.work_rows import Standing, Work, WorkExecution, WorkFile
from catalog.queries.work_states import in_states
from catalog.tables import (
    Error,
    Job,
    JobExecution,
    JobSetTask,
    JobType,
    JobTypeRevision,
    Node,
    ScaleFile,
    Workspace,
)

Condition = ColumnElement[bool]

MAX_LIMIT: Final = 1000
_STRIKE: Final = "scale-strike"
_original = aliased(Job, name="original")
_original_error = aliased(Error, name="original_error")
_newest = (
    select(JobExecution)
    .where(JobExecution.job_id == Job.id)
    .order_by(JobExecution.id.desc())
    .limit(1)
    .lateral("newest")
)
_EXECUTION: Final = [
    *(
        getattr(_newest.c, each.name).label(f"execution__{each.name}")
        for each in fields(WorkExecution)
        if each.name != "hostname"
    ),
    Node.hostname.label("execution__hostname"),
]
_PLAIN: Final = (
    "id", "uid", "name", "origin", "user_name", "pool", "reason", "tags", "user_tags",
    "payload_hash", "priority", "num_exes", "max_tries", "timeout", "soft_timeout", "data",
    "environment", "staging", "parameters", "step_status", "created", "queued", "started", "ended",
    "last_status_change", "last_modified",
)  # fmt: skip
_STANDING: Final[tuple[Any, ...]] = (
    Job.status,
    Job.num_exes,
    Job.started,
    Job.duplicate_of,
    Job.archived,
    Error.name.label("error_name"),
    _original.status.label("original_status"),
    _original.num_exes.label("original_num_exes"),
    _original.started.label("original_started"),
    _original.duplicate_of.label("original_duplicate_of"),
    _original.archived.label("original_archived"),
    _original_error.name.label("original_error_name"),
)


@dataclass(frozen=True, slots=True)
class WorkFilter:
    """Which jobs are wanted: all conditions together; what is left out asks for nothing.

    Parameters
    ----------
    states
        None for all but those that were removed.
    tag
        One of its tags, whoever gave it.
    since, until
        When it was created, inclusive.
    is_alone
        Whether jobs of sets are left out.
    """

    states: frozenset[JobState] | None = None
    uids: Sequence[UUID] | None = None
    user_name: str | None = None
    name: str | None = None
    tag: str | None = None
    pool: str | None = None
    origin: str | None = None
    type_name: str | None = None
    type_version: str | None = None
    priority: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    is_alone: bool = False


EVERY_JOB: Final = WorkFilter()


class WorkQueries:
    """Reads jobs for the dialects; those of Strike processes are none of theirs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def standing(self, uid: UUID) -> Standing:
        """Return how a job stands, in one statement, or raise `NotFoundError`."""
        statement = _with_standing(select(*_STANDING)).where(Job.uid == uid)
        with self._database.glancing() as connection:
            row = connection.execute(statement).mappings().first()
        if row is None:
            raise NotFoundError("job", str(uid))
        return _standing(row)

    def one(self, uid: UUID) -> Work:
        """Return a job, also one that was removed, or raise `NotFoundError`."""
        with self._database.glancing() as connection:
            found = read_work(connection, select(Job.id).where(Job.uid == uid))
        if not found:
            raise NotFoundError("job", str(uid))
        return found[0]

    def by_ids(self, job_ids: Collection[int]) -> tuple[Work, ...]:
        """Return jobs by their ids in the catalogue, also those that were removed."""
        strike = select(JobType.id).where(JobType.name == _STRIKE, JobType.is_system)
        keys = select(Job.id).where(has_id(Job.id, job_ids), Job.job_type_id.not_in(strike))
        with self._database.reading() as connection:
            return read_work(connection, keys)

    def newest(
        self, wanted: WorkFilter = EVERY_JOB, limit: int = 100, offset: int = 0
    ) -> tuple[Work, ...]:
        """Return jobs, the newest first."""
        keys = (
            select(Job.id)
            .where(*_conditions(wanted))
            .order_by(Job.id.desc())
            .limit(min(limit, MAX_LIMIT))
            .offset(offset)
        )
        with self._database.reading() as connection:
            return read_work(connection, keys)

    def files_of(self, job_exe_id: int) -> tuple[WorkFile, ...]:
        """Return the files that an execution made and nobody deleted."""
        with self._database.reading() as connection:
            return tuple(_files(connection, [job_exe_id]))

    def uids(self, wanted: WorkFilter, limit: int, offset: int) -> tuple[UUID, ...]:
        """Return the uids of jobs, in the order of the uids."""
        statement = (
            select(Job.uid)
            .where(*_conditions(wanted))
            .order_by(Job.uid)
            .limit(limit)
            .offset(offset)
        )
        with self._database.glancing() as connection:
            return tuple(connection.execute(statement).scalars())


def visible() -> tuple[Condition, ...]:
    """Return the conditions of jobs that nobody removed and that are not a Strike process's."""
    return tuple(_conditions(EVERY_JOB))


def _conditions(wanted: WorkFilter) -> Iterator[Condition]:
    strike = select(JobType.id).where(JobType.name == _STRIKE, JobType.is_system).limit(1)
    # The sum keeps the planner from its statistics: of one type alone it expects no other at all.
    yield (Job.job_type_id + 0).is_distinct_from(strike.scalar_subquery())
    yield Job.archived.is_(None) if wanted.states is None else in_states(wanted.states)
    equal: tuple[tuple[Any, object], ...] = (
        (Job.user_name, wanted.user_name),
        (Job.name, wanted.name),
        (Job.pool, wanted.pool),
        (Job.origin, wanted.origin),
        (Job.priority, wanted.priority),
    )
    yield from (column == value for column, value in equal if value is not None)
    if wanted.uids is not None:
        yield Job.uid.in_(wanted.uids)
    if wanted.tag is not None:
        yield Job.tags.contains([wanted.tag]) | Job.user_tags.contains([wanted.tag])
    if wanted.type_name is not None:
        types = select(JobType.id).where(JobType.name == wanted.type_name)
        if wanted.type_version is not None:
            types = types.where(JobType.version == wanted.type_version)
        yield Job.job_type_id.in_(types)
    if wanted.is_alone:
        yield ~select(JobSetTask.job_id).where(JobSetTask.job_id == Job.id).exists()
    if wanted.since is not None:
        yield Job.created >= wanted.since
    if wanted.until is not None:
        yield Job.created <= wanted.until


def _with_standing(statement: Select[Any]) -> Select[Any]:
    """Join what the state of a job follows from."""
    return (
        statement.select_from(Job)
        .outerjoin(Error, Error.id == Job.error_id)
        .outerjoin(_original, _original.id == Job.duplicate_of)
        .outerjoin(_original_error, _original_error.id == _original.error_id)
    )


def read_work(connection: Connection, keys: Select[Any]) -> tuple[Work, ...]:
    """Return the jobs that a statement chooses by their ids, the newest first."""
    chosen = keys.subquery("chosen")
    statement = (
        _with_standing(
            select(
                *_STANDING,
                *(getattr(Job, name).label(f"job__{name}") for name in _PLAIN),
                _original.uid.label("original_uid"),
                JobType.name.label("type_name"),
                JobType.version.label("type_version"),
                JobType.docker_image,
                JobTypeRevision.interface,
                Error.title.label("error_title"),
                *_EXECUTION,
            )
        )
        .join(chosen, chosen.c.id == Job.id)
        .join(JobType, JobType.id == Job.job_type_id)
        .join(JobTypeRevision, JobTypeRevision.id == Job.job_type_rev_id)
        .outerjoin(_newest, true())
        .outerjoin(Node, Node.id == _newest.c.node_id)
        .order_by(Job.id.desc())
    )
    rows = connection.execute(statement).mappings().all()
    files = _files(connection, [row["execution__id"] for row in rows])
    return tuple(_work(row, files) for row in rows)


def _files(connection: Connection, job_exe_ids: Sequence[int | None]) -> list[WorkFile]:
    wanted = [each for each in job_exe_ids if each is not None]
    if not wanted:
        return []
    joined = {"workspace", "location"}
    plain = [getattr(ScaleFile, each.name) for each in fields(WorkFile) if each.name not in joined]
    statement = (
        select(*plain, Workspace.name.label("workspace"), Workspace.json_config)
        .join(Workspace, Workspace.id == ScaleFile.workspace_id)
        .where(has_id(ScaleFile.job_exe_id, wanted), ScaleFile.is_deleted.is_(False))
        .order_by(ScaleFile.id)
    )
    brokers: dict[str, Broker] = {}  # a workspace has many files
    found = []
    for row in connection.execute(statement).mappings():
        values = dict(row)
        config = values.pop("json_config")
        broker = brokers.get(row["workspace"]) or broker_of(config)
        brokers[row["workspace"]] = broker
        found.append(WorkFile(**values, location=broker.where(row["file_path"])))
    return found


def _work(row: RowMapping, files: Sequence[WorkFile]) -> Work:
    job_exe_id = row["execution__id"]
    names = ("original_uid", "type_name", "type_version", "docker_image", "interface")
    return Work(
        standing=_standing(row),
        error_name=row["error_name"],
        error_title=row["error_title"],
        execution=None
        if job_exe_id is None
        else WorkExecution(
            **{each.name: row[f"execution__{each.name}"] for each in fields(WorkExecution)}
        ),
        files=tuple(each for each in files if each.job_exe_id == job_exe_id),
        **{name: row[f"job__{name}"] for name in _PLAIN},
        **{name: row[name] for name in names},
    )


def _standing(row: RowMapping) -> Standing:
    original = None if row["original_status"] is None else _state(row, "original_")
    return Standing(_state(row), original)


def _state(row: RowMapping, prefix: str = "") -> JobState:
    return state_of(
        Evidence(
            status=row[f"{prefix}status"],
            error_name=row[f"{prefix}error_name"],
            num_exes=row[f"{prefix}num_exes"],
            has_started=row[f"{prefix}started"] is not None,
            is_duplicate=row[f"{prefix}duplicate_of"] is not None,
            is_archived=row[f"{prefix}archived"] is not None,
        )
    )
