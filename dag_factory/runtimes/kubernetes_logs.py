"""The log of a pod, kept in the work directory as it is written, no line twice.

A cluster gives one log of both streams. Each line comes with its time. Where we are is noted in a
file beside the log: whoever goes on cuts the log to what was noted, and reads from there.
"""

import json
import os
import re
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import Lock
from time import monotonic, time
from typing import BinaryIO, Final

POSITION: Final = "log.position"
_NOTE_SECONDS: Final = 1.0
_OVERLAP_SECONDS: Final = 60
_SECOND: Final = len("2026-11-22T11:30:00")
_LONGEST_STAMP: Final = 64
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")


@dataclass(frozen=True, slots=True)
class Position:
    """How far a log was read: `lines` lines of its last `second`, and `size` bytes were written."""

    second: str = ""
    lines: int = 0
    size: int = 0


@dataclass(slots=True)
class LogFile:
    """Writes what a cluster sends of a log, from where the last writer came to.

    Parameters
    ----------
    path
        The log file; the position is noted beside it.
    """

    path: Path
    _file: BinaryIO = field(init=False)
    _begin: Position = field(init=False)
    _line_end: Position = field(init=False)
    _second: str = field(init=False)
    _lines: int = field(init=False)
    _noted: float = field(default_factory=monotonic, init=False)
    _stamp: bytes = field(default=b"", init=False)
    _in_stamp: bool = field(default=True, init=False)
    _keeps: bool = field(default=False, init=False)
    _seen: int = field(default=0, init=False)
    _size: int = field(init=False)
    _lock: Lock = field(default_factory=Lock, init=False)

    def __post_init__(self) -> None:
        self._begin = self._line_end = _read(self.path.with_name(POSITION))
        self._second, self._lines = self._begin.second, self._begin.lines
        self._size = self._begin.size
        self._file = os.fdopen(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644), "r+b")
        self._file.truncate(self._size)
        self._file.seek(self._size)

    def feed(self, data: bytes) -> None:
        """Write what comes next of the log, in pieces of any size; nothing once it is closed."""
        with self._lock:
            if self._file.closed:
                return
            at = 0
            while at < len(data):
                at = self._feed_stamp(data, at) if self._in_stamp else self._feed_line(data, at)
            self._file.flush()
            if monotonic() - self._noted >= _NOTE_SECONDS:
                self._note()

    def close(self) -> None:
        """Note how far it was read; a line without an end is read again."""
        with self._lock:
            self._note()
            self._file.close()

    def _feed_stamp(self, data: bytes, at: int) -> int:
        end = data.find(b" ", at)
        self._stamp += data[at:] if end < 0 else data[at:end]
        if end < 0 and len(self._stamp) < _LONGEST_STAMP:
            return len(data)
        self._in_stamp = False
        self._begin_line(self._stamp[:_SECOND].decode("ascii", "replace"))
        self._stamp = b""
        return len(data) if end < 0 else end + 1

    def _begin_line(self, second: str) -> None:
        """Decide whether a line is new: known are those before the position's, and its first."""
        begin = self._begin
        if not _TIME.fullmatch(second):  # a word of the node itself, such as that the log is gone
            self._keeps = False
            return
        if second == begin.second and self._seen < begin.lines:
            self._seen += 1
            self._keeps = False
            return
        self._keeps = second >= begin.second
        if second > self._second:
            self._second, self._lines = second, 1
        elif second == self._second:
            self._lines += 1

    def _feed_line(self, data: bytes, at: int) -> int:
        newline = data.find(b"\n", at)
        end = len(data) if newline < 0 else newline + 1
        if self._keeps:
            self._size += self._file.write(data[at:end])
        if newline >= 0:
            self._in_stamp = True
            if self._keeps:
                self._line_end = Position(self._second, self._lines, self._size)
        return end

    def _note(self) -> None:
        self._noted = monotonic()
        if self._line_end == self._begin:
            return
        place = self.path.with_name(POSITION)
        temporary = place.with_name(f"{POSITION}.tmp")
        temporary.write_text(json.dumps(asdict(self._line_end)), encoding="utf-8")
        temporary.replace(place)


def seconds_to_read(path: Path) -> int | None:
    """Return how many seconds of a log hold all that was not read of it, None for all of it.

    It is counted from when the position was noted here, so the clocks of nodes do not matter.
    """
    with suppress(FileNotFoundError):
        age = time() - path.with_name(POSITION).stat().st_mtime
        return max(1, int(age) + _OVERLAP_SECONDS)
    return None


def _read(place: Path) -> Position:
    try:
        return Position(**json.loads(place.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return Position()
