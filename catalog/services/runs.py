"""What becomes of jobs whose task or run Airflow has ended, or does not have any longer."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from catalog.database import Database
from catalog.errors import ConflictError
from catalog.records.execution import Failure, OpenRun
from catalog.services.beginning import lock_job
from catalog.services.endings import cancel, fail
from catalog.services.losses import subject_of
from catalog.states import JobStatus

STOPPED: Final = "The task was stopped in Airflow."
"""Why a job is cancelled by its trigger, which is not told who stopped the task."""
_NAMED_WITHIN: Final = 3600.0


@dataclass(frozen=True, slots=True)
class RunService:
    """Keeps the jobs of the catalogue and the runs of Airflow together."""

    database: Database

    def open(self, quiet_seconds: float = 60.0) -> list[OpenRun]:
        """Return dispatched runs with queued or running jobs that did not change for a while."""
        with self.database.transaction() as tx:
            return [OpenRun(*each) for each in tx.outbox.open_runs(quiet_seconds)]

    def stopped(self) -> list[OpenRun]:
        """Return the runs of jobs that were stopped in Airflow of late, nobody knows by whom."""
        with self.database.transaction() as tx:
            return [OpenRun(*each) for each in tx.outbox.stopped_runs(STOPPED, _NAMED_WITHIN)]

    def to_stop(self, run_ids: Collection[str]) -> list[OpenRun]:
        """Return those of these runs whose jobs wait, run, or were stopped by nobody knows whom."""
        with self.database.transaction() as tx:
            return [OpenRun(*each) for each in tx.outbox.runs_to_stop(run_ids, STOPPED)]

    def ask_again(self, run_id: str) -> None:
        """Ask for a DAG run once more: Airflow does not have it any longer."""
        with self.database.transaction() as tx:
            tx.outbox.ask_again(run_id)

    def lose(self, job_id: int, detail: str, run_id: str | None = None) -> None:
        """Deal with a job that has not ended, and whose task Airflow has ended: nobody runs it.

        If its execution was never started, which is noted before it is, nothing can be left of it:
        it ends with the SYSTEM error ``scheduler-lost``, and the job is queued again in another run
        while tries remain. What was started may run, or have ended: another run is asked for, ever
        more seldom, whose trigger finds it and goes on with it, or finds that it is gone.

        Parameters
        ----------
        run_id
            The run that ended without the job; nothing happens if a newer one was asked for since.
        """
        with self.database.transaction() as tx:
            job = lock_job(tx, job_id)
            seen = tx.executions.open_of(job_id)
            if seen is None or (run_id is not None and not tx.outbox.is_newest(run_id)):
                return
            execution = tx.executions.lock(seen.id)  # nobody starts it while this is decided
            subject = subject_of(tx, job_id)
            if execution.job_started is not None:
                tx.outbox.add_in_time(subject)
            elif (
                fail(tx, execution, job, Failure("scheduler-lost", detail), may_retry=True) is None
            ):
                tx.outbox.add_again(subject)

    def stop(self, job_id: int, reason: str) -> None:
        """Cancel a job that a person stopped in Airflow, or say so of one that was cancelled."""
        with self.database.transaction() as tx:
            job = lock_job(tx, job_id)
            if job.status is JobStatus.CANCELED and job.reason == STOPPED:
                tx.jobs.update(job_id, {"reason": reason})
                return
            with suppress(ConflictError):  # it has ended since
                cancel(tx, job, reason)
