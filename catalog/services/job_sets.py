"""Jobs that are submitted together: making, stopping, starting again and removing them.

All of a set's jobs are made in one transaction, with a number of statements that does not grow
with them; so are they stopped.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from catalog import dag_names
from catalog.addresses import check_address
from catalog.database import Database
from catalog.errors import ConflictError, InvalidError, NotFoundError
from catalog.records.configuration import JobTypeRecord
from catalog.records.job_sets import JobSetOrder, JobSetRecord
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
MakeOrder = Callable[[frozenset[int]], JobSetOrder]


class JobSetService:
    """Takes submissions of many jobs."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._removal = RemovalService(database)

    def submit(self, name: str, make: MakeOrder) -> JobSetRecord:
        """Create a set of jobs and queue them all.

        Parameters
        ----------
        name
            The name of the set, which no other has.
        make
            Makes the order, knowing which ports are taken; nobody takes another meanwhile.

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
            tx.job_sets.lock_ports()
            if tx.job_sets.named(name) is not None:
                raise ConflictError(f"job already exists: '{name}'")
            return _create(tx, make(tx.job_sets.ports()))

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


def _create(tx: UnitOfWork, wanted: JobSetOrder) -> JobSetRecord:
    _check(wanted)
    if tx.pools.find(wanted.pool) is None:
        raise NotFoundError("queue", wanted.pool)
    job_type = task_type(tx, wanted.image)
    made = tx.job_sets.add(
        name=wanted.name,
        user_name=wanted.user,
        origin=wanted.origin,
        pool=wanted.pool,
        document=dict(wanted.document),
        environment=dict(wanted.environment),
        min_completed=wanted.min_completed,
        max_retries=wanted.max_retries,
    )
    jobs = tx.jobs.add_many(_rows(tx, wanted, job_type))
    add_executions(tx, jobs, datetime.now(UTC))
    places = {job.id: (task.role, task.index) for job, task in zip(jobs, wanted.tasks, strict=True)}
    tx.job_sets.place(made.id, places)
    dag_id = dag_names.job_dag_id(job_type.name, job_type.version)
    tx.outbox.add_many(
        [
            RunRequest(dag_id, dag_names.job_run_id(job.id), None, {"jobs": {"job": job.id}})
            for job in jobs
        ]
    )
    return made


def _rows(tx: UnitOfWork, wanted: JobSetOrder, job_type: JobTypeRecord) -> list[dict[str, object]]:
    event = tx.events.add(type=EventType.USER, rule_id=None, description={"user": wanted.user})
    places = with_workspaces(tx, job_type, JobData({}, {})).output_workspaces
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
    (plain,) = job_rows(tx, job_type, [event.id])
    return [
        {
            **plain,
            **shared,
            "name": f"{wanted.name}.{task.role}.{task.index}",
            "data": JobData({SHELL_INPUT: PropertyValue(task.command)}, places).to_json(),
            "environment": dict(task.environment),
            "parameters": dict(task.parameters),
            "cpus_required": float(task.cpus),
            "mem_required": float(task.mem),
            "gpus": task.gpus,
            "ports": list(task.ports),
        }
        for task in wanted.tasks
    ]


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
