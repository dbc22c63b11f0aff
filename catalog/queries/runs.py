"""The runs in Airflow that recipes and jobs of their own had."""

from dataclasses import dataclass

from sqlalchemy import select

from catalog import dag_names
from catalog.database import Database
from catalog.tables import Outbox, RecipeJob


@dataclass(frozen=True, slots=True)
class Run:
    """A run in Airflow, which is made soon if it was not yet."""

    dag_id: str
    run_id: str


class RunQueries:
    """Finds runs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_recipe(self, recipe_id: int) -> Run | None:
        """Return the newest run of a recipe; None if there never was one."""
        return self._newest(dag_names.recipe_run_id(recipe_id))

    def of_job(self, job_id: int) -> Run | None:
        """Return the newest run of a job that was queued on its own; None if there is none."""
        return self._newest(dag_names.job_run_id(job_id))

    def job_of_task(self, recipe_id: int, task_id: str) -> int | None:
        """Return the job of a recipe that is this task in Airflow; None if there is none."""
        statement = select(RecipeJob.job_name, RecipeJob.job_id).where(
            RecipeJob.recipe_id == recipe_id
        )
        with self._database.reading() as connection:
            rows = connection.execute(statement).all()
        return next(
            (row.job_id for row in rows if dag_names.task_id(row.job_name) == task_id), None
        )

    def _newest(self, subject: str) -> Run | None:
        statement = (
            select(Outbox.dag_id, Outbox.run_id)
            .where(Outbox.subject == subject)
            .order_by(Outbox.id.desc())
            .limit(1)
        )
        with self._database.reading() as connection:
            row = connection.execute(statement).first()
        return None if row is None else Run(row.dag_id, row.run_id)
