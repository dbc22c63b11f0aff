"""Why a job is not running (contract section 5: "why is my job still queued?")."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, assert_never

from sqlalchemy import Connection, func, select

from catalog import dag_names
from catalog.database import Database
from catalog.errors import NotFoundError
from catalog.queries.admission import waiting_sentence
from catalog.states import JobStatus
from catalog.tables import (
    Job,
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
class AwaitedRun:
    """The DAG run that is to start a queued job, for whoever can look into Airflow.

    Parameters
    ----------
    is_made
        Whether the run was made.
    pool
        The pool of the job's type, in which its task is if it starts in a worker.
    """

    dag_id: str
    run_id: str
    is_made: bool
    pool: str


@dataclass(frozen=True, slots=True)
class Why:
    """How a job stands, and one sentence that says why.

    `run` is given where Airflow may know better: the job is queued, and waits in no triggerer.
    """

    id: int
    status: JobStatus
    why: str
    run: AwaitedRun | None = None


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
            if job.status is JobStatus.QUEUED:
                return _queued(connection, job)
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
            sentence = _queued(connection, job).why
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


def _queued(connection: Connection, job: _Subject) -> Why:
    run = None
    sentence = _paused(connection, job) or waiting_sentence(connection, job.id)
    if sentence is None:
        sentence, run = _not_started(connection, job)
    return Why(job.id, job.status, sentence, run)


def _paused(connection: Connection, job: _Subject) -> str | None:
    scheduler = connection.execute(select(Scheduler.is_paused, Scheduler.pause_reason)).first()
    if scheduler is not None and scheduler.is_paused:
        reason = f" ({scheduler.pause_reason})" if scheduler.pause_reason else ""
        return f"The scheduler is paused{reason}; resume it with PATCH /scheduler/."
    if job.is_type_paused:
        return f"Its job type {job.type_name!r} version {job.type_version!r} is paused; resume it."
    paused = _paused_nodes(connection)
    if paused:
        return f"Every node is paused ({', '.join(paused)}); resume one with PATCH /nodes/{{id}}/."
    return None


def _paused_nodes(connection: Connection) -> list[str]:
    """Return the hostnames of the active nodes if all of them are paused."""
    nodes = connection.execute(
        select(Node.hostname, Node.is_paused).where(Node.is_active).order_by(Node.hostname)
    ).all()
    return [hostname for hostname, _ in nodes] if all(paused for _, paused in nodes) else []


def _not_started(connection: Connection, job: _Subject) -> tuple[str, AwaitedRun | None]:
    """Return why no triggerer has the job yet, as far as the catalogue knows."""
    subject = (
        dag_names.job_run_id(job.id)
        if job.recipe_id is None
        else dag_names.recipe_run_id(job.recipe_id)
    )
    newest = connection.execute(
        select(Outbox.dag_id, Outbox.run_id, Outbox.dispatched, Outbox.problem)
        .where(Outbox.subject == subject)
        .order_by(Outbox.id.desc())
        .limit(1)
    ).first()
    if newest is None:
        return "Airflow was not asked to run it; requeue the job.", None
    pool = dag_names.job_dag_id(job.type_name, job.type_version)
    run = AwaitedRun(newest.dag_id, newest.run_id, newest.dispatched is not None, pool)
    if run.is_made:
        return _not_entered(connection, run), run
    reason = f": {newest.problem}" if newest.problem else ", which takes a moment."
    return f"Airflow has not made its run {run.run_id} yet{reason}", run


def _not_entered(connection: Connection, run: AwaitedRun) -> str:
    queued = connection.execute(
        select(func.count()).select_from(Job).where(Job.status == JobStatus.QUEUED)
    ).scalar_one()
    return (
        f"It waits until Airflow starts its task of the run {run.run_id}, which takes a moment:"
        f" {queued} jobs are queued, this one among them."
    )
