"""Making jobs and recipes, inside the transaction of whatever asked for them.

A recipe makes all its jobs at once, pinned to the revisions of that moment; jobs without parents
are queued, the others wait (contract section 4, Recipe).
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from catalog import dag_names
from catalog.errors import InvalidError
from catalog.records.configuration import JobTypeRecord, RecipeTypeRecord
from catalog.records.work import JobRecord, RecipeRecord
from catalog.services.feeding import give_data, job_data_of
from catalog.services.inputs import check_media_types, input_files
from catalog.services.lifecycle import queue_job
from catalog.services.resources import resources_of
from catalog.states import JobStatus
from catalog.stores.unit_of_work import UnitOfWork
from schemas.job_data import JobData, check_job_data
from schemas.job_interface import JobInterface
from schemas.recipe_data import RecipeData, check_recipe_data
from schemas.recipe_definition import RecipeDefinition, RecipeJob


def create_recipe(
    tx: UnitOfWork, recipe_type: RecipeTypeRecord, data: RecipeData, event_id: int
) -> RecipeRecord:
    """Make a recipe with all its jobs, queue those without parents, and ask for its DAG run.

    A recipe without jobs is complete at once.

    Raises
    ------
    InvalidError
        Raised if the data does not fit the definition.
    """
    definition = RecipeDefinition.parse(recipe_type.definition)
    types = _job_types(tx, definition)
    _check_recipe(tx, definition, types, data)
    revision = tx.recipe_types.revision(recipe_type.id, recipe_type.revision_num)
    recipe = tx.recipes.add(
        recipe_type_id=recipe_type.id,
        recipe_type_rev_id=revision.id,
        event_id=event_id,
        data=data.to_json(),
    )
    jobs = {
        place.name: _add_recipe_job(tx, recipe, place, types[place.name], event_id)
        for place in definition.topological_jobs()
    }
    for place in definition.jobs:
        if not place.dependencies:
            given = job_data_of(place, data, {}, types[place.name])
            queue_job(tx, give_data(tx, jobs[place.name], types[place.name], given))
    if not jobs:
        return tx.recipes.update(recipe.id, {"completed": datetime.now(UTC)})
    tx.outbox.add(
        dag_names.recipe_dag_id(recipe_type.name, recipe_type.version),
        dag_names.recipe_run_id(recipe.id),
        recipe_type.revision_num,
        {
            "recipe_id": recipe.id,
            "jobs": {dag_names.task_id(name): job.id for name, job in jobs.items()},
        },
    )
    return recipe


def create_job(
    tx: UnitOfWork,
    job_type: JobTypeRecord,
    data: JobData,
    event_id: int,
    columns: Mapping[str, object] | None = None,
) -> JobRecord:
    """Make a job on its own, queue it, and ask for its DAG run.

    Parameters
    ----------
    columns
        Further columns of the job, and those that differ from its type.

    Raises
    ------
    InvalidError
        Raised if the data does not fit the interface.
    """
    interface = JobInterface.parse(job_type.interface)
    problems = check_job_data(interface, data)
    if problems:
        raise InvalidError("; ".join(f"{each.path}: {each.sentence}" for each in problems))
    check_media_types(interface.inputs, input_files(tx, data.inputs))
    for name, workspace_id in data.output_workspaces.items():
        if not tx.workspaces.get_many([workspace_id]):
            raise InvalidError(
                f"Output {name!r} names workspace {workspace_id}, which does not exist."
                " Give the id of a workspace."
            )
    job = give_data(tx, add_job(tx, job_type, event_id, columns), job_type, data)
    tx.outbox.add(
        dag_names.job_dag_id(job_type.name, job_type.version),
        dag_names.job_run_id(job.id),
        None,  # every revision has the same one task
        {"jobs": {"job": job.id}},
    )
    return queue_job(tx, job)


def _job_types(tx: UnitOfWork, definition: RecipeDefinition) -> dict[str, JobTypeRecord]:
    types = {}
    for place in definition.jobs:
        found = tx.job_types.find(place.job_type_name, place.job_type_version)
        if found is None:
            raise InvalidError(
                f"Recipe job {place.name!r} runs job type {place.job_type_name!r} version"
                f" {place.job_type_version!r}, which does not exist. Create the job type first."
            )
        types[place.name] = found
    return types


def _check_recipe(
    tx: UnitOfWork,
    definition: RecipeDefinition,
    types: Mapping[str, JobTypeRecord],
    data: RecipeData,
) -> None:
    produces_files = any(each.interface.get("output_data") for each in types.values())
    problems = check_recipe_data(definition, data, needs_workspace=produces_files)
    if problems:
        raise InvalidError("; ".join(f"{each.path}: {each.sentence}" for each in problems))
    check_media_types(definition.inputs, input_files(tx, data.inputs))
    if data.workspace_id is not None and not tx.workspaces.get_many([data.workspace_id]):
        raise InvalidError(
            f"The recipe data names workspace {data.workspace_id}, which does not exist."
            " Give the id of a workspace."
        )


def _add_recipe_job(
    tx: UnitOfWork, recipe: RecipeRecord, place: RecipeJob, job_type: JobTypeRecord, event_id: int
) -> JobRecord:
    job = add_job(tx, job_type, event_id)
    tx.recipes.place(recipe.id, place.name, job.id)
    return job


def add_job(
    tx: UnitOfWork,
    job_type: JobTypeRecord,
    event_id: int,
    columns: Mapping[str, object] | None = None,
) -> JobRecord:
    """Make a job that waits; nobody is asked to run it."""
    need = resources_of(job_type, ())
    values: dict[str, object] = {
        "priority": job_type.priority,
        "timeout": job_type.timeout,
        "max_tries": job_type.max_tries,
        "cpus_required": need.cpus,
        "mem_required": need.mem,
        "data": JobData(inputs={}, output_workspaces={}).to_json(),
        "results": {"version": "1.0", "output_data": []},
    }
    return tx.jobs.add(
        job_type_id=job_type.id,
        job_type_rev_id=tx.job_types.revision(job_type.id, job_type.revision_num).id,
        event_id=event_id,
        status=JobStatus.PENDING,
        **{**values, **(columns or {})},
    )
