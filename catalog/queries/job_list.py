"""The list of jobs a person looks through: little of each job, found by what people ask for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Text, exists, select, type_coerce

from catalog.database import Database
from catalog.queries.keyset import Slice, SliceRequest
from catalog.queries.listing import Condition, Listing, any_of
from catalog.queries.shape import Shape
from catalog.states import ErrorCategory, ExecutionStatus, JobStatus
from catalog.tables import Error, Job, JobExecution, JobType, Recipe, RecipeJob, RecipeType


@dataclass(frozen=True, slots=True)
class TypeName:
    """The type of a job."""

    id: int
    name: str
    version: str
    title: str | None
    is_system: bool


@dataclass(frozen=True, slots=True)
class ErrorName:
    """The error that a job ended with."""

    id: int
    name: str
    title: str | None
    category: ErrorCategory


@dataclass(frozen=True, slots=True)
class JobLine:
    """A job in the list."""

    id: int
    status: JobStatus
    reason: str | None
    priority: int
    num_exes: int
    max_tries: int
    created: datetime
    queued: datetime | None
    started: datetime | None
    ended: datetime | None
    job_type: TypeName
    error: ErrorName | None


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a job in a recipe."""

    recipe_id: int
    job_name: str
    recipe_type: str
    recipe_version: str


@dataclass(frozen=True, slots=True)
class JobListFilter:
    """Which jobs are wanted; None and empty ask for nothing.

    Parameters
    ----------
    since
        Jobs whose status changed at or after this time.
    node_id
        Jobs that run on this node now.
    own_only
        Whether the jobs of system job types, such as Strike processes, are left out.
    """

    statuses: Sequence[str] = ()
    job_type_id: int | None = None
    category: str | None = None
    error_id: int | None = None
    recipe_id: int | None = None
    node_id: int | None = None
    since: datetime | None = None
    own_only: bool = False

    def conditions(self, connection: Connection) -> list[Condition]:
        """Return the conditions on a job."""
        found = any_of(type_coerce(Job.status, Text), self.statuses)
        if self.job_type_id is not None:
            found.append(Job.job_type_id == self.job_type_id)
        if self.category is not None:
            # By their ids, so that it is known beforehand how many jobs have such an error.
            found.append(Job.error_id.in_(_errors_of(connection, self.category)))
        if self.error_id is not None:
            found.append(Job.error_id == self.error_id)
        if self.recipe_id is not None:
            places = select(RecipeJob.job_id).where(RecipeJob.recipe_id == self.recipe_id)
            found.append(Job.id.in_(places))
        if self.node_id is not None:
            found.append(_runs_on(self.node_id))
        if self.since is not None:
            found.append(Job.last_status_change >= self.since)
        if self.own_only:
            found.append(Job.job_type_id.not_in(select(JobType.id).where(JobType.is_system)))
        return found


_LINES: Final = Listing(
    noun="job",
    root=Job,
    shape=Shape(JobLine, Job, job_type=Shape(TypeName, JobType), error=Shape(ErrorName, Error)),
    joins=((JobType, JobType.id == Job.job_type_id), (Error, Error.id == Job.error_id)),
)


class JobListQueries:
    """Reads the list of jobs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def slice(
        self, request: SliceRequest, wanted: JobListFilter
    ) -> tuple[Slice[JobLine], dict[int, Place]]:
        """Return some jobs, newest first, and the places of those that belong to recipes."""
        with self._database.reading() as connection:
            found = _LINES.slice(connection, request, *wanted.conditions(connection))
            return found, _places(connection, [job.id for job in found.rows])

    def place(self, job_id: int) -> Place | None:
        """Return the place of a job in its recipe; None for a job of its own."""
        with self._database.reading() as connection:
            return _places(connection, [job_id]).get(job_id)

    def types(self) -> tuple[TypeName, ...]:
        """Return the job types there are, by name and version."""
        columns: list[Any] = [
            JobType.id, JobType.name, JobType.version, JobType.title, JobType.is_system,
        ]  # fmt: skip
        statement = select(*columns).order_by(JobType.name, JobType.version)
        with self._database.reading() as connection:
            return tuple(TypeName(*row) for row in connection.execute(statement))


def _errors_of(connection: Connection, category: str) -> Sequence[int]:
    statement = select(Error.id).where(type_coerce(Error.category, Text) == category)
    return connection.scalars(statement).all()


def _places(connection: Connection, job_ids: Sequence[int]) -> dict[int, Place]:
    rows = connection.execute(
        select(
            RecipeJob.job_id,
            RecipeJob.recipe_id,
            RecipeJob.job_name,
            RecipeType.name,
            RecipeType.version,
        )
        .join(Recipe, Recipe.id == RecipeJob.recipe_id)
        .join(RecipeType, RecipeType.id == Recipe.recipe_type_id)
        .where(RecipeJob.job_id.in_(job_ids))
    )
    return {row.job_id: Place(*row[1:]) for row in rows}


def _runs_on(node_id: int) -> Condition:
    return exists(
        select(JobExecution.id).where(
            JobExecution.job_id == Job.id,
            JobExecution.node_id == node_id,
            JobExecution.status == ExecutionStatus.RUNNING,
        )
    )
