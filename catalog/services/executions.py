"""The life of an execution: begun, completed, failed or cancelled, each in one transaction.

Whoever runs a job may die at any line and be started again elsewhere. So every step can be
repeated: `begin` returns the open execution if there is one, and `complete` and `fail` change only
an execution that is open; who comes second learns how the job stands.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, assert_never

from catalog.database import Database
from catalog.errors import ConflictError, InvalidError
from catalog.records.execution import (
    Ended,
    EndedExecution,
    ExecutionPlan,
    Failure,
    Held,
    HostReport,
    NodeResources,
    Results,
    Standing,
    Watched,
)
from catalog.records.work import JobRecord
from catalog.services.admission import admit, refused
from catalog.services.beginning import lock_execution, lock_job, resume, take
from catalog.services.endings import cancel, complete, ended_of, fail
from catalog.services.losses import lost_sentence
from catalog.services.plans import plan_of
from catalog.states import ExecutionStatus, JobStatus

_OPEN: Final = frozenset({ExecutionStatus.QUEUED, ExecutionStatus.RUNNING})


@dataclass(frozen=True, slots=True)
class ExecutionService:
    """Takes jobs from the queue to their end."""

    database: Database

    def begin(self, job_id: int, hostname: str) -> ExecutionPlan | Ended | Held:
        """Take a job off the queue, or take over the execution that was left running.

        A job whose input was deleted, or has a media type that the job does not accept, ends with
        the error ``invalid-input``.

        Parameters
        ----------
        hostname
            The host that runs the execution; it becomes a node at its first.

        Returns
        -------
        ExecutionPlan, Ended or Held
            What to run, or how the job has ended already, or why it has to wait: see
            `catalog.services.admission`. A job that was admitted on another host and never
            started there goes back to the queue.

        Raises
        ------
        NotFoundError
            Raised if there is no such job.
        ConflictError
            Raised if the job waits for its parents.
        """
        try:
            return self._begin(job_id, hostname)
        except InvalidError as error:
            self.fail_open(job_id, Failure("invalid-input", str(error)))
            return self.begin(job_id, hostname)

    def _begin(self, job_id: int, hostname: str) -> ExecutionPlan | Ended | Held:
        with self.database.transaction() as tx:
            job = lock_job(tx, job_id)
            match job.status:
                case JobStatus.COMPLETED | JobStatus.FAILED | JobStatus.CANCELED:
                    return Ended(succeeded=job.status is JobStatus.COMPLETED)
                case JobStatus.PENDING | JobStatus.BLOCKED:
                    raise ConflictError(
                        f"Job {job_id} is {job.status}: its parents have not completed."
                        " It starts by itself when they have."
                    )
                case JobStatus.QUEUED:
                    held = refused(tx, job.id, hostname)
                    if held is not None:
                        return held
                    return take(tx, job, hostname)
                case JobStatus.RUNNING:
                    return resume(tx, job, hostname)
                case _:
                    assert_never(job.status)

    def starting(
        self,
        job_exe_id: int,
        command_arguments: str,
        environment: Mapping[str, str],
        hostname: str | None = None,
    ) -> bool:
        """Note what an execution is started with; to be called just before.

        Parameters
        ----------
        hostname
            The host that starts it; None where it does not matter.

        Returns
        -------
        bool
            False if the execution must not be started: it has ended, or another host has it now.
        """
        now = datetime.now(UTC)
        values = {
            "command_arguments": command_arguments,
            "environment": dict(environment),
            "pre_completed": now,
            "job_started": now,
        }
        with self.database.transaction() as tx:
            return tx.executions.start(job_exe_id, hostname, values)

    def lost_elsewhere(self, job_exe_id: int, hostname: str) -> str | None:
        """Say why an execution that was started on another host is lost; None if it is not.

        See `catalog.services.losses`.
        """
        with self.database.transaction() as tx:
            return lost_sentence(tx, tx.executions.get(job_exe_id), hostname)

    def placed(self, job_exe_id: int, hostname: str) -> None:
        """Note the node that a cluster chose for an execution; nothing if it has ended."""
        with self.database.transaction() as tx:
            execution, _ = lock_execution(tx, job_exe_id)
            if execution.status in _OPEN:
                tx.executions.update(job_exe_id, {"node_id": tx.nodes.seen(hostname).id})

    def complete(self, job_exe_id: int, results: Results) -> Ended | None:
        """Publish the products of an execution and complete its job, all in one transaction.

        Nothing is published if the execution has ended already.

        Returns
        -------
        Ended or None
            How the job ended; None if it is queued again and `begin` gives the next try.
        """
        with self.database.transaction() as tx:
            execution, job = lock_execution(tx, job_exe_id)
            if execution.status not in _OPEN:
                return ended_of(job)
            return complete(tx, execution, job, results)

    def fail(self, job_exe_id: int, failure: Failure, *, may_retry: bool = True) -> Ended | None:
        """End an execution with an error; queue the job again where the error allows it.

        A SYSTEM error is retried while tries remain; DATA and ALGORITHM errors never are
        (contract section 4, Errors and retry). A long-running job always is.

        Parameters
        ----------
        may_retry
            False where nobody would run the next try.

        Returns
        -------
        Ended or None
            How the job ended; None if it is queued again and `begin` gives the next try.
        """
        with self.database.transaction() as tx:
            execution, job = lock_execution(tx, job_exe_id)
            if execution.status not in _OPEN:
                return ended_of(job)
            return fail(tx, execution, job, failure, may_retry=may_retry)

    def fail_open(self, job_id: int, failure: Failure, *, may_retry: bool = True) -> Ended | None:
        """End the open execution of a job, if it has one, as `fail` does."""
        with self.database.transaction() as tx:
            execution = tx.executions.open_of(job_id)
            if execution is None:
                return ended_of(tx.jobs.get(job_id))
        return self.fail(execution.id, failure, may_retry=may_retry)

    def leftovers(self, job_id: int) -> list[ExecutionPlan]:
        """Return the plans of a job's executions that began and have ended, oldest first.

        Whatever still runs or stands of them is to be stopped and removed.
        """
        with self.database.transaction() as tx:
            ended = tx.executions.ended_of(job_id)
            return [plan_of(tx, tx.jobs.get(job_id), each) for each in ended]

    def ended_among(self, job_exe_ids: Sequence[int]) -> list[EndedExecution]:
        """Return those of these executions that began and have ended."""
        found = []
        with self.database.transaction() as tx:
            for job_exe_id in sorted(tx.executions.ended_among(job_exe_ids)):
                each = tx.executions.get(job_exe_id)
                plan = plan_of(tx, tx.jobs.get(each.job_id), each)
                succeeded = each.status is ExecutionStatus.COMPLETED
                found.append(EndedExecution(plan, each.ended or each.last_modified, succeeded))
        return found

    def cancel(self, job_id: int, reason: str) -> JobRecord:
        """Cancel a job that has not completed, with the open execution it may have.

        Raises
        ------
        ConflictError
            Raised if the job is COMPLETED or CANCELED.
        """
        with self.database.transaction() as tx:
            job = lock_job(tx, job_id)
            return cancel(tx, job, reason)

    def standing_of(self, job_id: int) -> Standing:
        """Return how a job stands."""
        with self.database.transaction() as tx:
            return tx.jobs.standing(job_id)

    def watch(
        self, hostname: str, watched: Watched, resources: NodeResources | None = None
    ) -> HostReport:
        """Let waiting jobs begin, tell a process what it has to know, and keep what it tells.

        Parameters
        ----------
        resources
            What the host has and uses; None if it was told a moment ago.
        """
        if resources is not None:
            self.report(hostname, resources)
        if watched.admitter:
            with self.database.transaction() as tx:
                admit(tx, watched)
        waiting = [job_id for each in watched.waiting.values() for job_id in each]
        with self.database.transaction() as tx:
            return HostReport(
                ended=tx.executions.ended_among(watched.running),
                unqueued=tx.jobs.unqueued_among(waiting),
            )

    def report(self, hostname: str, resources: NodeResources) -> None:
        """Keep what a node has and uses; it becomes one at its first report."""
        with self.database.transaction() as tx:
            tx.nodes.report(hostname, resources)

    def alive(self, hostnames: Iterable[str]) -> None:
        """Note that hosts could run jobs now; each becomes a node at the first time."""
        with self.database.transaction() as tx:
            for hostname in sorted(hostnames):
                tx.nodes.alive(hostname)

    def status_of(self, job_id: int) -> JobStatus:
        """Return the status of a job."""
        with self.database.transaction() as tx:
            return tx.jobs.get(job_id).status
