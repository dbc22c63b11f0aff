"""Having previews drawn by a process of their own, one at a time."""

import atexit
import json
import os
import select
import subprocess
import sys
from functools import cache
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Final

from catalog.records.previews import Preview

SECONDS: Final = 60.0
"""How long a picture may take to be drawn, however busy the machine is."""
_PATIENCE: Final = 30.0
"""How long to wait for a picture that is being drawn for somebody else, in seconds."""
_MEDIA_TYPES: Final = frozenset(
    {"image/tiff", "image/png", "image/jpeg", "image/gif", "image/bmp", "image/webp",
     "image/x-portable-pixmap", "image/x-portable-graymap"}
)  # fmt: skip
_ROOT: Final = Path(__file__).parents[2]
_CHUNK: Final = 65536
# One thread is enough for a small picture, and each takes address space.
_ENVIRONMENT: Final = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "GDAL_NUM_THREADS": "1"}


class BusyError(Exception):
    """Others have so much drawn that there was no turn; it may be tried again."""


class _LostError(Exception):
    """The process died, or took too long."""


def has_preview(media_type: str) -> bool:
    """Say whether files of a media type have a preview, if they are what they say."""
    return media_type in _MEDIA_TYPES


class Workshop:
    """Draws previews; made once in a process, shared between its threads.

    Parameters
    ----------
    seconds
        How long a picture may take.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = os.getpid()

    def draw(self, path: Path, media_type: str, patience: float = _PATIENCE) -> Preview:
        """Return the preview of a file on this host; of one that cannot be drawn, the reason.

        Raises
        ------
        BusyError
            Raised if there was no turn in `patience` seconds.
        """
        if not self._lock.acquire(timeout=patience):
            message = "Other previews are being made. Open the page again in a while."
            raise BusyError(message)
        try:
            return self._draw(path, media_type)
        finally:
            self._lock.release()

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def _draw(self, path: Path, media_type: str) -> Preview:
        line = json.dumps([str(path), media_type]).encode() + b"\n"
        process = self._running()
        try:
            _send(process, line)
        except BrokenPipeError:  # it had just ended, idle
            self._end()
            process = self._running()
            _send(process, line)
        try:
            return self._answer(process, monotonic() + self._seconds)
        except _LostError as error:
            self._end()
            return Preview(problem=str(error))

    def _running(self) -> subprocess.Popen[bytes]:
        if self._owner != os.getpid():  # a fork: the process belongs to its parent
            self._process, self._owner = None, os.getpid()
        if self._process is None or self._process.poll() is not None:
            self._end()
            paths = [str(_ROOT), os.environ.get("PYTHONPATH", "")]
            self._process = subprocess.Popen(
                [sys.executable, "-m", "catalog.previews.maker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={
                    **os.environ,
                    **_ENVIRONMENT,
                    "PYTHONPATH": os.pathsep.join(filter(None, paths)),
                },
                start_new_session=True,
            )
        return self._process

    def _answer(self, process: subprocess.Popen[bytes], deadline: float) -> Preview:
        head, _, rest = self._read_until(process, deadline, b"\n").partition(b"\n")
        found = json.loads(head)
        png = bytearray(rest)
        while len(png) < found["length"]:
            png += self._read(process, deadline)
        return Preview(bytes(png) or None, found["width"], found["height"], found["problem"])

    def _read_until(self, process: subprocess.Popen[bytes], deadline: float, mark: bytes) -> bytes:
        data = bytearray()
        while mark not in data:
            data += self._read(process, deadline)
        return bytes(data)

    def _read(self, process: subprocess.Popen[bytes], deadline: float) -> bytes:
        assert process.stdout is not None  # noqa: S101  # it is a pipe
        descriptor = process.stdout.fileno()
        if not select.select([descriptor], [], [], max(0.0, deadline - monotonic()))[0]:
            message = f"It takes longer to be drawn than the {self._seconds:g} s a preview may."
            raise _LostError(message)
        data = os.read(descriptor, _CHUNK)
        if not data:
            message = "It cannot be drawn: what reads it fails, or takes too much time or memory."
            raise _LostError(message)
        return data

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None or self._owner != os.getpid():
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue


def _send(process: subprocess.Popen[bytes], line: bytes) -> None:
    assert process.stdin is not None  # noqa: S101  # it is a pipe
    process.stdin.write(line)
    process.stdin.flush()


@cache
def workshop() -> Workshop:
    """Return the workshop of this process, which closes with it."""
    made = Workshop()
    atexit.register(made.close)
    return made
