"""One execution from its start, or from where another left it, to its end in the catalogue."""

import asyncio
import logging
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, TypeVar

from catalog.database import UNAVAILABLE
from catalog.records.execution import Ended, Failure, Results
from catalog.services.executions import ExecutionService
from dag_factory.clean_up import CleanUp, discard
from dag_factory.failures import JobFailure
from dag_factory.kept_logs import KeptOutput, LogKeeper
from dag_factory.outcome import failure_of, results_of
from dag_factory.preparation import prepare
from dag_factory.runtimes.runtime import Exit, Found, Invocation, Runtime, out_of_time
from dag_factory.told_logs import Say
from dag_factory.watch import Watch

T = TypeVar("T")
_OTHERS_SECONDS: Final = 2.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Attempt:
    """An execution that is to be run, or runs already.

    Parameters
    ----------
    executions, watch, logs, clean_up
        Those of the runner, which its jobs share.
    runtime, invocation
        What it runs as, and with what.
    node
        The host that starts it.
    say
        Told what it prints; None where nobody listens.
    """

    executions: ExecutionService
    watch: Watch
    logs: LogKeeper
    clean_up: CleanUp
    runtime: Runtime
    invocation: Invocation
    node: str
    say: Say | None = None
    output: KeptOutput = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "output", KeptOutput(self.invocation, self.say))

    async def run(self) -> Ended | None:
        """Run it to its end; return how the job ended, None if it is queued again."""
        outcome = await self._execute()
        if outcome is None:
            return None
        is_kept = await self.logs.finish(self.output)
        ended = await self._end(outcome)
        succeeded = ended is not None and ended.succeeded
        # What the log store does not take now is left to the search for orphans, which tries again.
        keep = not (is_kept and self.clean_up.removes(succeeded=succeeded))
        await self._discard(keep=keep, runs=not isinstance(outcome, Exit))
        return ended

    async def _execute(self) -> Exit | Failure | None:
        """Find or start it and wait for it; None if it was ended from elsewhere."""
        try:
            found = await self._find_or_start()
        except JobFailure as failure:
            return await asyncio.to_thread(failure_of, self.runtime, self.invocation, failure)
        if found is None:
            return None
        # What has ended already ended in time, however late it is found.
        limit = None if found is Found.EXITED else _seconds_left(self.invocation)
        async with self.logs.following(self.output):
            try:
                return await self._wait(limit)
            except JobFailure as failure:
                return await asyncio.to_thread(failure_of, self.runtime, self.invocation, failure)

    async def _find_or_start(self) -> Found | None:
        found = await self.runtime.find(self.invocation)
        if found is not Found.ABSENT:
            return found
        self.output.begins()
        await asyncio.to_thread(prepare, self.runtime, self.invocation)
        may_start = await asyncio.to_thread(
            self.executions.starting,
            self.invocation.plan.job_exe_id,
            " ".join(self.invocation.argv[1:]),
            self.invocation.environment,
            self.node,
        )
        if not may_start:
            await self._wait_for_others()
            return None
        if not await self._unless_ended(self._fetch()):
            return None
        await self.runtime.start(self.invocation)
        return found

    async def _fetch(self) -> bool:
        """Have what the start needs; that takes of its time, too."""
        await self._in_time(self.runtime.fetch(self.invocation), _seconds_left(self.invocation))
        return True

    async def _wait_for_others(self) -> None:
        """Give whoever else has it time; raises `JobFailure` if it went with its host."""
        job_exe_id = self.invocation.plan.job_exe_id
        lost = await asyncio.to_thread(self.executions.lost_elsewhere, job_exe_id, self.node)
        if lost is not None:
            raise JobFailure("node-lost", lost)
        await asyncio.sleep(_OTHERS_SECONDS)

    async def _wait(self, limit: float | None) -> Exit | None:
        """Wait for the end; if it is ended in the catalogue first, stop it."""
        placing = asyncio.ensure_future(self._note_place())
        try:
            return await self._unless_ended(self._until_exit(limit))
        finally:
            placing.cancel()
            await asyncio.gather(placing, return_exceptions=True)

    async def _unless_ended(self, step: Awaitable[T]) -> T | None:
        """Take a step; None if it is ended in the catalogue first, and so stopped."""
        taking = asyncio.ensure_future(step)
        ended = asyncio.ensure_future(self.watch.until_ended(self.invocation.plan.job_exe_id))
        try:
            await asyncio.wait((taking, ended), return_when=asyncio.FIRST_COMPLETED)
            if taking.done():
                return taking.result()
            ended.result()  # raises what kept the watch from watching: that is no cancellation
        finally:
            taking.cancel()
            ended.cancel()
            await asyncio.gather(taking, ended, return_exceptions=True)
        _log.info("%s was cancelled and is stopped.", self.invocation.name)
        await self._discard(keep=not self.clean_up.removes(succeeded=False), runs=True)
        return None

    async def _until_exit(self, limit: float | None) -> Exit:
        """Wait at most `limit` seconds; then it is stopped."""
        return await self._in_time(self.runtime.wait(self.invocation), limit)

    async def _in_time(self, step: Awaitable[T], limit: float | None) -> T:
        """Take a step; what takes longer than `limit` seconds is stopped."""
        timeout = asyncio.timeout(limit)
        try:
            async with timeout:
                return await step
        except TimeoutError as error:
            if not timeout.expired():
                raise
            await self.runtime.kill(self.invocation)
            raise out_of_time(self.invocation) from error

    async def _note_place(self) -> None:
        """Note which node of a cluster runs it; without it the job goes on as well."""
        try:
            node = await self.runtime.placed(self.invocation)
            if node is not None:
                job_exe_id = self.invocation.plan.job_exe_id
                await asyncio.to_thread(self.executions.placed, job_exe_id, node)
        except (JobFailure, *UNAVAILABLE) as error:
            _log.warning("The node of %s is not known: %s", self.invocation.name, error)

    async def _end(self, outcome: Exit | Failure) -> Ended | None:
        job_exe_id = self.invocation.plan.job_exe_id
        if isinstance(outcome, Exit):
            made = await asyncio.to_thread(results_of, self.runtime, self.invocation, outcome)
            if isinstance(made, Results):
                return await asyncio.to_thread(self.executions.complete, job_exe_id, made)
            outcome = made
        return await asyncio.to_thread(self.executions.fail, job_exe_id, outcome)

    async def _discard(self, *, keep: bool, runs: bool) -> None:
        """Stop it, and remove it if it is not kept for a while."""
        await discard(
            self.runtime,
            self.invocation,
            keep=keep,
            runs=runs,
            finish=lambda: self.logs.finish(self.output),
        )


def _seconds_left(invocation: Invocation) -> float | None:
    if invocation.deadline is None:
        return None
    return max(0.0, (invocation.deadline - datetime.now(UTC)).total_seconds())
