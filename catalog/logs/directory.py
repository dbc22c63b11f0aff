"""Logs as files below one directory, which all hosts share."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from catalog.logs.log import (
    CHUNK,
    HALF,
    KEPT,
    KeptLog,
    LogStore,
    Stream,
    part,
    size_of,
    stem,
    whole,
)

_MARK: Final = ".swept"
_DAY: Final = 86_400.0


@dataclass(slots=True)
class FileLog(KeptLog):
    """A stream as a file: the beginning of what was printed, byte for byte."""

    path: Path
    _seen: int = field(default=0, init=False)

    @property
    def where(self) -> str:
        """The path of the file."""
        return str(self.path)

    def is_behind(self, source: Path) -> bool:
        """Say whether the stream has grown since the last copy, and is not too long."""
        return min(size_of(source) or 0, HALF) > self._seen

    def copy_new(self, source: Path) -> None:
        """Append what is new of the first half."""
        size = size_of(source)
        if size is not None:
            end = min(size, HALF)
            self._copy_to(source, end)
            self._seen = end

    def finish(self, source: Path, least: int) -> None:
        """Append what is missing; a long stream is written anew, with its end."""
        size = size_of(source)
        if size is None or (size <= least and not self.path.exists()):
            return
        self._copy_to(source, size if size <= KEPT else HALF)
        if size > KEPT:
            self._write_anew(source, size)

    def chunks(self, start: int = 0) -> Iterator[bytes]:
        """Yield the content of the file from an offset."""
        with suppress(FileNotFoundError), self.path.open("rb") as stream:
            stream.seek(start)
            while chunk := stream.read(CHUNK):
                yield chunk

    def _copy_to(self, source: Path, end: int) -> None:
        begin = size_of(self.path) or 0
        if begin >= end:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
        with os.fdopen(descriptor, "r+b") as target, source.open("rb") as reader:
            target.seek(begin)
            target.writelines(part(reader, begin, end))

    def _write_anew(self, source: Path, size: int) -> None:
        temporary = self.path.with_name(f"{self.path.name}.{os.getpid()}.tmp")
        with temporary.open("wb") as target:
            target.writelines(whole(source, size))
        temporary.replace(self.path)


@dataclass(frozen=True, slots=True)
class DirectoryStore(LogStore):
    """Logs below a directory, a thousand executions in a folder."""

    root: Path
    seconds_between_looks: float = 0.5

    @property
    def where(self) -> str:
        """The path of the directory."""
        return str(self.root)

    def probe(self) -> None:
        """Write, read and remove a small file."""
        with tempfile.NamedTemporaryFile(dir=self.root, prefix=".doctor-") as file:
            file.write(b"?")
            file.flush()
            os.fsync(file.fileno())

    def log(
        self, job_exe_id: int, started: datetime, stream: Stream, *, is_new: bool = False
    ) -> FileLog:
        """Return the file of a stream."""
        del is_new  # a look at a file costs nothing
        return FileLog(self.root / f"{stem(job_exe_id, started)}.{stream}.log")

    def sizes(self, job_exe_id: int, started: datetime) -> Mapping[Stream, int]:
        """Return how long the files are."""
        found = {each: size_of(self.log(job_exe_id, started, each).path) for each in Stream}
        return {stream: size for stream, size in found.items() if size is not None}

    def remove_old(self, days: float, moment: float) -> int:
        """Remove old files, and folders that are empty."""
        if not self.root.is_dir() or not _is_due(self.root / _MARK, moment):
            return 0
        oldest = moment - days * _DAY
        return sum(_remove_old(folder, oldest) for folder in self.root.iterdir() if folder.is_dir())


def _is_due(mark: Path, moment: float) -> bool:
    with suppress(FileNotFoundError):
        if abs(moment - mark.stat().st_mtime) < _DAY:
            return False
    mark.touch()
    os.utime(mark, (moment, moment))
    return True


def _remove_old(folder: Path, oldest: float) -> int:
    removed = 0
    for each in folder.glob("*.log*"):
        with suppress(FileNotFoundError):  # somebody else removed it
            if each.stat().st_mtime < oldest:
                each.unlink()
                removed += 1
    with suppress(OSError):  # it is not empty
        folder.rmdir()
    return removed
