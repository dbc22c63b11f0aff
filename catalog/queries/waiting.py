"""Why a job is not running (contract section 5: "why is my job still queued?")."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, assert_never

from sqlalchemy import Connection, func, select

from catalog import dag_names
from catalog.database import Database
from catalog.errors import NotFoundError
from catalog.states import ExecutionStatus, JobStatus
from catalog.tables import (
    Job,
    JobExecution,
    JobType,
    Node,
    Outbox,
    Recipe,
    RecipeJob,
    RecipeTypeRevision,
    Scheduler,
)
from schemas.recipe_definition import RecipeDefinition

_LARGEST_ID: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Why:
    """How a job stands, and one sentence that says why."""

    id: int
    status: JobStatus
    why: str


@dataclass(frozen=True, slots=True)
class _Subject:
    """The job that is asked about, with its place in a recipe if it has one."""

    id: int
    status: JobStatus
    reason: str | None
    type_name: str
    type_version: str
    is_type_paused: bool
    recipe_id: int | None
    job_name: str | None


@dataclass(frozen=True, slots=True)
class _Parent:
    """A job that another waits for."""

    id: int
    name: str
    status: JobStatus


class WaitingQueries:
    """Explains why jobs wait."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def why(self, job_id: int) -> Why:
        """Return why a job is not running, or raise `NotFoundError`."""
        with self._database.reading() as connection:
            job = _subject(connection, job_id)
            return Why(job.id, job.status, _sentence(connection, job))


def _subject(connection: Connection, job_id: int) -> _Subject:
    if not 0 < job_id <= _LARGEST_ID:
        raise NotFoundError("job", job_id)
    row = connection.execute(
        select(
            Job.id,
            Job.status,
            Job.reason,
            JobType.name,
            JobType.version,
            JobType.is_paused,
            RecipeJob.recipe_id,
            RecipeJob.job_name,
        )
        .join(JobType, JobType.id == Job.job_type_id)
        .outerjoin(RecipeJob, RecipeJob.job_id == Job.id)
        .where(Job.id == job_id)
    ).first()
    if row is None:
        raise NotFoundError("job", job_id)
    return _Subject(*row)


def _sentence(connection: Connection, job: _Subject) -> str:
    match job.status:
        case JobStatus.PENDING:
            sentence = f"It waits for {_listed(_unfinished(connection, job))}."
        case JobStatus.BLOCKED:
            parents = _listed(_unfinished(connection, job))
            sentence = f"It is blocked by {parents}; requeue that first."
        case JobStatus.QUEUED:
            sentence = _queued(connection, job)
        case JobStatus.RUNNING:
            sentence = "It is running."
        case JobStatus.COMPLETED:
            sentence = "It has completed."
        case JobStatus.FAILED:
            sentence = f"It has failed and is not tried again until it is requeued: {job.reason}"
        case JobStatus.CANCELED:
            sentence = f"It was cancelled and does not run until it is requeued: {job.reason}"
        case _:
            assert_never(job.status)
    return sentence


def _unfinished(connection: Connection, job: _Subject) -> list[_Parent]:
    """Return the parents of a job that have not completed, by name."""
    definition = connection.execute(
        select(RecipeTypeRevision.definition)
        .join(Recipe, Recipe.recipe_type_rev_id == RecipeTypeRevision.id)
        .where(Recipe.id == job.recipe_id)
    ).scalar()
    if definition is None:
        return []
    places = RecipeDefinition.parse(definition).jobs
    names = [
        each.name for place in places if place.name == job.job_name for each in place.dependencies
    ]
    rows = connection.execute(
        select(Job.id, RecipeJob.job_name, Job.status)
        .join(RecipeJob, RecipeJob.job_id == Job.id)
        .where(
            RecipeJob.recipe_id == job.recipe_id,
            RecipeJob.job_name.in_(names),
            Job.status != JobStatus.COMPLETED,
        )
        .order_by(RecipeJob.job_name)
    )
    return [_Parent(*row) for row in rows]


def _listed(parents: Sequence[_Parent]) -> str:
    if not parents:
        return "the jobs before it"
    return ", ".join(f"job {each.id} ({each.name}), which is {each.status}" for each in parents)


def _queued(connection: Connection, job: _Subject) -> str:
    if connection.execute(select(Scheduler.is_paused)).scalar():
        return "The scheduler is paused; resume it with PATCH /scheduler/."
    if job.is_type_paused:
        return f"Its job type {job.type_name!r} version {job.type_version!r} is paused; resume it."
    paused = _paused_nodes(connection)
    if paused:
        return f"Every node is paused ({', '.join(paused)}); resume one with PATCH /nodes/{{id}}/."
    return _missing_run(connection, job) or _slots(connection)


def _paused_nodes(connection: Connection) -> list[str]:
    """Return the hostnames of the active nodes if all of them are paused."""
    nodes = connection.execute(
        select(Node.hostname, Node.is_paused).where(Node.is_active).order_by(Node.hostname)
    ).all()
    return [hostname for hostname, _ in nodes] if all(paused for _, paused in nodes) else []


def _missing_run(connection: Connection, job: _Subject) -> str | None:
    subject = (
        dag_names.job_run_id(job.id)
        if job.recipe_id is None
        else dag_names.recipe_run_id(job.recipe_id)
    )
    newest = connection.execute(
        select(Outbox.run_id, Outbox.dispatched, Outbox.problem)
        .where(Outbox.subject == subject)
        .order_by(Outbox.id.desc())
        .limit(1)
    ).first()
    if newest is None or newest.dispatched is not None:
        return None
    reason = f": {newest.problem}" if newest.problem else ", which takes a moment."
    return f"Airflow has not made its run {newest.run_id} yet{reason}"


def _slots(connection: Connection) -> str:
    running, queued = connection.execute(
        select(
            select(func.count())
            .where(JobExecution.status == ExecutionStatus.RUNNING)
            .scalar_subquery(),
            select(func.count()).where(Job.status == JobStatus.QUEUED).scalar_subquery(),
        )
    ).one()
    return (
        f"It waits until Airflow starts its task and a slot is free: {running} jobs are running"
        f" and {queued} are queued, this one among them."
    )
