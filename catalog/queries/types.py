"""Lists and details of job types and recipe types (seed 001, Job Type and Recipe Type Services)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, func, select, tuple_

from catalog.database import Database
from catalog.queries.keyset import Slice, SliceRequest
from catalog.queries.listing import Listing, Page, PageRequest, any_of
from catalog.queries.parts import (
    JOB_TYPE_ROW,
    RECIPE_TYPE_REV_ROW,
    RULE,
    JobTypeBrief,
    JobTypeRow,
    RecipeTypeRevisionRow,
    RuleRow,
)
from catalog.queries.shape import Shape
from catalog.records.configuration import ErrorRecord, RecipeTypeRecord
from catalog.records.convert import to_record
from catalog.states import ErrorCategory, JobStatus
from catalog.tables import Error, Job, JobType, RecipeType, RecipeTypeRevision, TriggerRule

_BY_NAME: Final = ("name", "version")
_MOST_REVISIONS: Final = 100
_WINDOWS_HOURS: Final = (6, 12, 24)


@dataclass(frozen=True, slots=True)
class JobCount:
    """Jobs of one status and category of error, and when one last came to it."""

    status: JobStatus
    category: ErrorCategory | None
    count: int
    most_recent: datetime


@dataclass(frozen=True, slots=True)
class _JobTypeWithRule(JobTypeRow):
    interface: dict[str, Any]
    error_mapping: dict[str, Any]
    trigger_rule: RuleRow | None


@dataclass(frozen=True, slots=True)
class JobTypeDetailRow(_JobTypeWithRule):
    """A job type with its documents, errors, and counts of jobs by their last change."""

    errors: tuple[ErrorRecord, ...]
    job_counts_6h: tuple[JobCount, ...]
    job_counts_12h: tuple[JobCount, ...]
    job_counts_24h: tuple[JobCount, ...]


@dataclass(frozen=True, slots=True)
class JobTypeWithInterface(JobTypeBrief):
    """A job type that a recipe type uses."""

    interface: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _RecipeTypeWithRule(RecipeTypeRecord):
    trigger_rule: RuleRow | None


@dataclass(frozen=True, slots=True)
class RecipeTypeDetailRow(_RecipeTypeWithRule):
    """A recipe type with its rule and the job types it uses."""

    job_types: tuple[JobTypeWithInterface, ...]


_JOB_TYPES: Final = Listing("job type", JobType, JOB_TYPE_ROW, default_order=_BY_NAME)
_JOB_TYPE_DETAILS: Final = Listing(
    noun="job type",
    root=JobType,
    shape=Shape(_JobTypeWithRule, JobType, trigger_rule=RULE),
    joins=((TriggerRule, TriggerRule.id == JobType.trigger_rule_id),),
)
_USED_JOB_TYPES: Final = Listing("job type", JobType, Shape(JobTypeWithInterface, JobType))
_RECIPE_TYPES: Final = Listing(
    "recipe type", RecipeType, Shape(RecipeTypeRecord, RecipeType), default_order=_BY_NAME
)
_RECIPE_TYPE_DETAILS: Final = Listing(
    noun="recipe type",
    root=RecipeType,
    shape=Shape(_RecipeTypeWithRule, RecipeType, trigger_rule=RULE),
    joins=((TriggerRule, TriggerRule.id == RecipeType.trigger_rule_id),),
)
_ERRORS: Final = Listing("error", Error, Shape(ErrorRecord, Error))


class JobTypeQueries:
    """Reads job types."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(
        self, request: PageRequest, names: Sequence[str] = (), categories: Sequence[str] = ()
    ) -> Page[JobTypeRow]:
        """Return a page of job types, of these names and categories if any are given."""
        where = [*any_of(JobType.name, names), *any_of(JobType.category, categories)]
        with self._database.reading_page(request.page) as connection:
            return _JOB_TYPES.page(connection, request, *where)

    def slice(self, request: SliceRequest) -> Slice[JobTypeRow]:
        """Return some job types, newest first."""
        with self._database.reading() as connection:
            return _JOB_TYPES.slice(connection, request)

    def one(self, job_type_id: int) -> JobTypeDetailRow:
        """Return a job type with everything about it, or raise `NotFoundError`."""
        with self._database.reading() as connection:
            job_type = _JOB_TYPE_DETAILS.one(connection, job_type_id)
            names = sorted(set(job_type.error_mapping.get("exit_codes", {}).values()))
            six, twelve, day = _job_counts(connection, job_type_id)
            return to_record(
                JobTypeDetailRow,
                job_type,
                errors=_ERRORS.every(connection, Error.name.in_(names), order=("name",)),
                job_counts_6h=six,
                job_counts_12h=twelve,
                job_counts_24h=day,
            )


class RecipeTypeQueries:
    """Reads recipe types."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, request: PageRequest) -> Page[RecipeTypeRecord]:
        """Return a page of recipe types."""
        with self._database.reading_page(request.page) as connection:
            return _RECIPE_TYPES.page(connection, request)

    def slice(self, request: SliceRequest) -> Slice[RecipeTypeRecord]:
        """Return some recipe types, newest first."""
        with self._database.reading() as connection:
            return _RECIPE_TYPES.slice(connection, request)

    def revisions(self, recipe_type_id: int) -> tuple[RecipeTypeRevisionRow, ...]:
        """Return the newest revisions of a recipe type, newest first, at most 100."""
        shape = RECIPE_TYPE_REV_ROW
        statement = (
            select(*shape.columns())
            .where(RecipeTypeRevision.recipe_type_id == recipe_type_id)
            .order_by(RecipeTypeRevision.revision_num.desc())
            .limit(_MOST_REVISIONS)
        )
        with self._database.reading() as connection:
            return tuple(shape.read(row) for row in connection.execute(statement))

    def one(self, recipe_type_id: int) -> RecipeTypeDetailRow:
        """Return a recipe type with everything about it, or raise `NotFoundError`."""
        with self._database.reading() as connection:
            recipe_type = _RECIPE_TYPE_DETAILS.one(connection, recipe_type_id)
            used = {
                (job["job_type"]["name"], job["job_type"]["version"])
                for job in recipe_type.definition.get("jobs", ())
            }
            job_types = _USED_JOB_TYPES.every(
                connection,
                tuple_(JobType.name, JobType.version).in_(sorted(used)),
                order=_BY_NAME,
            )
            return to_record(RecipeTypeDetailRow, recipe_type, job_types=job_types)


def _job_counts(connection: Connection, job_type_id: int) -> Iterable[tuple[JobCount, ...]]:
    """Return the counts of jobs by status and category, for each window up to now."""
    now = datetime.now(UTC)
    since = [now - timedelta(hours=hours) for hours in _WINDOWS_HOURS]
    counts = [func.count().filter(Job.last_status_change >= moment) for moment in since]
    rows = connection.execute(
        select(Job.status, Error.category, func.max(Job.last_status_change), *counts)
        .outerjoin(Error, Error.id == Job.error_id)
        .where(Job.job_type_id == job_type_id, Job.last_status_change >= min(since))
        .group_by(Job.status, Error.category)
        .order_by(Job.status, Error.category)
    ).all()
    return [
        tuple(
            JobCount(status, category, in_windows[window], most_recent)
            for status, category, most_recent, *in_windows in rows
            if in_windows[window]
        )
        for window in range(len(since))
    ]
