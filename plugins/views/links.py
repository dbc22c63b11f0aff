"""Where things are shown in Airflow, as paths below the server."""

from typing import Final

from catalog import dag_names
from catalog.queries.runs import Run

LONE_JOB_TASK: Final = "job"  # the one task of a job type's DAG


def run_path(run: Run) -> str:
    """Return the path of a run."""
    return f"/dags/{run.dag_id}/runs/{run.run_id}"


def task_path(run: Run, job_name: str | None) -> str:
    """Return the path of the task of a job; without a name it is not in a recipe."""
    task = LONE_JOB_TASK if job_name is None else dag_names.task_id(job_name)
    return f"{run_path(run)}/tasks/{task}"


def first_run_of_recipe(name: str, version: str, recipe_id: int) -> Run:
    """Return the first run of a recipe, which needs no look into the database."""
    return Run(dag_names.recipe_dag_id(name, version), dag_names.recipe_run_id(recipe_id))


def first_run_of_job(type_name: str, type_version: str, job_id: int) -> Run:
    """Return the first run of a job without a recipe, which needs no look into the database."""
    return Run(dag_names.job_dag_id(type_name, type_version), dag_names.job_run_id(job_id))
