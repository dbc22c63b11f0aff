"""Reading jobs with everything they refer to: the statements, and the records made of their rows.

Statements are made once: SQLAlchemy looks through their hundred columns only then.
"""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Connection,
    RowMapping,
    Select,
    any_,
    bindparam,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from catalog.brokers import Broker, broker_of
from catalog.job_states import Evidence, JobState, state_of
from catalog.queries.work_rows import Standing, Work, WorkExecution, WorkFile
from catalog.tables import (
    Error,
    Job,
    JobExecution,
    JobType,
    JobTypeRevision,
    Node,
    ScaleFile,
    Workspace,
)

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


def _with_standing(statement: Select[Any]) -> Select[Any]:
    """Join what the state of a job follows from."""
    return (
        statement.select_from(Job)
        .outerjoin(Error, Error.id == Job.error_id)
        .outerjoin(_original, _original.id == Job.duplicate_of)
        .outerjoin(_original_error, _original_error.id == _original.error_id)
    )


def _works(keys: Select[Any]) -> Select[Any]:
    """Return the statement that reads the jobs another chooses, the newest first."""
    chosen = keys.subquery("chosen")
    return (
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


def _files() -> Select[Any]:
    """Return the statement that reads the files of executions."""
    joined = {"workspace", "location"}
    plain = [getattr(ScaleFile, each.name) for each in fields(WorkFile) if each.name not in joined]
    return (
        select(*plain, Workspace.name.label("workspace"), Workspace.json_config)
        .join(Workspace, Workspace.id == ScaleFile.workspace_id)
        .where(ScaleFile.job_exe_id == _IDS, ScaleFile.is_deleted.is_(False))
        .order_by(ScaleFile.id)
    )


_IDS: Final = any_(bindparam("ids", type_=ARRAY(BigInteger)))
_BY_UID: Final = _works(select(Job.id).where(Job.uid == bindparam("uid")))
_BY_IDS: Final = _works(select(Job.id).where(Job.id == _IDS))
_STANDING_OF: Final = _with_standing(select(*_STANDING)).where(Job.uid == bindparam("uid"))
_FILES: Final = _files()


def read_standing(connection: Connection, uid: UUID) -> Standing | None:
    """Return how a job stands; None if there is none."""
    row = connection.execute(_STANDING_OF, {"uid": uid}).mappings().first()
    return None if row is None else _standing(row)


def read_one(connection: Connection, uid: UUID, *, with_files: bool) -> Work | None:
    """Return a job, without its files if they are not needed; None if there is none."""
    row = connection.execute(_BY_UID, {"uid": uid}).mappings().first()
    if row is None:
        return None
    return _work(row, read_files(connection, [row["execution__id"]]) if with_files else [])


def read_these(connection: Connection, job_ids: Sequence[int]) -> tuple[Work, ...]:
    """Return jobs by their ids in the catalogue, the newest first."""
    return _read(connection, _BY_IDS, {"ids": list(job_ids)}) if job_ids else ()


def read_chosen(connection: Connection, keys: Select[Any]) -> tuple[Work, ...]:
    """Return the jobs that a statement chooses by their ids, the newest first."""
    return _read(connection, _works(keys), {})


def read_files(connection: Connection, job_exe_ids: Sequence[int | None]) -> list[WorkFile]:
    """Return the files that executions made and nobody deleted."""
    wanted = [each for each in job_exe_ids if each is not None]
    if not wanted:
        return []
    brokers: dict[str, Broker] = {}  # a workspace has many files
    found = []
    for row in connection.execute(_FILES, {"ids": wanted}).mappings():
        values = dict(row)
        config = values.pop("json_config")
        broker = brokers.get(row["workspace"]) or broker_of(config)
        brokers[row["workspace"]] = broker
        found.append(WorkFile(**values, location=broker.where(row["file_path"])))
    return found


def _read(
    connection: Connection, statement: Select[Any], values: dict[str, Any]
) -> tuple[Work, ...]:
    rows = connection.execute(statement, values).mappings().all()
    files = read_files(connection, [row["execution__id"] for row in rows])
    return tuple(_work(row, files) for row in rows)


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
