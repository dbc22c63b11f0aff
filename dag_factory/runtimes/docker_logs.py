"""The log of a container, kept in the work directory as it is written: nothing lost, nothing twice.

The engine sends both streams in frames, one for each message, and each message with its time. Where
we are is noted in a file beside the logs: whoever goes on cuts them to what was noted, asks for
what the engine has since a time, and leaves out as many messages as had been read of that.
"""

import json
import logging
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import BinaryIO, Final

from dag_factory.work_directory import WorkDirectory

POSITION: Final = "log.position"
_NOTE_SECONDS: Final = 1.0
_HEADER: Final = 8
_STDOUT: Final = 1
_STDERR: Final = 2
_SECOND: Final = len("2026-11-22T11:30:00")
_STAMP: Final = len("2026-11-22T11:30:00.000000000Z")
_ORDERLY: Final = timedelta(seconds=5)
"""Messages get their times before they are put in order: two streams may change places a little."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Position:
    """How far a log was read.

    Parameters
    ----------
    container
        Id of the container whose log it is.
    since, count
        So many messages were read whose time is `since` or later.
    later, later_count
        The same of a later time, which takes the place of the first when it is old enough.
    newest
        The latest time there was.
    stdout, stderr
        How many bytes of each were written.
    """

    container: str = ""
    since: str = ""
    count: int = 0
    later: str = ""
    later_count: int = 0
    newest: str = ""
    stdout: int = 0
    stderr: int = 0

    @property
    def question(self) -> dict[str, str]:
        """What is asked of the engine, so that it leaves out what is older."""
        if not self.since:
            return {}
        second = datetime.fromisoformat(self.since[:_SECOND]).replace(tzinfo=UTC)
        return {"since": f"{int(second.timestamp())}.{self.since[_SECOND + 1 : -1]}"}


class ContainerLog:
    """Writes what an engine sends of a log, from where the last writer came to.

    Parameters
    ----------
    container
        The container's id: what was noted of another counts for nothing.
    work
        Where the logs are; the position is noted beside them.
    limit
        How many bytes of each stream are written; what comes then is left out.
    """

    def __init__(self, container: str, work: WorkDirectory, limit: int) -> None:
        self._container = container
        self._place = work.root / POSITION
        self._limit = limit
        begin = self.begin = _read(self._place, container)
        self._known = begin.count
        self._since, self._count = begin.since, begin.count
        self._later, self._later_count = begin.later, begin.later_count
        self._newest = begin.newest
        self._promotion = _promotion(begin.later)
        self._sizes = {_STDOUT: begin.stdout, _STDERR: begin.stderr}
        self._files = {
            _STDOUT: _opened(work.stdout, begin.stdout),
            _STDERR: _opened(work.stderr, begin.stderr),
        }
        self._rest = bytearray()
        self._noted = monotonic()
        self._lock = Lock()
        self._is_closed = False

    def feed(self, data: bytes) -> None:
        """Write what comes next of the log, in pieces of any size; nothing once it is closed."""
        with self._lock:
            if self._is_closed:
                return
            rest = self._rest
            rest += data
            at = 0
            while len(rest) - at >= _HEADER:
                end = at + _HEADER + int.from_bytes(rest[at + 4 : at + _HEADER], "big")
                if end > len(rest):
                    break
                self._message(rest[at], bytes(rest[at + _HEADER : end]))
                at = end
            del rest[:at]
            if monotonic() - self._noted >= _NOTE_SECONDS:
                self._note()
            else:
                self._flush()

    def close(self) -> None:
        """Note how far it was read."""
        with self._lock:
            self._note()
            self._is_closed = True
            for each in self._files.values():
                each.close()

    def _message(self, stream: int, content: bytes) -> None:
        if stream not in self._files:
            _log.warning("The engine says of a log: %s", content.decode("utf-8", "replace")[:500])
            return
        stamp, _, words = content.partition(b" ")
        moment = stamp.decode("ascii", "replace")
        if len(moment) != _STAMP or moment < self.begin.since:
            return
        if self._known and moment <= self.begin.newest:
            self._known -= 1
            return
        self._known = 0  # the engine threw some of those away
        self._count_in(moment)
        room = self._limit - self._sizes[stream]
        self._sizes[stream] += self._files[stream].write(words[: max(0, room)])

    def _count_in(self, moment: str) -> None:
        if moment > self._promotion and moment > self._newest:
            if self._later:
                self._since, self._count = self._later, self._later_count
            self._later, self._later_count = moment, 0
            self._promotion = _promotion(moment)
        self._newest = max(self._newest, moment)
        if moment >= self._since:
            self._count += 1
        if moment >= self._later:
            self._later_count += 1

    def _flush(self) -> None:
        for each in self._files.values():
            each.flush()

    def _note(self) -> None:
        self._noted = monotonic()
        self._flush()
        now = Position(
            self._container,
            self._since,
            self._count,
            self._later,
            self._later_count,
            self._newest,
            self._sizes[_STDOUT],
            self._sizes[_STDERR],
        )
        if now == self.begin:
            return
        temporary = self._place.with_name(f"{POSITION}.{os.getpid()}.tmp")
        temporary.write_text(json.dumps(asdict(now)), encoding="utf-8")
        temporary.replace(self._place)


def _promotion(moment: str) -> str:
    """Return the time from which on nothing will come that is older than a moment."""
    if not moment:
        return ""
    return (datetime.fromisoformat(moment[:_SECOND]) + _ORDERLY).isoformat()


def _opened(path: Path, size: int) -> BinaryIO:
    file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o644), "r+b")
    file.truncate(size)
    file.seek(size)
    return file


def _read(place: Path, container: str) -> Position:
    with suppress(FileNotFoundError, ValueError, TypeError):
        found = Position(**json.loads(place.read_text(encoding="utf-8")))
        if found.container == container:
            return found
    return Position(container)
