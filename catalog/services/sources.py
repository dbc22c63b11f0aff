"""Registering files as sources, beside what Strike processes ingest.

A file is registered where it stands in its workspace, or copied there first. Either way it is one
transaction: the source and what its triggers start. A file that is registered again stays as it is.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from catalog.brokers import Broker, StoredFile, broker_of, digest_of
from catalog.database import Database
from catalog.errors import ConflictError, InvalidError
from catalog.media_types import HEAD, UNKNOWN, media_type_of, media_type_of_head
from catalog.records.configuration import WorkspaceRecord
from catalog.records.files import FileRecord
from catalog.services.ingest_ends import source_uuid
from catalog.services.triggers import file_event
from catalog.states import EventType, FileKind
from catalog.stores.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Registration:
    """A source; `is_new` if it was not registered before."""

    file: FileRecord
    is_new: bool


@dataclass(frozen=True, slots=True)
class NewSource:
    """What a file is registered as.

    Parameters
    ----------
    workspace_name
        The workspace that has the file, or is to have it.
    file_path
        Where in the workspace.
    data_types
        The data types to tag it with.
    media_type
        Its media type; None for that of its name, or of its content where the name says none.
    """

    workspace_name: str
    file_path: str
    data_types: Sequence[str] = ()
    media_type: str | None = None

    @property
    def file_name(self) -> str:
        """The name of the file."""
        return self.file_path.rpartition("/")[2]


class SourceService:
    """Registers files as sources."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def register(self, new: NewSource) -> Registration:
        """Register a file where it stands in its workspace, and start what it triggers.

        Raises
        ------
        NotFoundError
            Raised if there is no such workspace.
        InvalidError
            Raised if there is no such file, it is empty, or the workspace is archived.
        ConflictError
            Raised if a Strike process is storing a file there, or another content is registered.
        """
        _refuse_name(new)
        workspace = self._workspace(new.workspace_name)
        broker = broker_of(workspace.json_config)
        content = broker.digest(new.file_path)  # outside of the transaction: it may take long
        if content is None or not content.file_size:
            raise InvalidError(
                f"There is no file with content at {broker.where(new.file_path)!r}."
                " Store it in the workspace first, then register it."
            )
        new = _of_kind(new, lambda: next(broker.stream(new.file_path, 0, HEAD), b""))
        with self._database.transaction() as tx:
            tx.moves.lock_places(workspace.id)
            return _registered(tx, workspace, new, content)

    def copy(self, new: NewSource, original: Path) -> Registration:
        """Copy a file into its workspace, register it, and start what it triggers.

        The original stays. The path is nobody else's while it is written.

        Raises
        ------
        NotFoundError, InvalidError, ConflictError
            Raised as by `register`.
        OSError
            Raised if the file cannot be read or stored.
        """
        _refuse_name(new)
        workspace = self._workspace(new.workspace_name)
        broker = broker_of(workspace.json_config)
        if not original.stat().st_size:
            raise InvalidError(f"The file {str(original)!r} is empty: there is nothing to ingest.")
        new = _of_kind(new, lambda: _head_of(original))
        with self._database.transaction() as tx:
            tx.moves.lock_places(workspace.id)
            there = tx.files.at(workspace.id, new.file_path)
            if there is not None:
                return _registered(tx, workspace, new, digest_of(original))
            if tx.moves.is_taken(workspace.id, new.file_path):
                raise _taken(workspace, new)
            return _registered(tx, workspace, new, _copied(broker, original, new.file_path))

    def is_known(self, new: NewSource, size: int) -> bool:
        """Say whether a file of this size is registered at a path; its content is not read.

        Raises
        ------
        NotFoundError
            Raised if there is no such workspace.
        InvalidError
            Raised if no file of this name and size can be registered.
        """
        _refuse_name(new)
        if not size:
            raise InvalidError(f"The file {new.file_path!r} is empty: there is nothing to ingest.")
        with self._database.transaction() as tx:
            workspace = tx.workspaces.named(new.workspace_name)
            there = tx.files.at(workspace.id, new.file_path)
            return there is not None and not there.is_deleted and there.file_size == size

    def broker(self, workspace_name: str) -> Broker:
        """Return the storage of an active workspace."""
        return broker_of(self._workspace(workspace_name).json_config)

    def _workspace(self, name: str) -> WorkspaceRecord:
        with self._database.transaction() as tx:
            workspace = tx.workspaces.named(name)
        if not workspace.is_active:
            raise InvalidError(
                f"The workspace {name!r} is archived and takes no files. Bring it back first."
            )
        return workspace


def _registered(
    tx: UnitOfWork, workspace: WorkspaceRecord, new: NewSource, content: StoredFile
) -> Registration:
    there = tx.files.at(workspace.id, new.file_path)
    if there is not None:
        if (there.file_size, there.sha256) == (content.file_size, content.sha256):
            return Registration(there, is_new=False)
        raise ConflictError(
            f"File {there.id} is registered at {new.file_path!r} of workspace"
            f" {workspace.name!r} with another content. Store the new one under another path."
        )
    if any(
        path == new.file_path for _, path in tx.ingests.reserved([workspace.id], [new.file_path])
    ):
        raise _taken(workspace, new)
    file = tx.files.add(
        kind=FileKind.SOURCE,
        workspace_id=workspace.id,
        file_name=new.file_name,
        file_path=new.file_path,
        media_type=new.media_type or media_type_of(new.file_name),
        file_size=content.file_size,
        sha256=content.sha256,
        data_type=list(new.data_types),
        uuid=source_uuid(workspace.name, new.file_name, content.sha256),
        meta_data={},
        countries=[],
    )
    file_event(tx, EventType.INGEST, file)
    return Registration(file, is_new=True)


def _copied(broker: Broker, original: Path, file_path: str) -> StoredFile:
    """Copy a file that nobody writes to meanwhile."""
    before = original.stat()
    content = broker.put(original, file_path)
    now = original.stat()
    changes = [(each.st_ino, each.st_size, each.st_ctime_ns) for each in (before, now)]
    if changes[0] != changes[1] or content.file_size != now.st_size:
        broker.remove(file_path)
        raise InvalidError(
            f"The file {str(original)!r} was written to while it was copied."
            " Scan again when it is complete."
        )
    return content


def _head_of(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(HEAD)


def _of_kind(new: NewSource, head: Callable[[], bytes]) -> NewSource:
    """Say of which media type a file is, by its content where its name does not."""
    if new.media_type or media_type_of(new.file_name) != UNKNOWN:
        return new
    return replace(new, media_type=media_type_of_head(head()))


def _taken(workspace: WorkspaceRecord, new: NewSource) -> ConflictError:
    return ConflictError(
        f"The path {new.file_path!r} of workspace {workspace.name!r} belongs to an ingest or a move"
        " that is not over. Choose another path, or wait for it."
    )


def _refuse_name(new: NewSource) -> None:
    try:
        is_text = os.fsencode(new.file_path).decode("utf-8").isprintable()
    except UnicodeError:
        is_text = False
    if not is_text:
        raise InvalidError(
            f"The path {new.file_path!a} holds control characters or is not UTF-8. Rename the file."
        )
