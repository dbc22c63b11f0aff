"""One look at an ingest directory: the truth about what is there.

Imports without Airflow.
"""

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

# What NFS clients leave of a file that was removed while it was open; it vanishes by itself.
_SILLY_RENAME: Final = re.compile(r"\.nfs[0-9a-f]{16,}")


@dataclass(frozen=True, slots=True)
class Sighting:
    """A file of the directory: `name` as the system gave it, size in bytes, mtime in ns."""

    name: str
    size: int
    mtime_ns: int
    inode: int
    mode: int

    @property
    def is_regular(self) -> bool:
        """Say whether it is a plain file: no link, pipe, socket or device."""
        return stat.S_ISREG(self.mode)

    @property
    def generation(self) -> tuple[int, int]:
        """Size and modification time: another generation of the file differs in one of them."""
        return self.size, self.mtime_ns


def scan(directory: Path) -> list[Sighting]:
    """Return every file of a directory, by name; directories are not entered.

    Names that are not UTF-8 hold surrogates, as everywhere in Python. A file that vanishes during
    the look is left out.

    Raises
    ------
    OSError
        Raised if the directory cannot be read.
    """
    found = []
    with os.scandir(directory) as entries:
        for entry in entries:
            seen = _sighting(entry)
            if seen is not None:
                found.append(seen)
    found.sort(key=lambda each: each.name)
    return found


def sighting_of(path: Path) -> Sighting:
    """Return what stands at a path now, or raise `OSError`."""
    return _from_status(path.name, path.lstat())


def _sighting(entry: os.DirEntry[str]) -> Sighting | None:
    try:
        if entry.is_dir(follow_symlinks=False) or _SILLY_RENAME.fullmatch(entry.name):
            return None
        return _from_status(entry.name, entry.stat(follow_symlinks=False))
    except FileNotFoundError:
        return None


def _from_status(name: str, status: os.stat_result) -> Sighting:
    return Sighting(name, status.st_size, status.st_mtime_ns, status.st_ino, status.st_mode)
