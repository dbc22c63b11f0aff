"""Jobs that are submitted together: making, stopping, starting again and removing them.

All of a set's jobs are made in one transaction, with a number of statements that does not grow
with them; so are they stopped.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from catalog import dag_names
from catalog.addresses import check_address
from catalog.database import Database
from catalog.errors import ConflictError, InvalidError, NotFoundError
from catalog.records.configuration import JobTypeRecord
from catalog.records.job_sets import JobSetOrder, JobSetRecord, TaskOrder
from catalog.records.submissions import DEFAULT_POOL
from catalog.records.work import RunRequest
from catalog.services.ad_hoc import SHELL_INPUT, task_type
from catalog.services.creation import job_rows
from catalog.services.lifecycle import add_executions
from catalog.services.removal import RemovalService
from catalog.services.set_rules import end, requeue
from catalog.services.submissions import with_workspaces
from catalog.states import EventType, JobSetOutcome, JobStatus
from catalog.stores.unit_of_work import UnitOfWork
from schemas.job_data import JobData, PropertyValue

STOPPED_CODE: Final = 214
WithTasks = Callable[[frozenset[int]], JobSetOrder]


class JobSetService:
    """Takes submissions of many jobs."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._removal = RemovalService(database)

    def submit(self, wanted: JobSetOrder, with_tasks: WithTasks) -> JobSetRecord:
        """Create a set of jobs and queue them all.

        Parameters
        ----------
        wanted
            The set without its tasks.
        with_tasks
            Adds the tasks, knowing which ports are taken; nobody takes another meanwhile.

        Raises
        ------
        ConflictError
            Raised if there is a set of this name.
        NotFoundError
            Raised if there is no such queue.
        InvalidError
            Raised if a task cannot be run or kept.
        """
        with self._database.transaction() as tx:
            ground = _ground(tx, wanted)
            tx.job_sets.lock_ports()
            if tx.job_sets.named(wanted.name) is not None:
                raise ConflictError(f"job already exists: '{wanted.name}'")
            return _create(tx, with_tasks(tx.job_sets.ports()), ground)

    def find(self, name: str) -> JobSetRecord | None:
        """Return the set of this name, if there is one that was not removed."""
        with self._database.transaction() as tx:
            return tx.job_sets.named(name)

    def stop(self, job_set_id: int, user: str) -> None:
        """Cancel every task that has not ended; a set that was stopped before stays so.

        Raises
        ------
        ConflictError
            Raised if the set has ended otherwise.
        """
        with self._database.transaction() as tx:
            found = tx.job_sets.lock(job_set_id)
            if found.outcome is JobSetOutcome.STOPPED:
                return
            if found.outcome is not None:
                raise ConflictError(
                    f"Job {found.name!r} has ended as {found.outcome} and cannot be stopped."
                )
            end(tx, found, JobSetOutcome.STOPPED, f"Stopped by {user}.", STOPPED_CODE)

    def start(self, job_set_id: int) -> None:
        """Queue the tasks of a set again that did not complete; nothing if it has not ended.

        Raises
        ------
        ConflictError
            Raised if the set has succeeded, or others have its ports now.
        """
        with self._database.transaction() as tx:
            tx.job_sets.lock_ports()
            found = tx.job_sets.lock(job_set_id)
            if found.outcome is None:
                return
            if found.outcome is JobSetOutcome.SUCCEEDED:
                raise ConflictError(
                    f"Job {found.name!r} has succeeded: there is nothing to start. Submit it under"
                    " another name to run it again."
                )
            taken = tx.job_sets.ports() & tx.job_sets.ports_of(job_set_id)
            if taken:
                raise ConflictError(
                    f"Port {min(taken)} of job {found.name!r} belongs to another job by now."
                    " Wait for that job, or submit this one anew."
                )
            requeue(tx, found, retries=0)

    def remove(self, job_set_id: int, user: str) -> None:
        """Stop a set, delete the files its tasks made, and archive it.

        Each step can be repeated: if the process dies, removing it again ends the work.

        Raises
        ------
        InvalidError
            Raised if a file cannot be deleted; the set stays then.
        """
        with self._database.transaction() as tx:
            found = tx.job_sets.lock(job_set_id)
            if found.outcome is None:
                end(tx, found, JobSetOutcome.STOPPED, f"Stopped by {user}.", STOPPED_CODE)
            jobs = tx.jobs.get_many(tx.job_sets.job_ids(job_set_id))
        for each in jobs.values():
            if each.archived is None:
                self._removal.remove(each.uid, user)
        with self._database.transaction() as tx:
            tx.job_sets.update(job_set_id, {"archived": datetime.now(UTC)})


@dataclass(frozen=True, slots=True)
class _Ground:
    """What the tasks of a set have in common.

    Parameters
    ----------
    row
        The columns of their jobs that are the same.
    places
        Output to the workspace that it goes to.
    """

    job_type: JobTypeRecord
    row: Mapping[str, object]
    places: Mapping[str, int]


def _ground(tx: UnitOfWork, wanted: JobSetOrder) -> _Ground:
    """Return what the tasks have in common; all that can be done before ports are handed out."""
    if tx.pools.find(wanted.pool) is None:
        if wanted.pool != DEFAULT_POOL:
            raise NotFoundError("queue", wanted.pool)
        tx.pools.ensure(wanted.pool)
    job_type = task_type(tx, wanted.image)
    event = tx.events.add(type=EventType.USER, rule_id=None, description={"user": wanted.user})
    (plain,) = job_rows(tx, job_type, [event.id])
    shared = {
        "status": JobStatus.QUEUED,
        "queued": datetime.now(UTC),
        "num_exes": 1,
        "origin": wanted.origin,
        "user_name": wanted.user,
        "pool": wanted.pool,
        "tags": [],
        "staging": wanted.staging.to_json(),
    }
    places = with_workspaces(tx, job_type, JobData({}, {})).output_workspaces
    return _Ground(job_type, {**plain, **shared}, places)


def _create(tx: UnitOfWork, wanted: JobSetOrder, ground: _Ground) -> JobSetRecord:
    _check(wanted)
    made = tx.job_sets.add(
        name=wanted.name,
        user_name=wanted.user,
        origin=wanted.origin,
        pool=wanted.pool,
        document=dict(wanted.document),
        environment=dict(wanted.environment),
        ports=[port for task in wanted.tasks for port in task.ports],
        min_completed=wanted.min_completed,
        max_retries=wanted.max_retries,
    )
    jobs = tx.jobs.add_many([_row(wanted, task, ground) for task in wanted.tasks])
    add_executions(tx, jobs, datetime.now(UTC))
    tasks = zip(jobs, wanted.tasks, strict=True)
    tx.job_sets.place(made.id, {job.id: (task.role, task.index) for job, task in tasks})
    dag_id = dag_names.job_dag_id(ground.job_type.name, ground.job_type.version)
    tx.outbox.add_many(
        [
            RunRequest(dag_id, dag_names.job_run_id(job.id), None, {"jobs": {"job": job.id}})
            for job in jobs
        ]
    )
    return made


def _row(wanted: JobSetOrder, task: TaskOrder, ground: _Ground) -> dict[str, object]:
    data = JobData({SHELL_INPUT: PropertyValue(task.command)}, ground.places)
    return {
        **ground.row,
        "name": f"{wanted.name}.{task.role}.{task.index}",
        "data": data.to_json(),
        "environment": dict(task.environment),
        "parameters": dict(task.parameters),
        "cpus_required": float(task.cpus),
        "mem_required": float(task.mem),
        "gpus": task.gpus,
        "ports": list(task.ports),
    }


def _check(wanted: JobSetOrder) -> None:
    """Refuse what could not be run or kept."""
    for each in wanted.staging.urls:
        check_address(each.url)
    environments = (wanted.environment, *(task.environment for task in wanted.tasks))
    texts = (
        *(task.command for task in wanted.tasks),
        *(text for each in environments for text in (*each, *each.values())),
    )
    if any("\0" in each for each in texts):
        raise InvalidError("A command or variable holds a NUL character. Leave it out.")
