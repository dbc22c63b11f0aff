"""How an execution begins, is taken over, and gets a successor; the job is locked all the while."""

from datetime import UTC, datetime

from catalog.errors import ConflictError
from catalog.records.execution import ExecutionPlan, Held
from catalog.records.work import JobExecutionRecord, JobRecord
from catalog.services.plans import checked_plan_of, plan_of
from catalog.states import ErrorCategory, ExecutionStatus, JobStatus
from catalog.stores.unit_of_work import UnitOfWork


def lock_job(tx: UnitOfWork, job_id: int) -> JobRecord:
    """Lock the recipe or set of a job, then the job: in this order, so that nothing deadlocks."""
    if tx.recipes.lock_of_job(job_id) is None:
        tx.job_sets.lock_of_job(job_id)
    return tx.jobs.lock(job_id)


def lock_execution(tx: UnitOfWork, job_exe_id: int) -> tuple[JobExecutionRecord, JobRecord]:
    """Lock the job of an execution; return both as they are then."""
    job = lock_job(tx, tx.executions.job_of(job_exe_id))
    return tx.executions.get(job_exe_id), job


def take(tx: UnitOfWork, job: JobRecord, hostname: str) -> ExecutionPlan:
    """Begin the execution of a queued job; raises `InvalidError` if its inputs cannot be taken."""
    now = datetime.now(UTC)
    started = tx.executions.transition(
        _open(tx, job),
        ExecutionStatus.RUNNING,
        {"started": now, "pre_started": now, "node_id": tx.nodes.seen(hostname).id},
    )
    running = tx.jobs.transition(job, JobStatus.RUNNING, {"started": now})
    return checked_plan_of(tx, running, started)


def resume(tx: UnitOfWork, job: JobRecord, hostname: str) -> ExecutionPlan | Held:
    """Take over the execution that was left running, or give it back to the queue."""
    execution = _open(tx, job)
    if execution.job_started is not None:
        return plan_of(tx, job, execution)
    if execution.node_id != tx.nodes.seen(hostname).id:
        none = {"started": None}
        tx.executions.transition(
            execution, ExecutionStatus.QUEUED, {**none, "pre_started": None, "node_id": None}
        )
        tx.jobs.transition(job, JobStatus.QUEUED, none)
        return Held("It was admitted on another host, and waits for a place on this one now.")
    return checked_plan_of(tx, job, execution)


def is_tried_again(tx: UnitOfWork, job: JobRecord, category: ErrorCategory) -> bool:
    """Say whether a job that failed is queued again; a long-running one always is."""
    if runs_for_ever(tx, job):
        return True
    return category is ErrorCategory.SYSTEM and job.num_exes < job.max_tries


def runs_for_ever(tx: UnitOfWork, job: JobRecord) -> bool:
    """Say whether a job is of a long-running type; those of the system look after themselves."""
    job_type = tx.job_types.get(job.job_type_id)
    return job_type.is_long_running and not job_type.is_system


def _open(tx: UnitOfWork, job: JobRecord) -> JobExecutionRecord:
    execution = tx.executions.open_of(job.id)
    if execution is None:
        raise ConflictError(
            f"Job {job.id} is {job.status} but has no open execution. Requeue the job."
        )
    return execution
