"""Queueing work by hand (seed 001, Queue Services)."""

from catalog.database import Database
from catalog.errors import InvalidError
from catalog.records.work import JobRecord, RecipeRecord
from catalog.services.creation import create_job, create_recipe
from catalog.states import EventType
from schemas.job_data import JobData
from schemas.problems import DocumentError
from schemas.recipe_data import RecipeData


class QueueService:
    """Puts jobs and recipes on the queue for a person."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def new_recipe(self, recipe_type_id: int, recipe_data: object, user: str) -> RecipeRecord:
        """Create a recipe and queue its first jobs.

        Parameters
        ----------
        recipe_data
            Recipe Data document, version 1.0.
        user
            Name of the person who asks; kept with the event.

        Raises
        ------
        NotFoundError
            Raised if the recipe type does not exist.
        InvalidError
            Raised if the data is not valid or does not fit the recipe type.
        """
        try:
            data = RecipeData.parse(recipe_data)
        except DocumentError as error:
            raise InvalidError(str(error)) from error
        with self._database.transaction() as tx:
            recipe_type = tx.recipe_types.get(recipe_type_id)
            if not recipe_type.is_active:
                raise InvalidError(
                    f"Recipe type {recipe_type.name!r} version {recipe_type.version!r} is archived."
                    " Queue a version that is active."
                )
            event = tx.events.add(type=EventType.USER, rule_id=None, description={"user": user})
            return create_recipe(tx, recipe_type, data, event.id)

    def new_job(self, job_type_id: int, job_data: object, user: str) -> JobRecord:
        """Create a job on its own and queue it; parameters and errors as for `new_recipe`."""
        try:
            data = JobData.parse(job_data)
        except DocumentError as error:
            raise InvalidError(str(error)) from error
        with self._database.transaction() as tx:
            job_type = tx.job_types.get(job_type_id)
            if job_type.is_system or not job_type.is_active:
                raise InvalidError(
                    f"Job type {job_type.name!r} version {job_type.version!r} is archived or a"
                    " system type. Queue an active type of your own."
                )
            event = tx.events.add(type=EventType.USER, rule_id=None, description={"user": user})
            return create_job(tx, job_type, data, event.id, {"user_name": user})
