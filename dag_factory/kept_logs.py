"""Keeps what the executions of this process print in the log store, also while they run."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from catalog.log_store import KeptLog, Stream
from dag_factory.runtimes.runtime import Invocation
from dag_factory.told_logs import Say, ToldLog
from dag_factory.work_directory import LOG_LIMIT

_SECONDS: Final = 1.0
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class LogKeeper:
    """Copies new output once a second, of all executions in one thread; a short one costs nothing.

    What cannot be copied stops no job: the end of each stream is kept in the catalogue as well.
    """

    _running: dict[int, tuple[Invocation, ToldLog | None]] = field(default_factory=dict)
    _copying: "asyncio.Task[None] | None" = None

    @asynccontextmanager
    async def following(
        self, invocation: Invocation, say: Say | None = None
    ) -> AsyncIterator[None]:
        """Keep what an execution prints while the block lasts.

        Parameters
        ----------
        say
            Told each line as well, up to a limit; None where nobody listens.
        """
        told = None if say is None else ToldLog(invocation, say)
        self._running[invocation.plan.job_exe_id] = (invocation, told)
        if self._copying is None or self._copying.done():
            self._copying = asyncio.create_task(self._copy())
        try:
            yield
        finally:
            del self._running[invocation.plan.job_exe_id]
        if told is not None:
            await asyncio.to_thread(told.tell, to_the_end=True)

    async def _copy(self) -> None:
        while self._running:
            await asyncio.sleep(_SECONDS)
            await asyncio.to_thread(_copy_new, list(self._running.values()))


def finish(invocation: Invocation) -> None:
    """Keep the whole of what an execution that has ended has printed."""
    for source, kept in _files(invocation):
        try:
            kept.finish(source, LOG_LIMIT)
        except OSError as error:
            _log.warning("The log %s is not kept whole: %s", kept.path, error)


def _copy_new(running: Iterable[tuple[Invocation, ToldLog | None]]) -> None:
    for invocation, told in running:
        if told is not None:
            told.tell()  # before the copy, which is how far a successor thinks it was told
        for source, kept in _files(invocation):
            try:
                kept.copy_new(source)
            except OSError as error:
                _log.warning("The log %s is behind: %s", kept.path, error)


def _files(invocation: Invocation) -> tuple[tuple[Path, KeptLog], ...]:
    plan, work = invocation.plan, invocation.work
    return (
        (work.stdout, KeptLog.of(plan.job_exe_id, plan.started, Stream.STDOUT)),
        (work.stderr, KeptLog.of(plan.job_exe_id, plan.started, Stream.STDERR)),
    )
