"""The seam between what executions print and where it is kept, and what all stores have alike.

What is kept of a stream is its beginning, byte for byte, so whoever writes it can be followed by
another at any time. At most `KEPT` bytes are kept of one that has ended, its beginning and its end.
What a store refuses is an `OSError`, whatever it is made of.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Final

KEPT: Final = 64 * 1024 * 1024
"""How many bytes are kept of each stream."""
HALF: Final = KEPT // 2
"""How many bytes are kept of each stream while it grows."""
CHUNK: Final = 256 * 1024
_FOLDER_SIZE: Final = 1000


class Stream(StrEnum):
    """What a program prints to."""

    STDOUT = "stdout"
    STDERR = "stderr"


class KeptLog(ABC):
    """One stream of an execution in the store; it need not be there. For one thread at a time."""

    __slots__ = ()

    @property
    @abstractmethod
    def where(self) -> str:
        """Where it is, as a person would look for it."""

    @abstractmethod
    def is_behind(self, source: Path) -> bool:
        """Say whether something is to be copied now; the store is not asked."""

    @abstractmethod
    def copy_new(self, source: Path) -> None:
        """Copy what a running execution has printed since the last time; only its first half."""

    @abstractmethod
    def finish(self, source: Path, least: int) -> None:
        """Copy what is missing of a stream that has ended; a long one is cut in its middle.

        It may be repeated, also by another who does not know how far the first one came.

        Parameters
        ----------
        least
            A stream of which nothing is here yet is kept only if it is longer than this.
        """

    @abstractmethod
    def chunks(self, start: int = 0) -> Iterator[bytes]:
        """Yield what is here now, from an offset, in pieces of at most 256 KiB."""


class LogStore(ABC):
    """All logs; may be used by several threads at once."""

    __slots__ = ()
    seconds_between_looks: float
    """How long who follows a quiet stream waits between two looks."""

    @abstractmethod
    def log(
        self, job_exe_id: int, started: datetime, stream: Stream, *, is_new: bool = False
    ) -> KeptLog:
        """Return the log of a stream.

        Parameters
        ----------
        started
            When the execution began: ids begin again when the catalogue is made anew.
        is_new
            Whether the execution has just begun, so that nothing of it can be here.
        """

    @abstractmethod
    def sizes(self, job_exe_id: int, started: datetime) -> Mapping[Stream, int]:
        """Return how many bytes are here of each stream of an execution that something is of."""

    @property
    @abstractmethod
    def where(self) -> str:
        """Where it is, as a person would look for it."""

    @abstractmethod
    def probe(self) -> None:
        """Write, read and remove something small.

        Raises
        ------
        OSError
            Raised if one of these is not possible.
        """

    @abstractmethod
    def remove_old(self, days: float, moment: float) -> int:
        """Remove the logs that were last written longer ago; return how many streams those were.

        The store is looked through once a day, however often it is called.

        Parameters
        ----------
        moment
            Now, in seconds since 1970.
        """


def stem(job_exe_id: int, started: datetime) -> str:
    """Return what the names of all logs of an execution begin with."""
    moment = started.astimezone(UTC).strftime("%Y%m%dT%H%M%S%f")
    return f"{job_exe_id // _FOLDER_SIZE:06d}/{job_exe_id}-{moment}"


def size_of(source: Path) -> int | None:
    """Return how many bytes a stream has; None if there is none."""
    try:
        return source.stat().st_size
    except FileNotFoundError:
        return None


def whole(source: Path, size: int) -> Iterator[bytes]:
    """Yield what is kept of a stream of `size` bytes that has ended."""
    with source.open("rb") as reader:
        yield from part(reader, 0, size if size <= KEPT else HALF)
        if size > KEPT:
            yield _mark(size)
            yield from part(reader, size - HALF, size)


def whole_size(size: int) -> int:
    """Return how many bytes `whole` yields."""
    return size if size <= KEPT else KEPT + len(_mark(size))


def part(reader: BinaryIO, begin: int, end: int) -> Iterator[bytes]:
    """Yield the bytes from one offset to another, as far as they are there."""
    reader.seek(begin)
    while begin < end and (chunk := reader.read(min(CHUNK, end - begin))):
        yield chunk
        begin += len(chunk)


def last_lines(text: str, count: int | None) -> str:
    """Return the last lines of a text; all of it for None."""
    return text if count is None else "".join(text.splitlines(keepends=True)[-count:])


def _mark(size: int) -> bytes:
    return f"\n[... {size - KEPT} bytes are not kept ...]\n".encode()
