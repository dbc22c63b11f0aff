"""A file as its page shows it, whichever kind it is."""

from dataclasses import dataclass
from typing import Final

from catalog.database import Database
from catalog.queries.file_rows import ProductRow
from catalog.queries.listing import Listing
from catalog.queries.parts import JOB_TYPE, WORKSPACE
from catalog.queries.shape import Shape
from catalog.states import FileKind
from catalog.tables import JobType, ScaleFile, Workspace


@dataclass(frozen=True, slots=True)
class FilePageRow(ProductRow):
    """A file of either kind; what only products have is None or false of a source."""

    kind: FileKind
    is_parsed: bool
    west: float | None
    south: float | None
    east: float | None
    north: float | None


_FILES: Final = Listing(
    noun="file",
    root=ScaleFile,
    shape=Shape(FilePageRow, ScaleFile, workspace=WORKSPACE, job_type=JOB_TYPE),
    joins=(
        (Workspace, Workspace.id == ScaleFile.workspace_id),
        (JobType, JobType.id == ScaleFile.job_type_id),
    ),
)


class FilePageQueries:
    """Reads files for their pages."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def one(self, file_id: int) -> FilePageRow:
        """Return a file, or raise `NotFoundError`."""
        with self._database.reading() as connection:
            return _FILES.one(connection, file_id)

    def replaced_by(self, file: FilePageRow) -> int | None:
        """Return the id of the published product that replaced an unpublished one, if any."""
        if file.is_published or file.kind is not FileKind.PRODUCT:
            return None
        with self._database.reading() as connection:
            found = _FILES.every(
                connection,
                ScaleFile.uuid == file.uuid,
                ScaleFile.is_published.is_(True),
                ScaleFile.id > file.id,
            )
        return found[-1].id if found else None
