"""Files of a workspace under a directory that this host sees (seed 001, Workspaces)."""

import fcntl
import hashlib
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from catalog.brokers.broker import CHUNK, Broker, Listed, Sizes, StoredFile, checked


@dataclass(frozen=True, slots=True)
class DirectoryBroker(Broker):
    """Files of a workspace under one directory of this host."""

    root: Path

    def path(self, file_path: str) -> Path:
        """Return the absolute path of a file of the workspace.

        Raises
        ------
        InvalidError
            Raised if the path would lead out of the workspace.
        """
        return self.root / checked(file_path)

    def where(self, file_path: str) -> str:
        """Return the absolute path of a file."""
        return str(self.path(file_path))

    def local(self, file_path: str) -> Path | None:
        """Return the absolute path of a file."""
        return self.path(file_path)

    def put(self, source: Path, file_path: str) -> StoredFile:
        """Copy a file into the workspace: under a temporary name, synced, then renamed.

        A file that stands at the path already is replaced whole; a crash leaves at most the
        temporary name, which the next attempt overwrites. Two at once for the same path come
        one after the other.

        Raises
        ------
        OSError
            Raised if the file cannot be read or stored; nothing is left of the attempt then.
        """
        target = self.path(file_path)
        _make_directory(target.parent)
        temporary = _temporary(target, "tmp")
        with _alone(temporary) as writer:
            try:
                stored = _copy(source, writer)
                temporary.replace(target)
            except OSError:
                temporary.unlink(missing_ok=True)  # a part of a file must not fill the disk
                raise
        _sync_directory(target.parent)
        return stored

    def size(self, file_path: str) -> int | None:
        """Return the size of a regular file in bytes, None if there is none."""
        try:
            status = self.path(file_path).stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return status.st_size if stat.S_ISREG(status.st_mode) else None

    def stream(self, file_path: str, first: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Yield the content of a file, or a part of it."""
        left = length
        with self.path(file_path).open("rb") as reader:
            reader.seek(first)
            while chunk := reader.read(CHUNK if left is None else min(CHUNK, left)):
                left = None if left is None else left - len(chunk)
                yield chunk

    def duplicate(self, file_path: str, new_path: str) -> None:
        """Let a file stand at another path, too: by a link, or a copy where links do not work."""
        source, target = self.path(file_path), self.path(new_path)
        _make_directory(target.parent)
        temporary = _temporary(target, "link")
        temporary.unlink(missing_ok=True)
        try:
            temporary.hardlink_to(source)
        except FileNotFoundError:
            raise
        except OSError:
            self.put(source, new_path)
            return
        temporary.replace(target)
        temporary.unlink(missing_ok=True)  # a rename onto the same file does nothing
        _sync_directory(target.parent)

    def remove(self, file_path: str) -> None:
        """Remove a file; its directory stays, for others may be writing into it just now."""
        self.path(file_path).unlink(missing_ok=True)

    def walk(self, directory: str = "") -> Iterator[Listed]:
        """Yield the regular files below a directory; names that begin with a dot are left out."""
        top = self.path(directory) if directory else self.root
        for entry in sorted(os.scandir(top), key=lambda each: each.name):
            below = f"{directory}/{entry.name}" if directory else entry.name
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from self.walk(below)
            elif entry.is_file(follow_symlinks=False):
                yield Listed(below, entry.stat(follow_symlinks=False).st_size)

    def sizes(self) -> Sizes | None:
        """Return how full the file system is, None while it cannot be reached."""
        try:
            usage = shutil.disk_usage(self.root)
        except OSError:
            return None
        return Sizes(usage.used, usage.total, usage.free)


def digest_of(path: Path) -> StoredFile:
    """Return size and checksum of a file."""
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        return StoredFile(os.fstat(stream.fileno()).st_size, sha256)


def _temporary(target: Path, suffix: str) -> Path:
    """Return a name beside the target that is its own, however long the target's name is."""
    return target.with_name(f".{hashlib.sha256(os.fsencode(target.name)).hexdigest()}.{suffix}")


@contextmanager
def _alone(temporary: Path) -> Iterator[BinaryIO]:
    """Open a temporary file, empty, for one writer at a time: the lock ends with its process."""
    while True:
        with temporary.open("ab") as writer:
            fcntl.flock(writer, fcntl.LOCK_EX)
            if _is_at(writer, temporary):  # else whoever had the lock before has renamed the file
                writer.truncate(0)
                yield writer
                return


def _is_at(opened: BinaryIO, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(opened.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _copy(source: Path, writer: BinaryIO) -> StoredFile:
    digest = hashlib.sha256()
    size = 0
    with source.open("rb") as reader:
        while chunk := reader.read(CHUNK):
            digest.update(chunk)
            writer.write(chunk)
            size += len(chunk)
    writer.flush()
    os.fsync(writer.fileno())
    return StoredFile(size, digest.hexdigest())


def _make_directory(directory: Path) -> None:
    """Make a directory and its parents, each durable in the one above it."""
    if directory.is_dir():
        return
    _make_directory(directory.parent)
    directory.mkdir(exist_ok=True)
    _sync_directory(directory.parent)


def _sync_directory(directory: Path) -> None:
    """Make a rename durable: without this a power cut may forget the new name."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
