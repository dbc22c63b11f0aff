"""What a broker is: the one seam between the catalogue and whatever stores the files.

A path is always relative to the workspace. A file appears whole or not at all, and what is written
is measured and hashed on its way. What storage refuses is an `OSError`, whatever it is made of.
"""

import hashlib
import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from catalog.errors import InvalidError

CHUNK: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What was written: size in bytes and checksum of the content."""

    file_size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A file that stands in a workspace, whether the catalogue knows it or not; size in bytes."""

    file_path: str
    file_size: int


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes of the storage of a workspace; None for what has no limit.

    `free` is what may still be written: less than what is not used where some is kept back.
    """

    used: int | None
    total: int | None
    free: int | None = None


class Broker(ABC):
    """Stores the files of one workspace; may be used by several threads at once."""

    __slots__ = ()

    @abstractmethod
    def where(self, file_path: str) -> str:
        """Return where a file is, as a person would look for it."""

    @abstractmethod
    def local(self, file_path: str) -> Path | None:
        """Return the path of a file on this host; None where there is no file system.

        Raises
        ------
        InvalidError
            Raised if the path would lead out of the workspace.
        """

    @abstractmethod
    def put(self, source: Path, file_path: str) -> StoredFile:
        """Copy a file into the workspace, durably; what stands at the path is replaced whole.

        Raises
        ------
        OSError
            Raised if the file cannot be read or stored; nothing is left of the attempt then.
        """

    @abstractmethod
    def size(self, file_path: str) -> int | None:
        """Return the size of a file in bytes, None if there is none."""

    @abstractmethod
    def stream(self, file_path: str, first: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Yield the content of a file, or `length` bytes of it from `first`.

        Raises
        ------
        FileNotFoundError
            Raised, by the first step, if there is no such file.
        """

    @abstractmethod
    def duplicate(self, file_path: str, new_path: str) -> None:
        """Let the content of a file stand at another path of the workspace, too.

        May be repeated. What stands at the new path is replaced, so it has to be reserved.
        """

    @abstractmethod
    def remove(self, file_path: str) -> None:
        """Remove a file; one that is gone already stays gone."""

    @abstractmethod
    def walk(self, directory: str = "") -> Iterator[Listed]:
        """Yield the regular files below a directory, in the order of their paths.

        Raises
        ------
        OSError
            Raised if the directory cannot be read, or is not there.
        """

    @abstractmethod
    def sizes(self) -> Sizes | None:
        """Return how full the storage is, None while it cannot be reached."""

    def digest(self, file_path: str) -> StoredFile | None:
        """Return size and checksum of a file as it stands, None if there is none."""
        digest = hashlib.sha256()
        size = 0
        try:
            for chunk in self.stream(file_path):
                digest.update(chunk)
                size += len(chunk)
        except FileNotFoundError:
            return None
        return StoredFile(size, digest.hexdigest())

    def fetch(self, file_path: str, target: Path) -> StoredFile:
        """Copy a file out of the workspace: under a temporary name, then renamed.

        Raises
        ------
        OSError
            Raised if it is not there, or cannot be read or written.
        """
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".{hashlib.sha256(os.fsencode(target.name)).hexdigest()}.tmp")
        digest = hashlib.sha256()
        size = 0
        with temporary.open("wb") as writer:
            for chunk in self.stream(file_path):
                digest.update(chunk)
                size += writer.write(chunk)
            writer.flush()
            os.fsync(writer.fileno())
        temporary.replace(target)
        return StoredFile(size, digest.hexdigest())


def checked(file_path: str) -> PurePosixPath:
    """Return a path of a workspace.

    Raises
    ------
    InvalidError
        Raised if it would lead out of the workspace.
    """
    relative = PurePosixPath(file_path)
    if relative.is_absolute() or ".." in relative.parts or not relative.parts:
        raise InvalidError(
            f"The path {file_path!r} leads out of its workspace."
            " Give a path below the workspace, without '..'."
        )
    return relative
