"""What the overview page shows: how much there is of everything, and the newest products."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from sqlalchemy import Connection, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute

from catalog.database import Database
from catalog.states import ErrorCategory, FileKind, IngestStatus, JobStatus
from catalog.tables import (
    Error,
    Ingest,
    Job,
    JobType,
    Recipe,
    RecipeJob,
    RecipeType,
    ScaleFile,
    Strike,
    Workspace,
)

KeyT = TypeVar("KeyT")
LATEST: Final = 20


@dataclass(frozen=True, slots=True)
class LatestProduct:
    """A product with the names of what made it; size in bytes, no recipe for a lone job."""

    id: int
    file_name: str
    file_size: int
    media_type: str
    center_point: str | None
    published: datetime
    workspace: str
    job_id: int
    job_name: str | None
    job_type_name: str
    job_type_version: str
    recipe_id: int | None
    recipe_type: str | None
    recipe_version: str | None


@dataclass(frozen=True, slots=True)
class Overview:
    """Counts of everything, and the newest products, newest first."""

    sources: int
    products: int
    ingests: Mapping[IngestStatus, int]
    recipes_completed: int
    recipes_open: int
    jobs: Mapping[JobStatus, int]
    failures: Mapping[ErrorCategory, int]
    workspaces: int
    strikes: int
    recipe_types: int
    latest: tuple[LatestProduct, ...]


class OverviewQueries:
    """Reads the overview in a fixed number of queries."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self) -> Overview:
        """Return the overview of this moment."""
        with self._database.reading() as connection:
            files = _counts(connection, _files())
            completed, total = connection.execute(
                select(func.count(Recipe.completed), func.count())
            ).one()
            return Overview(
                sources=files.get(FileKind.SOURCE, 0),
                products=files.get(FileKind.PRODUCT, 0),
                ingests=_counts(
                    connection, select(Ingest.status, func.count()).group_by(Ingest.status)
                ),
                recipes_completed=completed,
                recipes_open=total - completed,
                jobs=_counts(connection, _jobs(Job.status)),
                failures=_counts(
                    connection,
                    _jobs(Error.category)
                    .join(Error, Error.id == Job.error_id)
                    .where(Job.status == JobStatus.FAILED),
                ),
                workspaces=_count(connection, Workspace.is_active),
                strikes=_count(connection, Strike.is_active),
                recipe_types=_count(connection, RecipeType.is_active),
                latest=_latest(connection),
            )


def _files() -> Select[FileKind, int]:
    """Count sources and published products."""
    return (
        select(ScaleFile.kind, func.count())
        .where(ScaleFile.is_published | (ScaleFile.kind == FileKind.SOURCE))
        .group_by(ScaleFile.kind)
    )


def _jobs(key: InstrumentedAttribute[KeyT]) -> Select[KeyT, int]:
    """Count the jobs of users' own job types by a column."""
    return (
        select(key, func.count())
        .select_from(Job)
        .join(JobType, JobType.id == Job.job_type_id)
        .where(JobType.is_system.is_(False))
        .group_by(key)
    )


def _counts(connection: Connection, statement: Select[KeyT, int]) -> dict[KeyT, int]:
    return {key: count for key, count in connection.execute(statement)}  # noqa: C416  # typed Rows


def _count(connection: Connection, condition: InstrumentedAttribute[bool]) -> int:
    return connection.execute(select(func.count()).where(condition)).scalar_one()


def _latest(connection: Connection) -> tuple[LatestProduct, ...]:
    newest = (
        select(ScaleFile.id)
        .where(ScaleFile.kind == FileKind.PRODUCT, ScaleFile.is_published)
        .order_by(ScaleFile.id.desc())
        .limit(LATEST)
        .subquery()
    )
    rows = connection.execute(
        select(
            ScaleFile.id,
            ScaleFile.file_name,
            ScaleFile.file_size,
            ScaleFile.media_type,
            ScaleFile.center_point,
            ScaleFile.published,
            Workspace.title.label("workspace"),
            ScaleFile.job_id,
            RecipeJob.job_name,
            JobType.name.label("job_type_name"),
            JobType.version.label("job_type_version"),
            Recipe.id.label("recipe_id"),
            RecipeType.name.label("recipe_type"),
            RecipeType.version.label("recipe_version"),
        )
        .join(newest, newest.c.id == ScaleFile.id)
        .join(Workspace, Workspace.id == ScaleFile.workspace_id)
        .join(JobType, JobType.id == ScaleFile.job_type_id)
        .outerjoin(RecipeJob, RecipeJob.job_id == ScaleFile.job_id)
        .outerjoin(Recipe, Recipe.id == RecipeJob.recipe_id)
        .outerjoin(RecipeType, RecipeType.id == Recipe.recipe_type_id)
        .order_by(ScaleFile.id.desc())
    )
    return tuple(LatestProduct(**row) for row in rows.mappings())
