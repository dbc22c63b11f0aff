"""What a job prints, told to Airflow's task log as it happens: its beginning, line by line."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

from catalog.logs import Stream, log_store
from dag_factory.runtimes.runtime import Invocation

Say = Callable[[str], object]
"""Writes a line to the log of one task."""
TOLD: Final = 256 * 1024
"""How many bytes of an execution are told in all."""
_AT_ONCE: Final = 32 * 1024
_LONGEST_LINE: Final = 4000
_PREFIXES: Final = {Stream.STDOUT: "", Stream.STDERR: "[stderr] "}


@dataclass(slots=True)
class ToldLog:
    """Tells what an execution prints.

    Airflow knows which task a line belongs to by the context it is written in: that is the one in
    which this is made.

    Parameters
    ----------
    say
        What is told a line.
    """

    invocation: Invocation
    say: Say
    _context: Context = field(default_factory=copy_context)
    _offsets: dict[Stream, int] = field(default_factory=dict)
    _left: int = TOLD
    _is_over: bool = False
    _lock: Lock = field(default_factory=Lock)

    def begins(self) -> None:
        """Take note that the execution is about to begin: it has no predecessor."""
        self._offsets = dict.fromkeys(Stream, 0)

    def tell(self, *, to_the_end: bool = False) -> None:
        """Tell what is new; to be called in a thread. Nothing is told after the end.

        Who takes an execution over goes on where the log store is: so far its predecessor told it.

        Parameters
        ----------
        to_the_end
            Whether the job has ended: then a last line without an end counts as well.
        """
        with self._lock:
            if self._is_over:
                return
            self._is_over = to_the_end
            for line in self._new_lines(to_the_end=to_the_end):
                self._context.run(self.say, line)

    def _new_lines(self, *, to_the_end: bool) -> Iterator[str]:
        for stream in Stream:
            while self._left > 0 and (piece := self._next(stream, to_the_end=to_the_end)):
                yield from (_PREFIXES[stream] + _line(each) for each in piece.splitlines())
                if not to_the_end:
                    break
        if self._left == 0:
            self._is_over = True
            yield (
                f"No more than {TOLD // 1024} KiB of what a job prints are shown here. All that is"
                f" kept: /scale/api/job-executions/{self.invocation.plan.job_exe_id}/logs/."
            )

    def _next(self, stream: Stream, *, to_the_end: bool) -> bytes:
        """Return what is new of a stream: whole lines, or a long piece of one."""
        if stream not in self._offsets:
            self._offsets = _kept_sizes(self.invocation)
        work = self.invocation.work
        path = work.stdout if stream is Stream.STDOUT else work.stderr
        piece = b""
        with suppress(OSError), path.open("rb") as file:
            file.seek(self._offsets[stream])
            piece = file.read(min(_AT_ONCE, self._left))
        end = piece.rfind(b"\n") + 1
        if end == 0 and (to_the_end or len(piece) == min(_AT_ONCE, self._left)):
            end = len(piece)
        self._offsets[stream] += end
        self._left -= end
        return piece[:end]


def _kept_sizes(invocation: Invocation) -> dict[Stream, int]:
    """Return how much of each stream is in the store; nothing, where it does not answer."""
    plan = invocation.plan
    sizes = dict.fromkeys(Stream, 0)
    with suppress(OSError):
        sizes.update(log_store().sizes(plan.job_exe_id, plan.started))
    return sizes


def _line(line: bytes) -> str:
    text = line[: _LONGEST_LINE + 1].decode("utf-8", "replace").replace("\0", "\ufffd")
    return text if len(line) <= _LONGEST_LINE else f"{text[:_LONGEST_LINE]} ..."
