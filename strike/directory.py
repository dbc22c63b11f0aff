"""The ingest directory and our places in it: ``ingesting``, ``duplicate`` and ``errored``.

Each place has a directory for each ingest, named by its id, with the one file in it. So a file
changes its place by one rename, and whoever finds it there after a crash knows whose it is.
Imports without Airflow.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from strike.rules import shown
from strike.scanner import Sighting, scan


class Place(StrEnum):
    """Where a file that left the top of the directory is."""

    INGESTING = "ingesting"
    DUPLICATE = "duplicate"
    ERRORED = "errored"


class UnmountedError(OSError):
    """The ingest directory is not the one it was: it looks unmounted."""


@dataclass(frozen=True, slots=True)
class Leftover:
    """Something under ``ingesting``: the file, and the id of its ingest if its place says one."""

    ingest_id: int | None
    path: Path


@dataclass(frozen=True, slots=True)
class IngestDirectory:
    """File operations in one ingest directory; each may be repeated after a crash."""

    root: Path
    is_recursive: bool = False

    def require(self) -> None:
        """Refuse a directory that was prepared once and has none of our places any more.

        Raises
        ------
        UnmountedError
            Raised then: it is what an unmounted file system leaves. To take it for an empty
            directory would be to take every file in it for lost.
        """
        if not (self.root / Place.INGESTING).is_dir():
            raise UnmountedError(errno.ENODEV, os.strerror(errno.ENODEV), str(self.root))

    def prepare(self) -> None:
        """Make the directory, if only it is missing, and our places in it.

        Raises
        ------
        OSError
            Raised if it cannot be made, or its parent is missing.
        """
        with suppress(FileExistsError):
            self.root.mkdir()
        for place in Place:
            with suppress(FileExistsError):
                (self.root / place).mkdir()

    def scan(self) -> Iterator[Sighting]:
        """Yield the files that wait: those at the top, and in directories below if so told."""
        return scan(self.root, is_recursive=self.is_recursive, skipped=frozenset(Place))

    @property
    def shown_root(self) -> str:
        """The absolute path of the directory, as text that can be stored."""
        return shown(str(self.root))

    def ingest_path(self, ingest_id: int, name: str) -> str:
        """Return where a file is while it is ingested, as text that can be stored."""
        return shown(f"{self.root}/{Place.INGESTING}/{ingest_id}/{name.rpartition('/')[2]}")

    def relative(self, transfer_path: str) -> str:
        """Return the name of a file as a scan gives it, from the path it was seen at."""
        prefix = f"{self.shown_root}/"
        if transfer_path.startswith(prefix):
            return transfer_path.removeprefix(prefix)
        return transfer_path.rsplit("/", 1)[-1]  # it was seen where the directory was before

    def take(self, ingest_id: int, name: str) -> Path:
        """Move a waiting file to the place of its ingest.

        Raises
        ------
        OSError
            Raised if it is not there, or cannot be moved.
        """
        own = self._of(Place.INGESTING, ingest_id)
        own.mkdir(exist_ok=True)
        return (self.root / name).rename(own / Path(name).name)

    def kept(self, ingest_id: int) -> Path | None:
        """Return the file of an ingest that was set aside as errored, None if there is none."""
        try:
            return next(self._of(Place.ERRORED, ingest_id).iterdir(), None)
        except FileNotFoundError:
            return None

    def restore(self, kept: Path, name: str) -> bool:
        """Move a file that was set aside back to where it was seen.

        Returns
        -------
        bool
            False if another file is there; it stays where it is then.
        """
        target = self.root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        return self._move_back(kept, target)

    def held(self, ingest_id: int, shown_name: str) -> Path | None:
        """Return the file an ingest has taken, None if it has not."""
        own = self._of(Place.INGESTING, ingest_id)
        try:
            names = os.listdir(own)  # noqa: PTH208  # pathlib would make a Path of each
        except FileNotFoundError:
            return None
        return next((own / name for name in names if shown(name) == shown_name), None)

    def discard(self, ingest_id: int, path: Path) -> None:
        """Remove a file whose content is stored, and then the directory it had."""
        path.unlink(missing_ok=True)
        self.tidy(ingest_id)

    def keep(self, ingest_id: int, place: Place) -> None:
        """Move the file of an ingest to the place of those that were not stored."""
        own = self._of(Place.INGESTING, ingest_id)
        target = self._of(place, ingest_id)
        number = 1
        while target.exists():  # an older catalogue gave this id to another file
            number += 1
            target = self.root / place / f"{ingest_id}_{number}"
        with suppress(FileNotFoundError):
            own.rename(target)

    def put_back(self, path: Path) -> bool:
        """Move a file that belongs to no ingest to the top, as a new arrival.

        Returns
        -------
        bool
            False if another file has its name there; it stays where it is then.
        """
        return self._move_back(path, self.root / path.name)

    def _move_back(self, path: Path, target: Path) -> bool:
        try:
            target.hardlink_to(path)
        except FileExistsError:
            if not target.exists() or not target.samefile(path):
                return False
        except OSError as error:
            if error.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS):
                raise
            return self._put_back_without_link(path, target)
        path.unlink()
        self._remove_empty(path.parent)
        return True

    def tidy(self, ingest_id: int) -> None:
        """Remove the directory an ingest had, if it is empty."""
        self._remove_empty(self._of(Place.INGESTING, ingest_id))

    def leftovers(self) -> Iterator[Leftover]:
        """Find what is under ``ingesting``; empty directories are removed on the way."""
        for entry in sorted((self.root / Place.INGESTING).iterdir()):
            if entry.is_symlink() or not entry.is_dir():
                yield Leftover(None, entry)
                continue
            ingest_id = int(entry.name) if _is_id(entry.name) else None
            files = sorted(entry.iterdir())
            if not files:
                self._remove_empty(entry)
            yield from (Leftover(ingest_id, file) for file in files)

    def _of(self, place: Place, ingest_id: int) -> Path:
        return self.root / place / str(ingest_id)

    def _put_back_without_link(self, path: Path, target: Path) -> bool:
        """Move where the file system has no links; it cannot refuse to replace, so look first."""
        if os.path.lexists(target):
            return False
        path.rename(target)
        self._remove_empty(path.parent)
        return True

    def _remove_empty(self, directory: Path) -> None:
        if directory == self.root / Place.INGESTING:
            return
        with suppress(OSError):  # not empty, or gone: both are for a later look
            directory.rmdir()


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19  # noqa: PLR2004  # bigint
