"""Previews of files: made when a product is published, or when somebody first looks.

A product brings its preview into the transaction that publishes it. Sources, and products from
before there were previews, get theirs from here.
"""

import tempfile
from pathlib import Path
from typing import Final

from catalog.brokers import Broker, broker_of
from catalog.database import Database
from catalog.errors import CatalogueError
from catalog.previews import BusyError, has_preview, workshop
from catalog.records.files import FileRecord
from catalog.records.previews import Preview

LARGEST_FETCHED: Final = 256 * 1024 * 1024
"""Bytes of a file that is copied from storage without a file system, to be drawn."""
_PATIENCE: Final = 3.0


class PreviewService:
    """Gives previews."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def kept(self, file_id: int) -> Preview | None:
        """Return the preview of a file as it was made; None if none was."""
        with self._database.transaction() as tx:
            return tx.previews.find(file_id)

    def of(self, file_id: int) -> Preview | None:
        """Return the preview of a file, made now if there is none; None where there cannot be one.

        A file whose bytes are out of reach has a preview with a problem that is not kept.

        Raises
        ------
        NotFoundError
            Raised if there is no such file.
        """
        with self._database.transaction() as tx:
            file = tx.files.get(file_id)
            kept = tx.previews.find(file_id)
            workspace = tx.workspaces.get(file.workspace_id)
        if kept is not None or file.is_deleted or not has_preview(file.media_type):
            return kept
        try:
            made = _made(file, broker_of(workspace.json_config))
        except (BusyError, CatalogueError, OSError) as error:
            return Preview(problem=f"It cannot be drawn now: {error}")
        with self._database.transaction() as tx:
            if not tx.files.lock(file_id).is_deleted:
                tx.previews.keep(file_id, made)
        return made


def _made(file: FileRecord, broker: Broker) -> Preview:
    path = broker.local(file.file_path)
    if path is not None:
        with path.open("rb"):  # what is out of reach now may be there later
            return workshop().draw(path, file.media_type, _PATIENCE)
    if file.file_size > LARGEST_FETCHED:
        return Preview(problem="It is too large to be copied from its storage for a preview.")
    with tempfile.TemporaryDirectory(prefix="airscale-preview-") as folder:
        copy = Path(folder) / "file"
        broker.fetch(file.file_path, copy)
        return workshop().draw(copy, file.media_type, _PATIENCE)
