"""Brokers: how a workspace stores files.

Both brokers of this version keep files in a directory that this host sees: ``host`` names it,
``nfs`` names an export and this host's mount of it (seed 001, Workspaces).
"""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Final, assert_never

from catalog.errors import InvalidError
from schemas.workspace_configuration import HostBroker, NfsBroker, WorkspaceConfiguration

MOUNTS_VARIABLE: Final = "AIRSCALE_MOUNTS"
_CHUNK: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What was written: size in bytes and checksum of the content."""

    file_size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class DirectoryBroker:
    """Files of a workspace under one directory of this host."""

    root: Path

    def path(self, file_path: str) -> Path:
        """Return the absolute path of a file of the workspace.

        Raises
        ------
        InvalidError
            Raised if the path would lead out of the workspace.
        """
        relative = PurePosixPath(file_path)
        if relative.is_absolute() or ".." in relative.parts or not relative.parts:
            raise InvalidError(
                f"The path {file_path!r} leads out of its workspace."
                " Give a path below the workspace, without '..'."
            )
        return self.root / relative

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
        temporary = target.with_name(f".{hashlib.sha256(os.fsencode(target.name)).hexdigest()}.tmp")
        with _alone(temporary) as writer:
            try:
                stored = _copy(source, writer)
                temporary.replace(target)
            except OSError:
                temporary.unlink(missing_ok=True)  # a part of a file must not fill the disk
                raise
        _sync_directory(target.parent)
        return stored

    def sizes(self) -> tuple[int, int] | None:
        """Return used and total bytes of the file system, None while it cannot be reached."""
        try:
            usage = shutil.disk_usage(self.root)
        except OSError:
            return None
        return usage.used, usage.total


def broker_of(json_config: dict[str, Any]) -> DirectoryBroker:
    """Return the broker that a workspace configuration describes."""
    broker = WorkspaceConfiguration.parse(json_config).broker
    match broker:
        case HostBroker():
            return DirectoryBroker(Path(broker.host_path))
        case NfsBroker():
            return DirectoryBroker(local_path(broker.mount))
        case _:
            assert_never(broker)


def local_path(mount: str) -> Path:
    """Return where this host has an export ``host:/path``.

    ``AIRSCALE_MOUNTS``, a JSON object of export to local directory, says so; an export that is
    not listed is taken to be mounted under its own path.
    """
    mounts: dict[str, str] = json.loads(os.environ.get(MOUNTS_VARIABLE) or "{}")
    listed = mounts.get(mount)
    return Path(listed if listed is not None else mount.split(":", 1)[-1])


def digest_of(path: Path) -> StoredFile:
    """Return size and checksum of a file."""
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        return StoredFile(os.fstat(stream.fileno()).st_size, sha256)


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
        while chunk := reader.read(_CHUNK):
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
