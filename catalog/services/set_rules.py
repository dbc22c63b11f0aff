"""What follows for a set of jobs when one of its tasks ends.

The set succeeds when as many tasks have completed as it needs; then the others are stopped. It
fails with the first task that fails, once its retries are used up, and a retry queues every task
again that has not completed. A task that somebody cancels stops the set.

Every function works inside the transaction of its cause, with the set locked before its jobs.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from catalog import dag_names
from catalog.records.job_sets import JobSetRecord
from catalog.records.work import JobRecord
from catalog.services.lifecycle import add_executions
from catalog.states import JobSetOutcome, JobStatus
from catalog.stores.unit_of_work import UnitOfWork

_OPEN: Final = (JobStatus.PENDING, JobStatus.BLOCKED, JobStatus.QUEUED, JobStatus.RUNNING)


def settle(tx: UnitOfWork, job: JobRecord, exit_code: int | None = None) -> None:
    """Decide what the end of a job means for its set, if it is in one."""
    found = tx.job_sets.lock_of_job(job.id)
    if found is None or found.outcome is not None:
        return
    counts = tx.job_sets.statuses(found.id)
    if _has_succeeded(found, counts):
        end(tx, found, JobSetOutcome.SUCCEEDED, "The job has the completed tasks it needs.", 0)
    elif job.status is JobStatus.FAILED:
        if found.max_retries < 0 or found.retries < found.max_retries:
            tx.job_sets.cancel_open(found.id, f"Task {job.name!r} failed; all are tried again.")
            requeue(tx, found, found.retries + 1)
        else:
            end(tx, found, JobSetOutcome.FAILED, f"Task {job.name!r}: {job.reason}", exit_code)
    elif job.status is JobStatus.CANCELED:
        end(tx, found, JobSetOutcome.STOPPED, f"Task {job.name!r}: {job.reason}", 214)
    elif not any(counts.get(each) for each in _OPEN):
        # Tasks that somebody requeued by themselves have completed, and others had not.
        end(tx, found, JobSetOutcome.FAILED, "Some tasks have not completed.", None)


def end(
    tx: UnitOfWork,
    found: JobSetRecord,
    outcome: JobSetOutcome,
    reason: str,
    exit_code: int | None,
) -> None:
    """End a locked set, and cancel its tasks that have not ended."""
    tx.job_sets.update(
        found.id,
        {
            "outcome": outcome,
            "reason": reason,
            "exit_code": exit_code,
            "ended": datetime.now(UTC),
        },
    )
    tx.job_sets.cancel_open(found.id, reason)


def requeue(tx: UnitOfWork, found: JobSetRecord, retries: int) -> None:
    """Queue the tasks of a locked set again that failed or were cancelled."""
    reopen(tx, found, retries)
    jobs = tx.job_sets.revive(found.id)
    add_executions(tx, jobs, datetime.now(UTC))
    for each in jobs:
        tx.outbox.add_again(dag_names.job_run_id(each.id))


def reopen(tx: UnitOfWork, found: JobSetRecord, retries: int) -> None:
    """Let a locked set go on."""
    tx.job_sets.update(
        found.id,
        {
            "outcome": None,
            "reason": None,
            "exit_code": None,
            "ended": None,
            "retries": retries,
        },
    )


def _has_succeeded(found: JobSetRecord, counts: Mapping[JobStatus, int]) -> bool:
    completed = counts.get(JobStatus.COMPLETED, 0)
    if found.min_completed:
        return completed >= found.min_completed
    return completed == sum(counts.values())
