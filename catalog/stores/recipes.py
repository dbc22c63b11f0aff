"""Stores of trigger events, and of the recipes that they start."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import bindparam, select

from catalog.records.work import RecipeJobRecord, RecipeRecord, TriggerEventRecord
from catalog.stores.bulk import insert_rows
from catalog.stores.store import Store, columns_of
from catalog.tables import Recipe, RecipeJob, RecipeType, TriggerEvent

_PLACE_OF_JOB: Final = select(RecipeJob.recipe_id, RecipeJob.job_name, RecipeJob.job_id).where(
    RecipeJob.job_id == bindparam("job_id")
)
_RECIPE_OF_JOB: Final = (
    select(*columns_of(Recipe, RecipeRecord))
    .where(Recipe.id == RecipeJob.recipe_id, RecipeJob.job_id == bindparam("job_id"))
    .with_for_update(of=Recipe)
)
_TYPE_OF_JOB: Final = (
    select(RecipeType.name, RecipeType.version)
    .join(Recipe, Recipe.recipe_type_id == RecipeType.id)
    .join(RecipeJob, RecipeJob.recipe_id == Recipe.id)
    .where(RecipeJob.job_id == bindparam("job_id"))
)


class EventStore(Store[TriggerEventRecord]):
    """Rows of trigger events."""

    table = TriggerEvent
    record = TriggerEventRecord
    noun = "trigger event"


class RecipeStore(Store[RecipeRecord]):
    """Rows of recipes and of the places of jobs in them."""

    table = Recipe
    record = RecipeRecord
    noun = "recipe"

    def place(self, job_name: str, job_ids: Mapping[int, int]) -> None:
        """Put a job at the place of this name in each recipe: recipe id to job id."""
        rows = [
            {"recipe_id": recipe_id, "job_name": job_name, "job_id": job_id}
            for recipe_id, job_id in job_ids.items()
        ]
        if rows:
            self._session.execute(insert_rows(RecipeJob, rows))

    def of_job(self, job_id: int) -> RecipeJobRecord | None:
        """Return the place of a job, or None for a job that was queued on its own."""
        row = self._session.execute(_PLACE_OF_JOB, {"job_id": job_id}).first()
        return None if row is None else RecipeJobRecord(*row)

    def jobs(self, recipe_id: int) -> dict[str, int]:
        """Return the ids of the jobs of a recipe, by their names in it."""
        rows = self._session.execute(
            select(RecipeJob.job_name, RecipeJob.job_id).where(RecipeJob.recipe_id == recipe_id)
        )
        return {name: job_id for name, job_id in rows}  # noqa: C416  # a Row is no tuple to mypy

    def type_of_job(self, job_id: int) -> tuple[str, str] | None:
        """Return name and version of the type of a job's recipe; None for a job in none."""
        row = self._session.execute(_TYPE_OF_JOB, {"job_id": job_id}).first()
        return None if row is None else (row.name, row.version)

    def lock_of_job(self, job_id: int) -> RecipeRecord | None:
        """Return the recipe of a job, locked as by `lock`; None for a job that is in none."""
        return next(iter(self._records(_RECIPE_OF_JOB, job_id=job_id)), None)
