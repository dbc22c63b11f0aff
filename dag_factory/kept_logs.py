"""Keeps what the executions of this process print in the log store, also while they run."""

import asyncio
import logging
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Final

from catalog.logs import KeptLog, Stream, log_store
from dag_factory.runtimes.runtime import Invocation
from dag_factory.told_logs import Say, ToldLog
from dag_factory.work_directory import LOG_LIMIT

_SECONDS: Final = 1.0
_THREADS: Final = 4
_LONGEST_PAUSE: Final = 60.0
_FINISH_SECONDS: Final = 120.0
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class KeptStream:
    """One stream of an execution on its way into the log store, by one thread at a time.

    What fails is tried again, later and later, and said once until it works again, in the context
    that this is made in: by that Airflow knows the task.
    """

    invocation: Invocation
    stream: Stream
    is_new: bool = False
    _kept: KeptLog | None = None
    _is_failing: bool = False
    _pause: float = 0.0
    _next: float = 0.0
    _is_queued: bool = False
    _is_over: bool = False
    _lock: Lock = field(default_factory=Lock)
    _context: Context = field(default_factory=copy_context)

    @property
    def source(self) -> Path:
        """The file that the execution prints to."""
        work = self.invocation.work
        return work.stdout if self.stream is Stream.STDOUT else work.stderr

    def becomes_due(self) -> bool:
        """Say whether `copy_new` is to be called; not again until it was. The store is not asked.

        Raises
        ------
        OSError
            Raised if the file cannot be looked at.
        """
        if self._is_queued or monotonic() < self._next:
            return False
        self._is_queued = self._kept is None or self._kept.is_behind(self.source)
        return self._is_queued

    def copy_new(self) -> None:
        """Copy what is new; what fails is said in the log of the task."""
        with self._lock:
            try:
                self._context.run(self._copy_new)
            finally:
                self._is_queued = False

    def finish(self) -> bool:
        """Copy the rest of a stream that has ended; return whether all that should be is kept."""
        with self._lock:
            self._is_over = True
            return self._context.run(self._finish)

    def _copy_new(self) -> None:
        try:
            if not self._is_over:
                self._target.copy_new(self.source)
                self._works()
        except OSError as error:
            self._fails(error)

    def _finish(self) -> bool:
        try:
            self._target.finish(self.source, LOG_LIMIT)
        except OSError as error:
            _log.warning("%s is not kept whole: %s", self._name, error)
            return False
        self._works()
        return True

    @property
    def _target(self) -> KeptLog:
        if self._kept is None:
            plan = self.invocation.plan
            self._kept = log_store().log(
                plan.job_exe_id, plan.started, self.stream, is_new=self.is_new
            )
        return self._kept

    @property
    def _name(self) -> str:
        return f"The {self.stream} of {self.invocation.name}"

    def _fails(self, error: OSError) -> None:
        self._pause = min(max(_SECONDS, 2 * self._pause), _LONGEST_PAUSE)
        self._next = monotonic() + self._pause
        if not self._is_failing:
            _log.warning("%s cannot be kept now; the job goes on: %s", self._name, error)
        self._is_failing = True

    def _works(self) -> None:
        if self._is_failing:
            _log.warning("%s is kept again.", self._name)
        self._is_failing, self._pause = False, 0.0


@dataclass(slots=True)
class KeptOutput:
    """What an execution prints, on its way into the log store and into Airflow's task log.

    Parameters
    ----------
    say
        Told each line, up to a limit; None where nobody listens.
    """

    invocation: Invocation
    say: Say | None = None
    streams: tuple[KeptStream, ...] = field(init=False)
    told: ToldLog | None = field(init=False)

    def __post_init__(self) -> None:
        self.streams = tuple(KeptStream(self.invocation, each) for each in Stream)
        self.told = None if self.say is None else ToldLog(self.invocation, self.say)

    def begins(self) -> None:
        """Take note that the execution is about to begin: nothing of it is in the store."""
        for each in self.streams:
            each.is_new = True
        if self.told is not None:
            self.told.begins()

    def finish(self) -> bool:
        """Keep the rest of what an execution that has ended has printed; say whether it is kept."""
        kept = [each.finish() for each in self.streams]
        return all(kept)


@dataclass(slots=True)
class LogKeeper:
    """Copies new output about once a second, of all executions; a short one costs nothing.

    What cannot be copied stops no job, and holds up at most the few threads that are for this: the
    end of each stream is kept in the catalogue as well.
    """

    _running: dict[int, KeptOutput] = field(default_factory=dict)
    _copying: "asyncio.Task[None] | None" = None
    _threads: ThreadPoolExecutor = field(
        default_factory=partial(ThreadPoolExecutor, _THREADS, thread_name_prefix="logs")
    )

    @asynccontextmanager
    async def following(self, output: KeptOutput) -> AsyncIterator[None]:
        """Keep what an execution prints while the block lasts."""
        self._running[output.invocation.plan.job_exe_id] = output
        if self._copying is None or self._copying.done():
            self._copying = asyncio.create_task(self._copy())
        try:
            yield
        finally:
            del self._running[output.invocation.plan.job_exe_id]
        if output.told is not None:
            await asyncio.to_thread(output.told.tell, to_the_end=True)

    async def finish(self, output: KeptOutput) -> bool:
        """Keep the rest of what an execution that has ended has printed; say whether it is kept.

        A store that stands still is not waited for.
        """
        done = asyncio.get_running_loop().run_in_executor(self._threads, output.finish)
        await asyncio.wait((done,), timeout=_FINISH_SECONDS)
        if done.done():
            return done.result()
        _log.warning("The log of %s takes too long to be kept.", output.invocation.name)
        return False

    async def _copy(self) -> None:
        while self._running:
            await asyncio.sleep(_SECONDS)
            for each in await asyncio.to_thread(_tell, list(self._running.values())):
                self._threads.submit(each.copy_new)


def _tell(running: list[KeptOutput]) -> list[KeptStream]:
    """Tell what is new, and return what is to be copied."""
    due = []
    for output in running:
        if output.told is not None:
            output.told.tell()  # before the copy, which is how far a successor thinks it was told
        for stream in output.streams:
            with suppress(OSError):
                if stream.becomes_due():
                    due.append(stream)
    return due
