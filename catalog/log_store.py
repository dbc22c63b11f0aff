"""What executions print, in files that all hosts share: while they run, and after their end.

A file of the store is the beginning of a stream, byte for byte, so whoever writes it can be
followed by another at any time: what is there already is written again to the same place. At most
`KEPT` bytes are kept of a stream, its beginning and its end.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Final

LOGS_VARIABLE: Final = "AIRSCALE_LOGS"
KEPT: Final = 64 * 1024 * 1024
"""How many bytes are kept of each stream."""
_HALF: Final = KEPT // 2
_CHUNK: Final = 256 * 1024
_FOLDER_SIZE: Final = 1000


class Stream(StrEnum):
    """What a program prints to."""

    STDOUT = "stdout"
    STDERR = "stderr"


def logs_directory(variables: Mapping[str, str] = os.environ) -> Path:
    """Return the directory of the store, by default for this process."""
    configured = variables.get(LOGS_VARIABLE)
    if configured:
        return Path(configured)
    return Path(variables.get("AIRSCALE_HOME", ".airscale")) / "job-logs"


@dataclass(frozen=True, slots=True)
class KeptLog:
    """The file of one stream of an execution; it need not exist."""

    path: Path

    @classmethod
    def of(cls, job_exe_id: int, started: datetime, stream: Stream) -> "KeptLog":
        """Return the file of a stream.

        Parameters
        ----------
        started
            When the execution began: ids begin again when the catalogue is made anew.
        """
        folder = logs_directory() / f"{job_exe_id // _FOLDER_SIZE:06d}"
        moment = started.astimezone(UTC).strftime("%Y%m%dT%H%M%S%f")
        return cls(folder / f"{job_exe_id}-{moment}.{stream}.log")

    def copy_new(self, source: Path) -> None:
        """Copy what a running execution has printed since the last time; only its first half."""
        with suppress(FileNotFoundError):
            self._copy_to(source, min(source.stat().st_size, _HALF))

    def finish(self, source: Path, least: int) -> None:
        """Copy what is missing of a stream that has ended; a long one is cut in its middle.

        Parameters
        ----------
        least
            A stream of which nothing is here yet is kept only if it is longer than this.
        """
        try:
            size = source.stat().st_size
        except FileNotFoundError:
            return
        if size <= least and not self.path.exists():
            return
        self._copy_to(source, size if size <= KEPT else _HALF)
        if size > KEPT:
            self._append_end(source, size)

    def chunks(self, start: int = 0) -> Iterator[bytes]:
        """Yield what is here now, from an offset, in pieces."""
        with suppress(FileNotFoundError), self.path.open("rb") as stream:
            stream.seek(start)
            while chunk := stream.read(_CHUNK):
                yield chunk

    def _copy_to(self, source: Path, end: int) -> None:
        begin = self.path.stat().st_size if self.path.exists() else 0
        if begin >= end:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
        with os.fdopen(descriptor, "r+b") as target, source.open("rb") as reader:
            _copy(reader, target, begin, end)

    def _append_end(self, source: Path, size: int) -> None:
        """Write the whole file anew: its beginning, a mark, and the end of the stream."""
        temporary = self.path.with_name(f"{self.path.name}.{os.getpid()}.tmp")
        mark = f"\n[... {size - KEPT} bytes are not kept ...]\n".encode()
        with source.open("rb") as reader, temporary.open("wb") as target:
            _copy(reader, target, 0, _HALF)
            target.write(mark)
            reader.seek(size - _HALF)
            shutil.copyfileobj(reader, target, _CHUNK)
        temporary.replace(self.path)


def last_lines(text: str, count: int | None) -> str:
    """Return the last lines of a text; all of it for None."""
    return text if count is None else "".join(text.splitlines(keepends=True)[-count:])


def _copy(reader: BinaryIO, target: BinaryIO, begin: int, end: int) -> None:
    reader.seek(begin)
    target.seek(begin)
    while begin < end and (chunk := reader.read(min(_CHUNK, end - begin))):
        target.write(chunk)
        begin += len(chunk)
