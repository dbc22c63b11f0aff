"""The list of recipes a person looks through, each with how its jobs stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from catalog.database import Database
from catalog.queries.keyset import Slice, SliceRequest
from catalog.queries.listing import Condition
from catalog.queries.recipe_rows import RECIPES, RecipeRow
from catalog.states import JobStatus
from catalog.tables import Job, Recipe, RecipeJob, RecipeType

Counts = Mapping[JobStatus, int]


@dataclass(frozen=True, slots=True)
class RecipeListFilter:
    """Which recipes are wanted; None asks for nothing."""

    recipe_type_id: int | None = None
    is_completed: bool | None = None

    def conditions(self) -> list[Condition]:
        """Return the conditions on a recipe."""
        found: list[Condition] = []
        if self.recipe_type_id is not None:
            found.append(Recipe.recipe_type_id == self.recipe_type_id)
        if self.is_completed is not None:
            ended = Recipe.completed
            found.append(ended.is_not(None) if self.is_completed else ended.is_(None))
        return found


class RecipeListQueries:
    """Reads the list of recipes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def slice(
        self, request: SliceRequest, wanted: RecipeListFilter
    ) -> tuple[Slice[RecipeRow], Mapping[int, Counts]]:
        """Return some recipes, newest first, and how many of their jobs have each status."""
        with self._database.reading() as connection:
            found = RECIPES.slice(connection, request, *wanted.conditions())
            return found, _counts(connection, [recipe.id for recipe in found.rows])

    def types(self) -> tuple[tuple[int, str], ...]:
        """Return the ids of the recipe types with their titles and versions, by name."""
        statement = select(RecipeType.id, RecipeType.title, RecipeType.version).order_by(
            RecipeType.name, RecipeType.version
        )
        with self._database.reading() as connection:
            return tuple(
                (row.id, f"{row.title} {row.version}") for row in connection.execute(statement)
            )


def _counts(connection: Connection, recipe_ids: Sequence[int]) -> dict[int, dict[JobStatus, int]]:
    rows = connection.execute(
        select(RecipeJob.recipe_id, Job.status, func.count())
        .join(Job, Job.id == RecipeJob.job_id)
        .where(RecipeJob.recipe_id.in_(recipe_ids))
        .group_by(RecipeJob.recipe_id, Job.status)
    )
    counts: dict[int, dict[JobStatus, int]] = {}
    for recipe_id, status, count in rows:
        counts.setdefault(recipe_id, {})[status] = count
    return counts
