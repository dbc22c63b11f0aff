"""The ends of an execution and its job, inside the transaction of a caller that locked both."""

from datetime import UTC, datetime
from typing import assert_never

from catalog.records.execution import Ended, Failure, Results, Used
from catalog.records.work import JobExecutionRecord, JobRecord
from catalog.services.beginning import is_tried_again
from catalog.services.lifecycle import after_completion, block_children, queue_job
from catalog.services.products import publish
from catalog.services.set_rules import settle
from catalog.states import ExecutionStatus, JobStatus
from catalog.stores.unit_of_work import UnitOfWork


def complete(
    tx: UnitOfWork, execution: JobExecutionRecord, job: JobRecord, results: Results
) -> Ended:
    """Publish the products of an open execution and complete its job."""
    outputs = publish(tx, execution, job, results)
    now = datetime.now(UTC)
    tx.executions.transition(
        execution,
        ExecutionStatus.COMPLETED,
        {
            "results": outputs,
            "results_manifest": dict(results.manifest),
            "job_completed": results.job_completed,
            "job_exit_code": 0,
            "post_started": results.job_completed,
            "post_completed": now,
            "ended": now,
            **_columns(results.used),
            "stdout": results.stdout,
            "stderr": results.stderr,
        },
    )
    done = tx.jobs.transition(job, JobStatus.COMPLETED, {"results": outputs, "ended": now})
    if not after_completion(tx, done):  # one in a recipe is in no set
        settle(tx, done)
    return Ended(succeeded=True)


def fail(
    tx: UnitOfWork,
    execution: JobExecutionRecord,
    job: JobRecord,
    failure: Failure,
    *,
    may_retry: bool,
) -> Ended | None:
    """End an open execution with an error; None if its job is queued again."""
    error = tx.errors.find(failure.error_name) or tx.errors.find("unknown")
    if error is None:
        message = "The builtin error 'unknown' is missing. Run `airscale migrate`."
        raise LookupError(message)
    now = datetime.now(UTC)
    detail = _storable(failure.detail)
    tx.executions.transition(
        execution,
        ExecutionStatus.FAILED,
        {
            "error_id": error.id,
            "detail": detail,
            "job_exit_code": failure.exit_code,
            "job_completed": failure.job_completed,
            "ended": now,
            **_columns(failure.used),
            "stdout": _storable(failure.stdout),
            "stderr": _storable(failure.stderr),
        },
    )
    if job.status is JobStatus.QUEUED:
        job = tx.jobs.transition(job, JobStatus.RUNNING)
    if may_retry and is_tried_again(tx, job, error.category):
        queue_job(tx, job)
        return None
    failed = tx.jobs.transition(
        job,
        JobStatus.FAILED,
        {"error_id": error.id, "ended": now, "reason": detail},
    )
    block_children(tx, failed)
    settle(tx, failed, failure.exit_code)
    return Ended(succeeded=False)


def cancel(tx: UnitOfWork, job: JobRecord, reason: str) -> JobRecord:
    """Cancel a job, with the open execution it may have."""
    now = datetime.now(UTC)
    canceled = tx.jobs.transition(job, JobStatus.CANCELED, {"reason": reason, "ended": now})
    execution = tx.executions.open_of(job.id)
    if execution is not None:
        tx.executions.transition(execution, ExecutionStatus.CANCELED, {"ended": now})
    block_children(tx, canceled)
    settle(tx, canceled)
    return canceled


def ended_of(job: JobRecord) -> Ended | None:
    """Return how a job has ended, None if it has not."""
    match job.status:
        case JobStatus.COMPLETED:
            return Ended(succeeded=True)
        case JobStatus.FAILED | JobStatus.CANCELED:
            return Ended(succeeded=False)
        case JobStatus.PENDING | JobStatus.BLOCKED | JobStatus.QUEUED | JobStatus.RUNNING:
            return None
        case _:
            assert_never(job.status)


def _columns(used: Used) -> dict[str, float | None]:
    return {
        "cpu_seconds_used": used.cpu_seconds,
        "mem_used": used.mem,
        "disk_out_used": used.disk_out,
    }


def _storable(text: str) -> str:
    """Return the text with what PostgreSQL cannot keep replaced: NUL, halves of surrogate pairs."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
