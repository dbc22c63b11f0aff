"""The life of an execution: begun, completed, failed or cancelled, each in one transaction.

Whoever runs a job may die at any line and be started again elsewhere. So every step can be
repeated: `begin` returns the open execution if there is one, and `complete` and `fail` are
compare-and-set on an execution that is RUNNING; who comes second learns how it ended.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from catalog.brokers import broker_of
from catalog.database import Database
from catalog.errors import ConflictError
from catalog.records.execution import (
    Ended,
    ExecutionPlan,
    Failure,
    InputFile,
    OpenRun,
    OutputPlace,
    Results,
)
from catalog.records.files import FileRecord
from catalog.records.work import JobExecutionRecord, JobRecord
from catalog.services.inputs import input_files
from catalog.services.lifecycle import after_completion, block_children, queue_job
from catalog.services.products import product_directory, publish
from catalog.states import ErrorCategory, ExecutionStatus, JobStatus
from catalog.stores.unit_of_work import UnitOfWork
from schemas.error_interface import ErrorMapping
from schemas.job_data import JobData, PropertyValue
from schemas.job_interface import JobInterface


@dataclass(frozen=True, slots=True)
class ExecutionService:
    """Takes jobs from the queue to their end."""

    database: Database

    def begin(self, job_id: int, hostname: str) -> ExecutionPlan | Ended:
        """Take a job off the queue, or take over the execution that was left running.

        Parameters
        ----------
        hostname
            The host that runs the execution; it becomes a node at its first.

        Returns
        -------
        ExecutionPlan or Ended
            What to run, or how the job has ended already.

        Raises
        ------
        NotFoundError
            Raised if there is no such job.
        ConflictError
            Raised if the job waits for its parents.
        """
        with self.database.transaction() as tx:
            job = _lock(tx, job_id)
            match job.status:
                case JobStatus.COMPLETED:
                    return Ended(succeeded=True)
                case JobStatus.FAILED | JobStatus.CANCELED:
                    return Ended(succeeded=False)
                case JobStatus.PENDING | JobStatus.BLOCKED:
                    raise ConflictError(
                        f"Job {job_id} is {job.status}: its parents have not completed."
                        " It starts by itself when they have."
                    )
                case JobStatus.QUEUED | JobStatus.RUNNING:
                    return _plan(tx, *_running(tx, job, hostname))

    def started(
        self, job_exe_id: int, command_arguments: str, environment: Mapping[str, str]
    ) -> None:
        """Note the command line and environment an execution was started with."""
        with self.database.transaction() as tx:
            now = datetime.now(UTC)
            tx.executions.update(
                job_exe_id,
                {
                    "command_arguments": command_arguments,
                    "environment": dict(environment),
                    "pre_completed": now,
                    "job_started": now,
                },
            )

    def complete(self, job_exe_id: int, results: Results) -> Ended:
        """Publish the products of an execution and complete its job, all in one transaction.

        Raises
        ------
        ConflictError
            Raised if the execution failed or was cancelled meanwhile; nothing is published then.
        """
        with self.database.transaction() as tx:
            execution, job = _lock_execution(tx, job_exe_id)
            if execution.status is ExecutionStatus.COMPLETED:
                return Ended(succeeded=True)
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
                    "stdout": results.stdout,
                    "stderr": results.stderr,
                },
            )
            done = tx.jobs.transition(job, JobStatus.COMPLETED, {"results": outputs, "ended": now})
            after_completion(tx, done)
            return Ended(succeeded=True)

    def fail(self, job_exe_id: int, failure: Failure, *, may_retry: bool = True) -> Ended | None:
        """End an execution with an error; queue the job again where the error allows it.

        A SYSTEM error is retried while tries remain; DATA and ALGORITHM errors never are
        (contract section 4, Errors and retry).

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
            execution, job = _lock_execution(tx, job_exe_id)
            if execution.status not in (ExecutionStatus.QUEUED, ExecutionStatus.RUNNING):
                return Ended(succeeded=job.status is JobStatus.COMPLETED)
            error = tx.errors.find(failure.error_name) or tx.errors.find("unknown")
            if error is None:
                message = "The builtin error 'unknown' is missing. Run `airscale migrate`."
                raise LookupError(message)
            now = datetime.now(UTC)
            tx.executions.transition(
                execution,
                ExecutionStatus.FAILED,
                {
                    "error_id": error.id,
                    "detail": failure.detail,
                    "job_exit_code": failure.exit_code,
                    "job_completed": failure.job_completed,
                    "ended": now,
                    "stdout": failure.stdout,
                    "stderr": failure.stderr,
                },
            )
            if job.status is JobStatus.QUEUED:
                job = tx.jobs.transition(job, JobStatus.RUNNING)
            is_system = error.category is ErrorCategory.SYSTEM
            if may_retry and is_system and job.num_exes < job.max_tries:
                queue_job(tx, job)
                return None
            failed = tx.jobs.transition(
                job,
                JobStatus.FAILED,
                {"error_id": error.id, "ended": now, "reason": failure.detail},
            )
            block_children(tx, failed)
            return Ended(succeeded=False)

    def fail_open(self, job_id: int, detail: str) -> Ended | None:
        """End the open execution of a job with the error ``unknown``; return as `fail` does."""
        with self.database.transaction() as tx:
            execution = tx.executions.open_of(job_id)
        if execution is None:
            return Ended(succeeded=False)
        return self.fail(
            execution.id,
            Failure("unknown", f"Airscale met a fault of its own: {detail}. Please report it."),
        )

    def lose(self, job_id: int, detail: str) -> None:
        """End a job that nobody runs any more with the error ``scheduler-lost``."""
        with self.database.transaction() as tx:
            execution = tx.executions.open_of(job_id)
        if execution is not None:
            self.fail(execution.id, Failure("scheduler-lost", detail), may_retry=False)

    def open_runs(self, quiet_seconds: float = 60.0) -> list[OpenRun]:
        """Return dispatched runs with queued or running jobs that did not change for a while."""
        with self.database.transaction() as tx:
            return [OpenRun(run_id, jobs) for run_id, jobs in tx.outbox.open_runs(quiet_seconds)]

    def dispatch_again(self, run_id: str) -> None:
        """Ask for a DAG run once more: Airflow does not have it any longer."""
        with self.database.transaction() as tx:
            tx.outbox.ask_again(run_id)

    def open_plan(self, job_id: int) -> ExecutionPlan | None:
        """Return the plan of the execution that runs for a job now, None if none does."""
        with self.database.transaction() as tx:
            execution = tx.executions.open_of(job_id)
            if execution is None or execution.status is not ExecutionStatus.RUNNING:
                return None
            return _plan(tx, tx.jobs.get(job_id), execution)

    def cancel(self, job_id: int, reason: str) -> JobRecord:
        """Cancel a job that has not completed, with the open execution it may have.

        Raises
        ------
        ConflictError
            Raised if the job is COMPLETED or CANCELED.
        """
        with self.database.transaction() as tx:
            job = _lock(tx, job_id)
            now = datetime.now(UTC)
            canceled = tx.jobs.transition(job, JobStatus.CANCELED, {"reason": reason, "ended": now})
            execution = tx.executions.open_of(job_id)
            if execution is not None:
                tx.executions.transition(execution, ExecutionStatus.CANCELED, {"ended": now})
            block_children(tx, canceled)
            return canceled

    def status_of(self, job_id: int) -> JobStatus:
        """Return the status of a job."""
        with self.database.transaction() as tx:
            return tx.jobs.get(job_id).status


def _lock(tx: UnitOfWork, job_id: int) -> JobRecord:
    """Lock the recipe of a job, then the job: always in this order, so that nothing deadlocks."""
    place = tx.recipes.of_job(job_id)
    if place is not None:
        tx.recipes.lock(place.recipe_id)
    return tx.jobs.lock(job_id)


def _lock_execution(tx: UnitOfWork, job_exe_id: int) -> tuple[JobExecutionRecord, JobRecord]:
    job = _lock(tx, tx.executions.get(job_exe_id).job_id)
    return tx.executions.get(job_exe_id), job


def _running(tx: UnitOfWork, job: JobRecord, hostname: str) -> tuple[JobRecord, JobExecutionRecord]:
    execution = tx.executions.open_of(job.id)
    if execution is None:
        raise ConflictError(
            f"Job {job.id} is {job.status} but has no open execution. Requeue the job."
        )
    if execution.status is ExecutionStatus.RUNNING:
        return job, execution
    now = datetime.now(UTC)
    started = tx.executions.transition(
        execution,
        ExecutionStatus.RUNNING,
        {"started": now, "pre_started": now, "node_id": tx.nodes.seen(hostname).id},
    )
    return tx.jobs.transition(job, JobStatus.RUNNING, {"started": now}), started


def _plan(tx: UnitOfWork, job: JobRecord, execution: JobExecutionRecord) -> ExecutionPlan:
    job_type = tx.job_types.get(job.job_type_id)
    revision = tx.job_types.revision_by_id(job.job_type_rev_id)
    data = JobData.parse(job.data)
    files = input_files(tx, data.inputs)
    workspaces = tx.workspaces.get_many(
        {file.workspace_id for each in files.values() for file in each}
        | set(data.output_workspaces.values())
    )
    directory = product_directory(tx, job, execution, job_type)
    return ExecutionPlan(
        job_exe_id=execution.id,
        job_id=job.id,
        try_number=job.num_exes,
        started=execution.started or execution.queued,
        job_type_name=job_type.name,
        job_type_version=job_type.version,
        interface=JobInterface.parse(revision.interface),
        error_mapping=ErrorMapping.parse(job_type.error_mapping),
        properties={
            name: value.value
            for name, value in data.inputs.items()
            if isinstance(value, PropertyValue)
        },
        files={
            name: tuple(
                _input_file(file, workspaces[file.workspace_id].json_config) for file in each
            )
            for name, each in files.items()
        },
        outputs={
            name: OutputPlace(
                broker=broker_of(workspaces[workspace_id].json_config), directory=directory
            )
            for name, workspace_id in data.output_workspaces.items()
        },
        timeout=job.timeout,
        cpus=job.cpus_required,
        mem=job.mem_required,
        uses_docker=job_type.uses_docker,
        docker_image=job_type.docker_image,
        docker_privileged=job_type.docker_privileged,
    )


def _input_file(file: FileRecord, json_config: dict[str, object]) -> InputFile:
    return InputFile(
        file_id=file.id,
        file_name=file.file_name,
        path=broker_of(json_config).path(file.file_path),
        media_type=file.media_type,
        file_size=file.file_size,
    )
