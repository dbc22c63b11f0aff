"""Putting jobs that failed or were cancelled on the queue again (seed 001, Requeue Jobs)."""

from collections.abc import Iterable, Mapping
from typing import Final

from catalog import dag_names
from catalog.database import Database
from catalog.errors import NotFoundError
from catalog.records.work import JobRecord, JobSelection
from catalog.services.lifecycle import definition_of, queue_job, queue_ready
from catalog.services.set_rules import reopen
from catalog.states import JobStatus
from catalog.stores.unit_of_work import UnitOfWork

_REVIVABLE: Final = frozenset({JobStatus.FAILED, JobStatus.CANCELED})
_WAITING: Final = frozenset({JobStatus.PENDING, JobStatus.BLOCKED})
_STUCK: Final = frozenset({JobStatus.FAILED, JobStatus.CANCELED, JobStatus.BLOCKED})


class RequeueService:
    """Gives jobs another try."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def requeue(self, wanted: JobSelection, priority: int | None = None) -> tuple[int, ...]:
        """Requeue the selected jobs that failed or were cancelled; others stay as they are.

        A job that was queued before is queued, with one more try; one that never was waits for
        its parents. Every recipe is a transaction of its own: if the process dies, what is left
        can be requeued as before.

        Parameters
        ----------
        priority
            The priority the requeued jobs get; None to keep theirs.

        Returns
        -------
        tuple
            The ids of all selected jobs, in order.

        Raises
        ------
        NotFoundError
            Raised if no job is selected.
        """
        with self._database.transaction() as tx:
            selected = tx.jobs.selected(wanted)
        if not selected:
            raise NotFoundError("job", 0, "No job matches. Ask for less, or for other jobs.")
        recipes: dict[int, list[int]] = {}
        for each in selected:
            if each.status not in _REVIVABLE:
                continue
            if each.recipe_id is None:
                with self._database.transaction() as tx:
                    _requeue_job(tx, each.job_id, priority)
            else:
                recipes.setdefault(each.recipe_id, []).append(each.job_id)
        for recipe_id, job_ids in recipes.items():
            with self._database.transaction() as tx:
                _requeue_recipe(tx, recipe_id, job_ids, priority)
        return tuple(sorted(each.job_id for each in selected))

    def retry(self, job_id: int, changes: Mapping[str, object]) -> bool:
        """Requeue one job that failed or was cancelled; say whether it was.

        Parameters
        ----------
        changes
            Columns of the job that its next try has otherwise.
        """
        with self._database.transaction() as tx:
            job = tx.jobs.get(job_id)
            if job.status not in _REVIVABLE or job.duplicate_of or job.archived:
                return False
            if changes:
                tx.jobs.update(job_id, changes)
        self.requeue(JobSelection(job_ids=[job_id]))
        return True


def _requeue_job(tx: UnitOfWork, job_id: int, priority: int | None) -> None:
    job_set = tx.job_sets.lock_of_job(job_id)
    job = tx.jobs.lock(job_id)
    if job.status in _REVIVABLE and job.duplicate_of is None and job.archived is None:
        _revive(tx, job, priority)
        tx.outbox.add_again(dag_names.job_run_id(job_id))
        if job_set is not None:
            reopen(tx, job_set, job_set.retries)


def _requeue_recipe(
    tx: UnitOfWork, recipe_id: int, job_ids: Iterable[int], priority: int | None
) -> None:
    """Requeue jobs of a recipe, and look at all its waiting jobs again."""
    recipe = tx.recipes.lock(recipe_id)
    jobs = [tx.jobs.lock(job_id) for job_id in sorted(job_ids)]
    revivable = [job for job in jobs if job.status in _REVIVABLE]
    if not revivable:
        return
    for job in revivable:
        _revive(tx, job, priority)
    definition = definition_of(tx, recipe)
    ids = tx.recipes.jobs(recipe_id)
    statuses = _statuses(tx, ids)
    for place in definition.topological_jobs():
        if statuses[place.name] not in _WAITING:
            continue
        is_stuck = any(statuses[parent.name] in _STUCK for parent in place.dependencies)
        status = JobStatus.BLOCKED if is_stuck else JobStatus.PENDING
        if statuses[place.name] is not status:
            tx.jobs.transition(tx.jobs.lock(ids[place.name]), status)
            statuses[place.name] = status
    queue_ready(tx, recipe)
    tx.outbox.add_again(dag_names.recipe_run_id(recipe_id))


def _statuses(tx: UnitOfWork, ids: Mapping[str, int]) -> dict[str, JobStatus]:
    jobs = tx.jobs.get_many(ids.values())
    return {name: jobs[job_id].status for name, job_id in ids.items()}


def _revive(tx: UnitOfWork, job: JobRecord, priority: int | None) -> None:
    changes = {"max_tries": job.num_exes + 1}
    if priority is not None:
        changes["priority"] = priority
    changed = tx.jobs.update(job.id, changes)
    if job.num_exes:
        queue_job(tx, changed)
    else:
        tx.jobs.transition(
            changed, JobStatus.BLOCKED, {"ended": None, "reason": None, "error_id": None}
        )
