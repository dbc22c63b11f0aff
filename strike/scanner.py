"""One look at an ingest directory: the truth about what is there.

Imports without Airflow.
"""

import os
import re
import stat
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

# What NFS clients leave of a file that was removed while it was open; it vanishes by itself.
_SILLY_RENAME: Final = re.compile(r"\.nfs[0-9a-f]{16,}")


class Sighting(NamedTuple):
    """A file of the directory: `name` relative to it, size in bytes, mtime and ctime in ns.

    A tuple, for one is made of every file at every look.
    """

    name: str
    size: int
    mtime_ns: int
    inode: int
    mode: int
    ctime_ns: int = 0

    @property
    def is_regular(self) -> bool:
        """Say whether it is a plain file: no link, pipe, socket or device."""
        return stat.S_ISREG(self.mode)

    @property
    def generation(self) -> tuple[int, int]:
        """Size and modification time: another generation of the file differs in one of them."""
        return self.size, self.mtime_ns

    @property
    def change_mark(self) -> str:
        """Inode and ctime, which no writer can keep: while they stay, so does the content."""
        return f"{self.inode}:{self.ctime_ns}"


def scan(
    directory: Path, *, is_recursive: bool = False, skipped: Collection[str] = ()
) -> Iterator[Sighting]:
    """Yield every file of a directory, in no order; links to directories are not followed.

    Parameters
    ----------
    is_recursive
        Whether directories are entered; the names of files in them hold ``/``.
    skipped
        Names of directories at the top that are not entered. Nor is a directory below that has
        directories of all of these names: it is the ingest directory of another Strike process.

    Names that are not UTF-8 hold surrogates, as everywhere in Python. A file that vanishes during
    the look is left out.

    Raises
    ------
    OSError
        Raised if the directory cannot be read.
    """
    below: list[str] = []
    yield from _look(directory, "", below)
    waiting = [name for name in below if name not in skipped] if is_recursive else []
    while waiting:
        name = waiting.pop()
        if skipped and all((directory / name / each).is_dir() for each in skipped):
            continue  # another Strike process watches it
        with suppress(FileNotFoundError, NotADirectoryError):  # it went away during the look
            yield from _look(directory / name, f"{name}/", waiting)


def _look(directory: Path, prefix: str, below: list[str]) -> Iterator[Sighting]:
    """Yield the files of one directory, and add the names of the directories in it."""
    with os.scandir(directory) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                below.append(prefix + entry.name)
                continue
            seen = _sighting(entry, prefix)
            if seen is not None:
                yield seen


def sighting_of(path: Path) -> Sighting:
    """Return what stands at a path now, or raise `OSError`."""
    return _from_status(path.name, path.lstat())


def _sighting(entry: os.DirEntry[str], prefix: str) -> Sighting | None:
    try:
        if entry.name.startswith(".nfs") and _SILLY_RENAME.fullmatch(entry.name):
            return None
        return _from_status(prefix + entry.name, entry.stat(follow_symlinks=False))
    except FileNotFoundError:
        return None


def _from_status(name: str, status: os.stat_result) -> Sighting:
    return Sighting(
        name,
        status.st_size,
        status.st_mtime_ns,
        status.st_ino,
        status.st_mode,
        status.st_ctime_ns,
    )
