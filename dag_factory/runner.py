"""Running a job from the queue to its end, whatever dies on the way.

Each step can be repeated: the catalogue says which execution is open, the runtime finds what
already runs, stored files are written again to the same paths, and the end is one transaction.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Final, TypeVar

from catalog.database import UNAVAILABLE
from catalog.errors import ConflictError, NotFoundError
from catalog.records.execution import Ended, Failure, Held
from catalog.services.executions import ExecutionService
from catalog.states import JobStatus
from dag_factory.attempt import Attempt
from dag_factory.clean_up import CleanUp, discard, remove_orphans
from dag_factory.failures import JobFailure
from dag_factory.kept_logs import LogKeeper
from dag_factory.nodes import node_of
from dag_factory.preparation import invocation_of, runtime_of
from dag_factory.runtimes.runtime import Invocation
from dag_factory.told_logs import Say
from dag_factory.watch import Watch
from dag_factory.work_directory import WorkDirectory

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

    async def run(self, job_id: int, say: Say | None = None) -> bool:
        """Run a job to its end; return whether it completed.

        A database that does not answer is waited for: the job goes on meanwhile. A fault of ours
        ends the execution with the error ``unknown``.

        Parameters
        ----------
        say
            Told what the job prints, line by line up to a limit; None where nobody listens.
        """
        self._sweep_when_due()
        while True:
            try:
                ended = await self._patiently(job_id, lambda: self._turn(job_id, say))
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

    async def _turn(self, job_id: int, say: Say | None) -> Ended | None:
        """Wait until the job may begin, and run one execution; one left running has its place."""
        try:
            standing = await asyncio.to_thread(self.executions.standing_of, job_id)
            node = node_of(standing)
            if standing.status is JobStatus.QUEUED:
                await self.watch.until_admitted(job_id, node)
            try:
                return await self._try(job_id, node, say)
            finally:
                self.watch.hurry()  # others may have its place now
        except (ConflictError, NotFoundError) as error:
            _log.warning("Job %s is not run: %s", job_id, error)
            return Ended(succeeded=False)

    async def _try(self, job_id: int, node: str, say: Say | None) -> Ended | None:
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
            invocation = invocation_of(begun, runtime, self.directory)
        except JobFailure as error:
            failure = Failure(error.error_name, error.detail)
            return await asyncio.to_thread(self.executions.fail, begun.job_exe_id, failure)
        attempt = Attempt(
            self.executions, self.watch, self.logs, self.clean_up, runtime, invocation, node, say
        )
        return await attempt.run()

    async def _clear(self, job_id: int) -> None:
        """Stop and remove what is left of the executions of a job that have ended."""
        for plan in await asyncio.to_thread(self.executions.leftovers, job_id):
            work = WorkDirectory.of(self.directory, plan.job_exe_id)
            keep = not self.clean_up.removes(succeeded=False)
            await discard(runtime_of(plan), Invocation(plan, work, (), {}), keep=keep)

    def _sweep_when_due(self) -> None:
        """Remove orphans now and then, beside the jobs."""
        if not self._swept or monotonic() - self._swept[0] >= _SWEEP_SECONDS:
            self._sweeping[:] = [asyncio.create_task(self.sweep())]

    async def sweep(self) -> None:
        """Remove what is left of executions that have ended; a fault is logged, and waits."""
        self._swept[:] = [monotonic()]
        try:
            removed = await remove_orphans(self.executions, self.directory, self.clean_up)
        except Exception:  # noqa: BLE001  # jobs go on, and the next sweep finds the same
            _log.exception("Orphans could not be looked for.")
        else:
            if removed:
                _log.info("Removed what was left of the executions %s.", sorted(removed))
