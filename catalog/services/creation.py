"""Making jobs and recipes, inside the transaction of whatever asked for them.

A recipe makes all its jobs at once, pinned to the revisions of that moment; jobs without parents
are queued, the others wait (contract section 4, Recipe).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from catalog import dag_names
from catalog.errors import InvalidError
from catalog.records.configuration import JobTypeRecord, RecipeTypeRecord
from catalog.records.files import FileRecord
from catalog.records.work import JobRecord, RecipeRecord, RunRequest
from catalog.services.feeding import give_data, job_data_of, output_names
from catalog.services.inputs import check_media_types, checked_files, files_of, input_files
from catalog.services.lifecycle import add_executions, queue_job
from catalog.services.resources import resources_of
from catalog.states import JobStatus
from catalog.stores.unit_of_work import UnitOfWork
from schemas.job_data import JobData, check_job_data
from schemas.job_interface import JobInterface
from schemas.recipe_data import RecipeData, check_recipe_data
from schemas.recipe_definition import RecipeDefinition, RecipeJob


@dataclass(frozen=True, slots=True)
class RecipeOrder:
    """A recipe that is to be made: its data, and the event that asks for it."""

    data: RecipeData
    event_id: int


def create_recipe(
    tx: UnitOfWork, recipe_type: RecipeTypeRecord, data: RecipeData, event_id: int
) -> RecipeRecord:
    """Make one recipe, as `create_recipes` does."""
    return create_recipes(tx, recipe_type, [RecipeOrder(data, event_id)])[0]


def create_recipes(
    tx: UnitOfWork, recipe_type: RecipeTypeRecord, orders: Sequence[RecipeOrder]
) -> list[RecipeRecord]:
    """Make recipes with all their jobs, queue those without parents, and ask for the DAG runs.

    The number of statements does not grow with the number of recipes. A recipe without jobs is
    complete at once.

    Raises
    ------
    InvalidError
        Raised if the data of one does not fit the definition; then none is made.
    """
    definition = RecipeDefinition.parse(recipe_type.definition)
    types = _job_types(tx, definition)
    files = files_of(tx, [each.data.inputs for each in orders])
    _check_recipes(tx, definition, types, orders, files)
    revision = tx.recipe_types.revision(recipe_type.id, recipe_type.revision_num)
    completed = None if definition.jobs else datetime.now(UTC)
    recipes = tx.recipes.add_many(
        [
            {
                "recipe_type_id": recipe_type.id,
                "recipe_type_rev_id": revision.id,
                "event_id": each.event_id,
                "data": each.data.to_json(),
                "completed": completed,
            }
            for each in orders
        ]
    )
    jobs = {
        place.name: _add_recipe_jobs(tx, place, types[place.name], recipes, orders, files=files)
        for place in definition.topological_jobs()
    }
    if jobs:
        tx.outbox.add_many(_runs(recipe_type, recipes, jobs))
    return recipes


def _add_recipe_jobs(
    tx: UnitOfWork,
    place: RecipeJob,
    job_type: JobTypeRecord,
    recipes: Sequence[RecipeRecord],
    orders: Sequence[RecipeOrder],
    *,
    files: Mapping[int, FileRecord],
) -> list[JobRecord]:
    """Make the job of one place in every recipe; without parents it has its data and is queued."""
    rows = job_rows(tx, job_type, [each.event_id for each in orders])
    now = datetime.now(UTC)
    if not place.dependencies:
        outputs = output_names(job_type)
        for row, order in zip(rows, orders, strict=True):
            given = job_data_of(place, order.data, {}, outputs)
            inputs = checked_files(files, given.inputs).values()
            need = resources_of(job_type, [file for each in inputs for file in each])
            row |= {
                "data": given.to_json(),
                "disk_in_required": need.disk_in,
                "disk_out_required": need.disk_out,
                "status": JobStatus.QUEUED,
                "queued": now,
                "num_exes": 1,
            }
    jobs = tx.jobs.add_many(rows)
    if not place.dependencies:
        add_executions(tx, jobs, now)
    tx.recipes.place(
        place.name, {recipe.id: job.id for recipe, job in zip(recipes, jobs, strict=True)}
    )
    return jobs


def _runs(
    recipe_type: RecipeTypeRecord,
    recipes: Sequence[RecipeRecord],
    jobs: Mapping[str, Sequence[JobRecord]],
) -> list[RunRequest]:
    tasks = {name: dag_names.task_id(name) for name in jobs}
    dag_id = dag_names.recipe_dag_id(recipe_type.name, recipe_type.version)
    return [
        RunRequest(
            dag_id,
            dag_names.recipe_run_id(recipe.id),
            recipe_type.revision_num,
            {
                "recipe_id": recipe.id,
                "jobs": {tasks[name]: each[index].id for name, each in jobs.items()},
            },
        )
        for index, recipe in enumerate(recipes)
    ]


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


def _check_recipes(
    tx: UnitOfWork,
    definition: RecipeDefinition,
    types: Mapping[str, JobTypeRecord],
    orders: Sequence[RecipeOrder],
    files: Mapping[int, FileRecord],
) -> None:
    produces_files = any(each.interface.get("output_data") for each in types.values())
    for data in (each.data for each in orders):
        problems = check_recipe_data(definition, data, needs_workspace=produces_files)
        if problems:
            raise InvalidError("; ".join(f"{each.path}: {each.sentence}" for each in problems))
        check_media_types(definition.inputs, checked_files(files, data.inputs))
    named = {each.data.workspace_id for each in orders if each.data.workspace_id is not None}
    missing = named - tx.workspaces.get_many(named).keys()
    if missing:
        raise InvalidError(
            f"The recipe data names workspace {min(missing)}, which does not exist."
            " Give the id of a workspace."
        )


def add_job(
    tx: UnitOfWork,
    job_type: JobTypeRecord,
    event_id: int,
    columns: Mapping[str, object] | None = None,
) -> JobRecord:
    """Make a job that waits; nobody is asked to run it."""
    (row,) = job_rows(tx, job_type, [event_id])
    return tx.jobs.add(**{**row, **(columns or {})})


def job_rows(
    tx: UnitOfWork, job_type: JobTypeRecord, event_ids: Sequence[int]
) -> list[dict[str, object]]:
    """Return the rows of jobs that wait, one for each event."""
    need = resources_of(job_type, ())
    revision = tx.job_types.revision(job_type.id, job_type.revision_num)
    return [
        {
            "job_type_id": job_type.id,
            "job_type_rev_id": revision.id,
            "event_id": event_id,
            "status": JobStatus.PENDING,
            "priority": job_type.priority,
            "timeout": job_type.timeout,
            "max_tries": job_type.max_tries,
            "cpus_required": need.cpus,
            "mem_required": need.mem,
            "data": JobData(inputs={}, output_workspaces={}).to_json(),
            "results": {"version": "1.0", "output_data": []},
        }
        for event_id in event_ids
    ]
