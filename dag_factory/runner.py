"""Running a job from the queue to its end, whatever dies on the way.

Each step can be repeated: the catalogue says which execution is open, the runtime finds what
already runs, stored files are written again to the same paths, and the end is one transaction.
"""

import asyncio
import logging
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy.exc import DBAPIError

from catalog.errors import ConflictError
from catalog.records.execution import Ended, ExecutionPlan, Failure
from catalog.services.executions import ExecutionService
from catalog.states import JobStatus
from dag_factory.collection import collect
from dag_factory.command_line import OUTPUT_DIRECTORY, command_line
from dag_factory.failures import JobFailure
from dag_factory.publication import missing_inputs, store
from dag_factory.runtimes.docker import DockerRuntime
from dag_factory.runtimes.process import ProcessRuntime
from dag_factory.runtimes.runtime import Exit, Found, Invocation, Runtime
from dag_factory.work_directory import WorkDirectory, tail, unique_names
from schemas.job_interface import InputType

_RETRY_SECONDS: Final = 2.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class JobRunner:
    """Runs jobs on this host.

    Parameters
    ----------
    executions
        The service that decides about executions.
    directory
        Where this host keeps the work directories.
    slots
        How many jobs run here at once; those that were left running are taken over at once.
    """

    executions: ExecutionService
    directory: Path
    slots: asyncio.Semaphore

    async def run(self, job_id: int) -> bool:
        """Run a job to its end; return whether it completed.

        A database that does not answer is waited for: the job goes on meanwhile.
        """
        while True:
            try:
                if await self._status(job_id) is JobStatus.RUNNING:
                    ended = await self._try(job_id)
                else:
                    async with self.slots:
                        ended = await self._try(job_id)
            except DBAPIError as error:
                _log.warning("The catalogue does not answer; job %s waits: %s", job_id, error)
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            except Exception as error:  # noqa: BLE001  # a fault of ours ends as the job's error
                _log.exception("Job %s met a fault of Airscale.", job_id)
                ended = await asyncio.to_thread(self.executions.fail_open, job_id, str(error))
            if ended is not None:
                return ended.succeeded

    async def cancel(self, job_id: int, reason: str) -> None:
        """Cancel a job and stop what runs of it."""
        begun = await asyncio.to_thread(self.executions.open_plan, job_id)
        await asyncio.to_thread(self._cancel, job_id, reason)
        if begun is not None:
            runtime = runtime_of(begun)
            await runtime.kill(_invocation(begun, runtime, self.directory))

    def _cancel(self, job_id: int, reason: str) -> None:
        try:
            self.executions.cancel(job_id, reason)
        except ConflictError:
            _log.info("Job %s had ended before it was cancelled.", job_id)

    async def _status(self, job_id: int) -> JobStatus:
        return await asyncio.to_thread(self.executions.status_of, job_id)

    async def _try(self, job_id: int) -> Ended | None:
        """Run one execution; return how the job ended, None if it is queued again."""
        begun = await asyncio.to_thread(self.executions.begin, job_id, socket.gethostname())
        if isinstance(begun, Ended):
            return begun
        runtime = runtime_of(begun)
        invocation = _invocation(begun, runtime, self.directory)
        outcome = await self._execute(runtime, invocation)
        ended = await self._end(begun, outcome)
        await self._clean(runtime, invocation)
        return ended

    async def _execute(self, runtime: Runtime, invocation: Invocation) -> Exit | Failure:
        """Find or start the execution and wait for it, within its timeout."""
        try:
            found = await self._find_or_start(runtime, invocation)
            # What has ended already ended in time, however late it is found.
            limit = None if found is Found.EXITED else _seconds_left(invocation)
            async with asyncio.timeout(limit):
                return await runtime.wait(invocation)
        except JobFailure as failure:
            return _failure(invocation, failure)
        except TimeoutError:
            await runtime.kill(invocation)
            sentence = (
                f"The job ran longer than its timeout of {invocation.plan.timeout} s and was"
                " stopped. Raise the timeout of the job type, or give it less to do."
            )
            return _failure(invocation, JobFailure("timeout", sentence))

    async def _find_or_start(self, runtime: Runtime, invocation: Invocation) -> Found:
        found = await runtime.find(invocation)
        if found is Found.ABSENT:
            await asyncio.to_thread(_prepare, runtime, invocation)
            await runtime.start(invocation)
            await asyncio.to_thread(
                self.executions.started,
                invocation.plan.job_exe_id,
                " ".join(invocation.argv[1:]),
                invocation.environment,
            )
        return found

    async def _end(self, plan: ExecutionPlan, outcome: Exit | Failure) -> Ended | None:
        work = WorkDirectory.of(self.directory, plan.job_exe_id)
        if isinstance(outcome, Exit):
            outcome_of_exit = await asyncio.to_thread(self._complete, plan, work, outcome)
            if isinstance(outcome_of_exit, Ended):
                return outcome_of_exit
            outcome = outcome_of_exit
        return await asyncio.to_thread(self.executions.fail, plan.job_exe_id, outcome)

    def _complete(self, plan: ExecutionPlan, work: WorkDirectory, end: Exit) -> Ended | Failure:
        """Collect, store and publish what a successful command made."""
        stdout, stderr = tail(work.stdout), tail(work.stderr)
        if end.code != 0 or end.out_of_memory:
            return _exit_failure(plan, end, stdout, stderr)
        runtime = runtime_of(plan)
        try:
            collection = collect(
                plan.interface, work.outputs, runtime.output_directory(work), stdout
            )
            results = store(plan, collection, end.completed, stdout, stderr)
        except JobFailure as failure:
            return Failure(
                failure.error_name, failure.detail, end.code, end.completed, stdout, stderr
            )
        try:
            return self.executions.complete(plan.job_exe_id, results)
        except ConflictError as error:
            _log.warning("The results of %s are not published: %s", plan.job_exe_id, error)
            return Ended(succeeded=False)

    async def _clean(self, runtime: Runtime, invocation: Invocation) -> None:
        """Remove what is left of an ended execution; what cannot be removed is only logged."""
        try:
            await runtime.remove(invocation)
        except JobFailure as failure:
            _log.warning("%s was not removed: %s", invocation.name, failure)
        await asyncio.to_thread(invocation.work.remove)


def runtime_of(plan: ExecutionPlan) -> Runtime:
    """Return the runtime a job type asks for."""
    return DockerRuntime() if plan.uses_docker else ProcessRuntime()


def _invocation(plan: ExecutionPlan, runtime: Runtime, directory: Path) -> Invocation:
    work = WorkDirectory.of(directory, plan.job_exe_id)
    values = _values(plan, runtime, work)
    return Invocation(
        plan=plan,
        work=work,
        argv=tuple(command_line(plan.interface, values)),
        environment={
            "JOB_ID": str(plan.job_id),
            "JOB_EXE_ID": str(plan.job_exe_id),
            "JOB_OUTPUT_DIR": str(runtime.output_directory(work)),
        },
    )


def _values(plan: ExecutionPlan, runtime: Runtime, work: WorkDirectory) -> Mapping[str, str]:
    """Return what stands for each name of the command line."""
    values = {**plan.properties, OUTPUT_DIRECTORY: str(runtime.output_directory(work))}
    lists = {each.name for each in plan.interface.inputs if each.type is InputType.FILES}
    for name, files in plan.files.items():
        if name in lists:
            values[name] = str(runtime.input_directory(work, name))
        else:
            values[name] = str(runtime.input_path(work, name, files[0].file_name))
    return values


def _prepare(runtime: Runtime, invocation: Invocation) -> None:
    missing = missing_inputs(invocation.plan)
    if missing:
        raise JobFailure(
            "filesystem-io",
            f"The input file {missing[0]} cannot be read on this host. Look whether the workspace"
            " is mounted and the file still there.",
        )
    try:
        invocation.work.prepare()
        named = {name: unique_names(files) for name, files in invocation.plan.files.items()}
        runtime.give(invocation.work, named)
    except OSError as error:
        raise JobFailure(
            "filesystem-io",
            f"The work directory {invocation.work.root} could not be made ({error})."
            " Look at the disk and permissions of this host.",
        ) from error


def _seconds_left(invocation: Invocation) -> float | None:
    if invocation.deadline is None:
        return None
    return max(0.0, (invocation.deadline - datetime.now(UTC)).total_seconds())


def _failure(invocation: Invocation, failure: JobFailure) -> Failure:
    return Failure(
        failure.error_name,
        failure.detail,
        job_completed=datetime.now(UTC),
        stdout=tail(invocation.work.stdout),
        stderr=tail(invocation.work.stderr),
    )


def _exit_failure(plan: ExecutionPlan, end: Exit, stdout: str, stderr: str) -> Failure:
    if end.out_of_memory:
        detail = (
            f"The job used more than its {plan.mem:.0f} MiB of memory and was stopped."
            " Raise mem_required of the job type."
        )
        return Failure("out-of-memory", detail, end.code, end.completed, stdout, stderr)
    name = plan.error_mapping.name_for(end.code) or "unknown"
    last_words = stderr.strip().splitlines()[-1:] or stdout.strip().splitlines()[-1:]
    detail = f"The algorithm ended with exit code {end.code}, which its error mapping calls {name}."
    if last_words:
        detail += f" Its last words: {last_words[0][:500]}"
    return Failure(name, detail, end.code, end.completed, stdout, stderr)


def default_slots() -> int:
    """Return how many jobs run at once here: ``AIRSCALE_JOB_SLOTS``, else two for each CPU."""
    configured = os.environ.get("AIRSCALE_JOB_SLOTS")
    return int(configured) if configured else 2 * (os.cpu_count() or 1)
