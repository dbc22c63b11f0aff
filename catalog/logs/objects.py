"""Logs as objects of a bucket.

An object cannot be appended to. While an execution runs, the first half of what may be kept of a
stream is in parts: fixed ranges of the stream, named by where they begin, of which the last is
written anew as it grows. A part holds the beginning of its range, whoever wrote it, so a successor
goes on with them. When the execution has ended, one object with the whole is written, and then the
parts are removed. Until they are gone, the whole counts; until it is there, the parts count.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from pathlib import Path
from time import monotonic
from typing import Final
from uuid import uuid4

from catalog.logs.bucket import Bucket, Entry
from catalog.logs.log import (
    CHUNK,
    HALF,
    KeptLog,
    LogStore,
    Stream,
    size_of,
    stem,
    whole,
    whole_size,
)
from catalog.logs.parts import LARGE, Standing, range_of

SECONDS: Final = 2.0
"""How long a stream is not written to again, its first hundred times; then twice as long."""
_OFTEN: Final = 100
_TURN_SECONDS: Final = 5.0
_KNOWN_SECONDS: Final = 3600.0
_LOOKS: Final = 3
_DAY: Final = 86_400.0
_MARK: Final = ".swept"
_NAME: Final = re.compile(
    r"(?P<log>\d{6,}/\d+-[0-9T]+\.(?:stdout|stderr)\.log)(?:\.(?P<begin>\d{8}))?"
)


@dataclass(slots=True)
class ObjectLog(KeptLog):
    """A stream as one object, or as parts of it.

    Parameters
    ----------
    key
        Key of the whole.
    seconds
        How long it is not written to again.
    """

    bucket: Bucket
    key: str
    seconds: float = SECONDS
    _standing: Standing | None = None
    _looked: float = field(default=0.0, init=False)
    _seen: int = field(default=0, init=False)
    _next: float = field(default=0.0, init=False)
    _written: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._looked = monotonic()

    @property
    def where(self) -> str:
        """The address of the whole."""
        return f"s3://{self.bucket.name}/{self.key}"

    def is_behind(self, source: Path) -> bool:
        """Say whether the stream has grown since the last copy, and the last is a while ago."""
        return monotonic() >= self._next and min(size_of(source) or 0, HALF) > self._seen

    def copy_new(self, source: Path) -> None:
        """Write the parts of the first half that are new, or longer than they were."""
        end = min(size_of(source) or 0, HALF)
        if end == 0:
            return
        standing = self._look()
        try:
            if standing.whole is None:
                end = self._write_parts(source, standing, end)
        except OSError:
            self._standing = None  # nobody knows whether what failed was written
            raise
        self._seen = end
        self._written += 1
        self._next = monotonic() + self.seconds * (1 if self._written <= _OFTEN else 2)

    def finish(self, source: Path, least: int) -> None:
        """Write the whole, and remove the parts; what is there already stays."""
        size = size_of(source) or 0
        if self._standing == Standing() and size <= least:
            return
        standing = self._listed() if self._standing is None else self._standing
        if standing == Standing() and size <= least:
            return
        if standing.whole is None and size < standing.size:
            self.bucket.upload(self.key, self._joined(standing), standing.size)
        elif standing.whole is None or standing.whole < whole_size(size):
            self.bucket.upload(self.key, whole(source, size), whole_size(size))
        self._standing = Standing(standing.parts, max(standing.size, whole_size(size)))
        self.bucket.remove(self._part_key(each) for each in standing.parts)
        self._standing.parts = {}

    def chunks(self, start: int = 0) -> Iterator[bytes]:
        """Yield what is there now; what is joined meanwhile is read on from the whole."""
        for _ in range(_LOOKS):
            try:
                for chunk in self._read(self._listed(), start):
                    start += len(chunk)
                    yield chunk
            except FileNotFoundError:
                continue
            return

    def _look(self) -> Standing:
        """Return what is there; asked for now and then, since retention may remove old parts."""
        if self._standing is None or monotonic() - self._looked > _KNOWN_SECONDS:
            self._standing = self._listed()
            self._looked = monotonic()
        return self._standing

    def _listed(self) -> Standing:
        return Standing.of(self.bucket.list(self.key))

    def _part_key(self, begin: int) -> str:
        return f"{self.key}.{begin:08d}"

    def _write_parts(self, source: Path, standing: Standing, end: int) -> int:
        """Write until a turn is over; return how far everything is there."""
        until = monotonic() + _TURN_SECONDS
        with source.open("rb") as reader:
            while (stored := standing.size) < end and monotonic() < until:
                begin, limit = range_of(stored)
                reader.seek(begin)
                content = reader.read(min(limit, end) - begin)
                if begin + len(content) <= stored:  # what was printed has been cut off
                    break
                self.bucket.put(self._part_key(begin), content)
                standing.parts[begin] = len(content)
        return standing.size

    def _joined(self, standing: Standing) -> Iterator[bytes]:
        """Yield what the parts hold; one that is gone must not end in a whole that is short."""
        left = standing.size
        for chunk in self._read(standing, 0):
            left -= len(chunk)
            yield chunk
        if left > 0:
            raise OSError(f"The parts of {self.where} have changed while they were joined.")

    def _read(self, standing: Standing, start: int) -> Iterator[bytes]:
        end = standing.size
        while start < end:
            begin, key, limit = 0, self.key, end
            if standing.whole is None:
                begin, limit = standing.part_at(start)
                key = self._part_key(begin)
            wanted = min(limit - start, LARGE)
            content = self.bucket.get(key, start - begin, wanted)
            for offset in range(0, len(content), CHUNK):
                yield content[offset : offset + CHUNK]
            if len(content) < wanted:  # somebody slow has written an older state over it
                return
            start += wanted


@dataclass(frozen=True, slots=True)
class ObjectStore(LogStore):
    """Logs below a prefix of a bucket.

    Parameters
    ----------
    seconds
        How long a stream is not written to again.
    """

    bucket: Bucket
    prefix: str = ""
    seconds: float = SECONDS
    seconds_between_looks: float = 2.0

    @property
    def where(self) -> str:
        """The address of all logs."""
        return f"s3://{self.bucket.name}/{self.prefix}"

    def log(
        self, job_exe_id: int, started: datetime, stream: Stream, *, is_new: bool = False
    ) -> ObjectLog:
        """Return the log of a stream; of a new execution, nothing is looked for."""
        key = self._key(f"{stem(job_exe_id, started)}.{stream}.log")
        return ObjectLog(self.bucket, key, self.seconds, Standing() if is_new else None)

    def sizes(self, job_exe_id: int, started: datetime) -> Mapping[Stream, int]:
        """Return how much can be read of each stream: one request."""
        key = self._key(stem(job_exe_id, started))
        entries = list(self.bucket.list(f"{key}."))
        found = {}
        for stream in Stream:
            of_stream = [each for each in entries if each.key.startswith(f"{key}.{stream}.log")]
            if of_stream:
                found[stream] = Standing.of(of_stream).size
        return found

    def probe(self) -> None:
        """Write, read, list and remove a small object."""
        key = self._key(f".doctor-{uuid4()}")
        self.bucket.put(key, b"?")
        try:
            self.bucket.get(key, 0, 1)
            list(self.bucket.list(key))
        finally:
            self.bucket.remove([key])

    def remove_old(self, days: float, moment: float) -> int:
        """Remove old logs, parts that nobody joined, and uploads that were never completed."""
        if not self._is_due(moment):
            return 0
        with suppress(OSError):  # not everything that speaks the protocol can list them
            self._abort_uploads(moment - _DAY)
        oldest = moment - days * _DAY
        removed = 0
        for log, objects in groupby(self.bucket.list(self._key("")), self._log_of):
            if not log:
                continue
            found = list(objects)
            # the parts of a long job are as young as the last of them
            if max(each.written.timestamp() for each in found) < oldest:
                self.bucket.remove(each.key for each in found)
                removed += 1
        return removed

    def _abort_uploads(self, oldest: float) -> None:
        for each in list(self.bucket.uploads(self._key(""))):
            if each.written.timestamp() < oldest and self._log_of(each):
                self.bucket.abort(each.key, each.upload)

    def _is_due(self, moment: float) -> bool:
        mark = self._key(_MARK)
        for each in self.bucket.list(mark):
            if abs(moment - each.written.timestamp()) < _DAY:
                return False
        self.bucket.put(mark, b"")
        return True

    def _log_of(self, entry: Entry) -> str:
        """Return the key of the whole that an object belongs to; empty if it is none of ours."""
        name = entry.key.removeprefix(self._key(""))
        match = _NAME.fullmatch(name)
        return "" if match is None else match["log"]

    def _key(self, name: str) -> str:
        return f"{self.prefix}/{name}" if self.prefix else name
