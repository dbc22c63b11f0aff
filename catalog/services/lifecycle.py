"""What happens to jobs besides running: queueing, feeding children, blocking, cancelling.

Every function works inside the transaction of its cause. The recipe is locked before its jobs, so
that two jobs that end together decide one after another.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from catalog.records.work import JobRecord, RecipeRecord
from catalog.services.feeding import give_data, job_data_of, output_names
from catalog.states import ExecutionStatus, JobStatus
from catalog.stores.unit_of_work import UnitOfWork
from schemas.job_data import FilesValue
from schemas.recipe_data import RecipeData
from schemas.recipe_definition import RecipeDefinition


def queue_job(tx: UnitOfWork, job: JobRecord) -> JobRecord:
    """Put a job on the queue, with the execution that will be its next try."""
    now = datetime.now(UTC)
    queued = tx.jobs.transition(
        job,
        JobStatus.QUEUED,
        {
            "queued": now,
            "started": None,
            "ended": None,
            "error_id": None,
            "reason": None,
            "num_exes": job.num_exes + 1,
        },
    )
    add_executions(tx, [job], now)
    return queued


def add_executions(tx: UnitOfWork, jobs: Iterable[JobRecord], now: datetime) -> None:
    """Make the execution that will be the next try of each of these queued jobs."""
    tx.executions.queue_many(
        [
            {
                "job_id": job.id,
                "job_type_id": job.job_type_id,
                "status": ExecutionStatus.QUEUED,
                "timeout": job.timeout,
                "environment": {},
                "results": {"version": "1.0", "output_data": []},
                "results_manifest": {},
                "cpus_scheduled": job.cpus_required,
                "mem_scheduled": job.mem_required,
                "disk_in_scheduled": job.disk_in_required,
                "disk_out_scheduled": job.disk_out_required,
                "queued": now,
            }
            for job in jobs
        ]
    )


def after_completion(tx: UnitOfWork, job: JobRecord) -> bool:
    """Queue the jobs that waited for this one only; complete the recipe if it was the last.

    Returns
    -------
    bool
        Whether the job is in a recipe.
    """
    recipe = tx.recipes.lock_of_job(job.id)
    if recipe is None:
        return False
    by_name = queue_ready(tx, recipe)
    if _all_completed(by_name.values()):
        tx.recipes.update(recipe.id, {"completed": datetime.now(UTC)})
    return True


def queue_ready(tx: UnitOfWork, recipe: RecipeRecord) -> dict[str, JobRecord]:
    """Queue the pending jobs of a locked recipe whose parents have completed.

    Returns
    -------
    dict
        The jobs of the recipe as they were before, by name.
    """
    by_name = tx.jobs.of_recipe(recipe.id)
    if not any(job.status is JobStatus.PENDING for job in by_name.values()):
        return by_name
    definition = definition_of(tx, recipe)
    data = RecipeData.parse(recipe.data)
    for child in definition.jobs:
        waiting = by_name[child.name]
        parents = [by_name[each.name] for each in child.dependencies]
        if waiting.status is not JobStatus.PENDING or not _all_completed(parents):
            continue
        outputs = {each.name: results_of(by_name[each.name]) for each in child.dependencies}
        job_type = tx.job_types.get(waiting.job_type_id)
        given = job_data_of(child, data, outputs, output_names(job_type))
        queue_job(tx, give_data(tx, waiting, job_type, given))
    return by_name


def definition_of(tx: UnitOfWork, recipe: RecipeRecord) -> RecipeDefinition:
    """Return the definition a recipe was created from."""
    revision = tx.recipe_types.revision_by_id(recipe.recipe_type_rev_id)
    return RecipeDefinition.parse(revision.definition)


def block_children(tx: UnitOfWork, job: JobRecord) -> None:
    """Block every job of the recipe that waits for this one, directly or through others."""
    place = tx.recipes.of_job(job.id)
    if place is None:
        return
    recipe = tx.recipes.lock(place.recipe_id)
    definition = definition_of(tx, recipe)
    ids = tx.recipes.jobs(recipe.id)
    for name in _descendants(definition, place.job_name):
        waiting = tx.jobs.lock(ids[name])
        if waiting.status is JobStatus.PENDING:
            tx.jobs.transition(waiting, JobStatus.BLOCKED)


def results_of(job: JobRecord) -> dict[str, FilesValue]:
    """Return the output files of a completed job, by output name."""
    return {
        each["name"]: (
            FilesValue(file_ids=tuple(each["file_ids"]), is_list=True)
            if "file_ids" in each
            else FilesValue(file_ids=(each["file_id"],), is_list=False)
        )
        for each in job.results.get("output_data", [])
    }


def _all_completed(jobs: Iterable[JobRecord]) -> bool:
    return all(job.status is JobStatus.COMPLETED for job in jobs)


def _descendants(definition: RecipeDefinition, name: str) -> list[str]:
    found: list[str] = []
    waiting = [name]
    while waiting:
        for child in definition.children(waiting.pop()):
            if child.name not in found:
                found.append(child.name)
                waiting.append(child.name)
    return found
