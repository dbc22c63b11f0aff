"""The newest products, with the names of what made them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from catalog.states import FileKind
from catalog.tables import JobType, Recipe, RecipeJob, RecipeType, ScaleFile, Workspace

LATEST: Final = 10


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


def latest_products(connection: Connection) -> tuple[LatestProduct, ...]:
    """Return the newest published products, newest first."""
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
