"""Lists and details of recipes (seed 001, Recipe Services)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection, select

from catalog.database import Database
from catalog.queries.file_rows import FileRow
from catalog.queries.files import files_by_id
from catalog.queries.inputs import file_ids_of
from catalog.queries.job_rows import RECIPE_JOBS, RecipeJobRow
from catalog.queries.listing import Listing, Page, PageRequest, any_of
from catalog.queries.recipe_rows import RECIPES, RECIPES_WITH_DATA, RecipeRow, RecipeWithData
from catalog.queries.tallies import Noun, Tallied, among, tallied_count
from catalog.records.convert import to_record
from catalog.tables import Job, Recipe, RecipeJob, RecipeType

RowT = TypeVar("RowT")


@dataclass(frozen=True, slots=True)
class JobInRecipe:
    """A job and its name in a recipe."""

    job_name: str
    job: RecipeJobRow


@dataclass(frozen=True, slots=True)
class RecipeDetailRow(RecipeWithData):
    """A recipe with its input files, and its jobs by name."""

    input_files: tuple[FileRow, ...]
    jobs: tuple[JobInRecipe, ...]


class RecipeQueries:
    """Reads recipes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(
        self, request: PageRequest, type_ids: Sequence[int] = (), type_names: Sequence[str] = ()
    ) -> Page[RecipeRow]:
        """Return a page of recipes, of these types if any are given."""
        return self.listed(RECIPES, request, type_ids, type_names)

    def listed(
        self,
        listing: Listing[RowT],
        request: PageRequest,
        type_ids: Sequence[int] = (),
        type_names: Sequence[str] = (),
    ) -> Page[RowT]:
        """Return a page of recipes, as a listing of them reads them."""
        with self._database.reading_page(request.page) as connection:
            types = _resolve(connection, type_ids, type_names)
            where = among(Recipe.recipe_type_id, types)
            count = tallied_count(Tallied(Noun.RECIPE, types), Recipe, request, where)
            return listing.page(connection, request, *where, count=count)

    def one(self, recipe_id: int) -> RecipeDetailRow:
        """Return a recipe with its input files and jobs, or raise `NotFoundError`."""
        with self._database.reading() as connection:
            recipe = RECIPES_WITH_DATA.one(connection, recipe_id)
            files = files_by_id(connection, file_ids_of(recipe.data, "input_data"))
            return to_record(
                RecipeDetailRow,
                recipe,
                input_files=tuple(files.values()),
                jobs=_jobs(connection, recipe_id),
            )


def _resolve(
    connection: Connection, ids: Sequence[int], names: Sequence[str]
) -> Sequence[int] | None:
    """Return the ids of the recipe types that are wanted; None for all of them."""
    if not names:
        return ids or None
    where = [*any_of(RecipeType.id, ids), *any_of(RecipeType.name, names)]
    return connection.scalars(select(RecipeType.id).where(*where)).all()


def _jobs(connection: Connection, recipe_id: int) -> tuple[JobInRecipe, ...]:
    places = connection.execute(
        select(RecipeJob.job_name, RecipeJob.job_id)
        .where(RecipeJob.recipe_id == recipe_id)
        .order_by(RecipeJob.job_id)
    ).all()
    ids = [place.job_id for place in places]
    jobs = {job.id: job for job in RECIPE_JOBS.every(connection, Job.id.in_(ids))}
    return tuple(JobInRecipe(place.job_name, jobs[place.job_id]) for place in places)
