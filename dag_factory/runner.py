"""Running a job from the queue to its end, whatever dies on the way.

Each step can be repeated: the catalogue says which execution is open, the runtime finds what
already runs, stored files are written again to the same paths, and the end is one transaction.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Final, TypeVar

from catalog.database import UNAVAILABLE
from catalog.errors import ConflictError, NotFoundError
from catalog.records.execution import Ended, ExecutionPlan, Failure, Held, Results
from catalog.services.executions import ExecutionService
from catalog.states import JobStatus
from dag_factory.clean_up import CleanUp, discard, remove_orphans
from dag_factory.collected_patterns import Patterns
from dag_factory.collection import collect
from dag_factory.command_line import OUTPUT_DIRECTORY, command_line
from dag_factory.disk import check_room, disk_used
from dag_factory.failures import JobFailure
from dag_factory.kept_logs import LogKeeper, finish
from dag_factory.nodes import node_of
from dag_factory.publication import missing_inputs, store
from dag_factory.runtimes.choice import runtime_for
from dag_factory.runtimes.runtime import Exit, Found, Invocation, Runtime, out_of_time
from dag_factory.staging import stage, with_staged_paths
from dag_factory.submitted import environment_of, put_submitted, submitted_names
from dag_factory.watch import Watch
from dag_factory.work_directory import WorkDirectory, artifact_lines, tail, unique_names
from schemas.job_interface import InputType

T = TypeVar("T")
_RETRY_SECONDS: Final = 2.0
_SWEEP_SECONDS: Final = 600.0
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
        How many jobs this host runs at once, besides what its CPUs and memory allow; None for
        no such limit. Those that were left running are taken over at once.
    """

    executions: ExecutionService
    directory: Path
    slots: int | None = None
    watch: Watch = field(init=False)
    logs: LogKeeper = field(init=False, default_factory=LogKeeper)
    clean_up: CleanUp = field(default_factory=CleanUp.from_environment)
    _swept: list[float] = field(init=False, default_factory=list)
    _sweeping: list["asyncio.Task[None]"] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        object.__setattr__(self, "watch", Watch(self.executions, self.directory, self.slots))

    async def run(self, job_id: int) -> bool:
        """Run a job to its end; return whether it completed.

        A database that does not answer is waited for: the job goes on meanwhile. A fault of ours
        ends the execution with the error ``unknown``.
        """
        self._sweep_when_due()
        while True:
            try:
                ended = await self._patiently(job_id, lambda: self._turn(job_id))
            except Exception as error:  # noqa: BLE001  # whatever it is, the job must not hang
                _log.exception("Job %s met a fault of Airscale.", job_id)
                detail = f"Airscale met a fault of its own ({error!r}). Please report it."
                ended = await self._patiently(job_id, lambda: self._give_up(job_id, detail))  # noqa: B023  # awaited at once
            if ended is not None:
                return ended.succeeded

    async def cancel(self, job_id: int, reason: str) -> None:
        """Cancel a job and stop what runs of it."""

        async def cancel() -> None:
            await asyncio.to_thread(self._cancel, job_id, reason)
            await self._clear(job_id)

        await self._patiently(job_id, cancel)

    async def _patiently(self, job_id: int, step: Callable[[], Awaitable[T]]) -> T:
        """Take a step that can be repeated, again and again while the database is away."""
        while True:
            try:
                return await step()
            except UNAVAILABLE as error:
                _log.warning("The catalogue does not answer; job %s waits: %s", job_id, error)
                await asyncio.sleep(_RETRY_SECONDS)

    def _cancel(self, job_id: int, reason: str) -> None:
        try:
            self.executions.cancel(job_id, reason)
        except ConflictError:
            _log.info("Job %s had ended before it was cancelled.", job_id)

    async def _give_up(self, job_id: int, detail: str) -> Ended | None:
        """End the open execution with the error ``unknown``, and stop what runs of it."""
        failure = Failure("unknown", detail)
        ended = await asyncio.to_thread(self.executions.fail_open, job_id, failure)
        await self._clear(job_id)
        return ended

    async def _turn(self, job_id: int) -> Ended | None:
        """Wait until the job may begin, and run one execution; one left running has its place."""
        try:
            standing = await asyncio.to_thread(self.executions.standing_of, job_id)
            node = node_of(standing)
            if standing.status is JobStatus.QUEUED:
                await self.watch.until_admitted(job_id, node)
            try:
                return await self._try(job_id, node)
            finally:
                self.watch.hurry()  # others may have its place now
        except (ConflictError, NotFoundError) as error:
            _log.warning("Job %s is not run: %s", job_id, error)
            return Ended(succeeded=False)

    async def _try(self, job_id: int, node: str) -> Ended | None:
        """Run one execution; return how the job ended, None if it is queued again."""
        begun = await asyncio.to_thread(self.executions.begin, job_id, node)
        if isinstance(begun, Ended):
            await self._clear(job_id)
            return begun
        if isinstance(begun, Held):
            _log.info("Job %s waits again: %s", job_id, begun.reason)
            return None
        if begun.try_number > 1:
            await self._clear(job_id)
        runtime = runtime_of(begun)
        try:
            invocation = _invocation(begun, runtime, self.directory)
        except JobFailure as error:
            failure = Failure(error.error_name, error.detail)
            return await asyncio.to_thread(self.executions.fail, begun.job_exe_id, failure)
        outcome = await self._execute(runtime, invocation, node)
        if outcome is None:
            return None
        ended = await self._end(runtime, invocation, outcome)
        succeeded = ended is not None and ended.succeeded
        runs = not isinstance(outcome, Exit)
        await self._discard(runtime, invocation, succeeded=succeeded, runs=runs)
        return ended

    async def _execute(
        self, runtime: Runtime, invocation: Invocation, node: str
    ) -> Exit | Failure | None:
        """Find or start the execution and wait for it; None if it was ended from elsewhere."""
        try:
            found = await self._find_or_start(runtime, invocation, node)
            if found is None:
                return None
            # What has ended already ended in time, however late it is found.
            limit = None if found is Found.EXITED else _seconds_left(invocation)
            async with self.logs.following(invocation):
                return await self._wait(runtime, invocation, limit)
        except JobFailure as failure:
            return await asyncio.to_thread(_failure, invocation, failure)

    async def _wait(
        self, runtime: Runtime, invocation: Invocation, limit: float | None
    ) -> Exit | None:
        """Wait for the end of an execution; if it is ended in the catalogue first, stop it."""
        waiting = asyncio.ensure_future(_wait(runtime, invocation, limit))
        placing = asyncio.ensure_future(self._note_place(runtime, invocation))
        ended = asyncio.ensure_future(self.watch.until_ended(invocation.plan.job_exe_id))
        try:
            await asyncio.wait((waiting, ended), return_when=asyncio.FIRST_COMPLETED)
            if waiting.done():
                return waiting.result()
            ended.result()  # raises what kept the watch from watching: that is no cancellation
        finally:
            waiting.cancel()
            ended.cancel()
            placing.cancel()
            await asyncio.gather(waiting, ended, placing, return_exceptions=True)
        _log.info("%s was cancelled and is stopped.", invocation.name)
        await self._discard(runtime, invocation)
        return None

    async def _note_place(self, runtime: Runtime, invocation: Invocation) -> None:
        """Note which node of a cluster runs an execution; without it the job goes on as well."""
        job_exe_id = invocation.plan.job_exe_id
        try:
            node = await runtime.placed(invocation)
            if node is not None:
                await asyncio.to_thread(self.executions.placed, job_exe_id, node)
        except (JobFailure, *UNAVAILABLE) as error:
            _log.warning("The node of %s is not known: %s", invocation.name, error)

    async def _find_or_start(
        self, runtime: Runtime, invocation: Invocation, node: str
    ) -> Found | None:
        found = await runtime.find(invocation)
        if found is not Found.ABSENT:
            return found
        await asyncio.to_thread(_prepare, runtime, invocation)
        may_start = await asyncio.to_thread(
            self.executions.starting,
            invocation.plan.job_exe_id,
            " ".join(invocation.argv[1:]),
            invocation.environment,
            node,
        )
        if not may_start:
            return None
        await runtime.start(invocation)
        return found

    async def _end(
        self, runtime: Runtime, invocation: Invocation, outcome: Exit | Failure
    ) -> Ended | None:
        job_exe_id = invocation.plan.job_exe_id
        await asyncio.to_thread(finish, invocation)
        if isinstance(outcome, Exit):
            made = await asyncio.to_thread(_results, runtime, invocation, outcome)
            if isinstance(made, Results):
                return await asyncio.to_thread(self.executions.complete, job_exe_id, made)
            outcome = made
        return await asyncio.to_thread(self.executions.fail, job_exe_id, outcome)

    async def _clear(self, job_id: int) -> None:
        """Stop and remove what is left of the executions of a job that have ended."""
        for plan in await asyncio.to_thread(self.executions.leftovers, job_id):
            work = WorkDirectory.of(self.directory, plan.job_exe_id)
            await self._discard(runtime_of(plan), Invocation(plan, work, (), {}))

    async def _discard(
        self,
        runtime: Runtime,
        invocation: Invocation,
        *,
        succeeded: bool = False,
        runs: bool = True,
    ) -> None:
        """Stop an ended execution, and remove it if it is not kept for a while."""
        keep = not self.clean_up.removes(succeeded=succeeded)
        await discard(runtime, invocation, keep=keep, runs=runs)

    def _sweep_when_due(self) -> None:
        """Remove orphans now and then, beside the jobs."""
        now = monotonic()
        if self._swept and now - self._swept[0] < _SWEEP_SECONDS:
            return
        self._swept[:] = [now]
        self._sweeping[:] = [asyncio.create_task(self._sweep())]

    async def _sweep(self) -> None:
        try:
            removed = await remove_orphans(self.executions, self.directory, self.clean_up)
        except Exception:  # noqa: BLE001  # jobs go on, and the next sweep finds the same
            _log.exception("Orphans could not be looked for.")
        else:
            if removed:
                _log.info("Removed what was left of the executions %s.", sorted(removed))


async def _wait(runtime: Runtime, invocation: Invocation, limit: float | None) -> Exit:
    """Wait for the end of an execution, at most `limit` seconds; then it is stopped."""
    timeout = asyncio.timeout(limit)
    try:
        async with timeout:
            return await runtime.wait(invocation)
    except TimeoutError as error:
        if not timeout.expired():
            raise
        await runtime.kill(invocation)
        raise out_of_time(invocation) from error


def _results(runtime: Runtime, invocation: Invocation, end: Exit) -> Results | Failure:
    """Collect and store what a successful command made."""
    plan, work = invocation.plan, invocation.work
    stdout, stderr = tail(work.stdout), tail(work.stderr)
    used = disk_used(work.outputs)  # before the products are moved out of it
    if end.code != 0 or end.out_of_memory:
        return replace(_exit_failure(plan, end, stdout, stderr), disk_out_used=used)
    try:
        seen_as = runtime.output_directory(work)
        lines = artifact_lines(work.stdout)
        patterns = Patterns(plan.output_patterns, submitted_names(plan.staging))
        collection = collect(plan.interface, work.outputs, seen_as, lines, patterns)
        made = store(plan, collection, end.completed, stdout, stderr)
        return replace(made, disk_out_used=used)
    except JobFailure as failure:
        words = (failure.error_name, failure.detail)
        return Failure(*words, end.code, end.completed, stdout, stderr, used)


def runtime_of(plan: ExecutionPlan) -> Runtime:
    """Return the runtime a job type asks for."""
    return runtime_for(uses_docker=plan.uses_docker)


def _invocation(plan: ExecutionPlan, runtime: Runtime, directory: Path) -> Invocation:
    work = WorkDirectory.of(directory, plan.job_exe_id)
    plan = with_staged_paths(plan, work.staged)
    values = _values(plan, runtime, work)
    return Invocation(
        plan=plan,
        work=work,
        argv=tuple(command_line(plan.interface, values)),
        environment=environment_of(plan, runtime.output_directory(work)),
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
        check_room(invocation.plan, invocation.work)
        stage(invocation.plan)
        named = {name: unique_names(files) for name, files in invocation.plan.files.items()}
        runtime.give(invocation.work, named)
    except OSError as error:
        raise JobFailure(
            "filesystem-io",
            f"The work directory {invocation.work.root} could not be made ({error})."
            " Look at the disk and permissions of this host.",
        ) from error
    put_submitted(invocation.plan.staging, invocation.work.outputs, invocation.deadline)


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
    mapped = plan.error_mapping.name_for(end.code)
    meaning = "does not list" if mapped is None else f"calls {mapped}"
    last_words = stderr.strip().splitlines()[-1:] or stdout.strip().splitlines()[-1:]
    detail = f"The algorithm ended with exit code {end.code}, which its error mapping {meaning}."
    if last_words:
        detail += f" Its last words: {last_words[0][:500]}"
    return Failure(mapped or "unknown", detail, end.code, end.completed, stdout, stderr)
