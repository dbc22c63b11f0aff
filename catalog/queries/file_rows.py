"""What is read of sources and products, and the listings that read it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from catalog.queries.listing import Listing
from catalog.queries.parts import JOB_TYPE, WORKSPACE, JobTypeBrief, WorkspaceBrief
from catalog.queries.shape import Shape
from catalog.states import FileKind
from catalog.tables import JobType, ScaleFile, Workspace

MOST_RELATIVES: Final = 1000


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file of either kind; size in bytes, geometry as WKT in longitude and latitude."""

    id: int
    workspace: WorkspaceBrief
    file_name: str
    media_type: str
    file_size: int
    data_type: list[str]
    is_deleted: bool
    uuid: str
    created: datetime
    deleted: datetime | None
    data_started: datetime | None
    data_ended: datetime | None
    geometry: str | None
    center_point: str | None
    meta_data: dict[str, Any]
    countries: list[str]
    last_modified: datetime
    file_path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class SourceRow(FileRow):
    """A source file."""

    is_parsed: bool
    parsed: datetime | None


@dataclass(frozen=True, slots=True)
class ProductRow(FileRow):
    """A product file, with what made it."""

    is_operational: bool
    is_published: bool
    published: datetime | None
    unpublished: datetime | None
    job_type: JobTypeBrief | None
    job_id: int | None
    job_exe_id: int | None
    output_name: str | None


@dataclass(frozen=True, slots=True)
class Relative:
    """A file that a file was made from, or that was made from it."""

    id: int
    kind: FileKind
    file_name: str
    media_type: str
    file_size: int
    is_direct: bool
    job_exe_id: int


@dataclass(frozen=True, slots=True)
class SourceDetailRow(SourceRow):
    """A source file with its relatives, by id; of the descendants at most `MOST_RELATIVES`."""

    sources: tuple[SourceRow, ...]
    ancestors: tuple[Relative, ...]
    descendants: tuple[Relative, ...]
    descendants_count: int


@dataclass(frozen=True, slots=True)
class ProductDetailRow(ProductRow):
    """A product file with its relatives, as for a source."""

    sources: tuple[SourceRow, ...]
    ancestors: tuple[Relative, ...]
    descendants: tuple[Relative, ...]
    descendants_count: int


@dataclass(frozen=True, slots=True)
class WorkspaceWithConfiguration(WorkspaceBrief):
    """The workspace of a file, with where it keeps its files."""

    json_config: dict[str, Any]


@dataclass(frozen=True, slots=True)
class StoredContent:
    """Where the bytes of a file are."""

    id: int
    file_name: str
    file_path: str
    media_type: str
    sha256: str
    is_deleted: bool
    workspace: WorkspaceWithConfiguration


_IN_WORKSPACE: Final = ((Workspace, Workspace.id == ScaleFile.workspace_id),)
FILE: Final = Shape(FileRow, ScaleFile, workspace=WORKSPACE)
SOURCE: Final = Shape(SourceRow, ScaleFile, workspace=WORKSPACE)
FILES: Final = Listing("file", ScaleFile, FILE, _IN_WORKSPACE)
SOURCES: Final = Listing("source file", ScaleFile, SOURCE, _IN_WORKSPACE)
PRODUCTS: Final = Listing(
    noun="product",
    root=ScaleFile,
    shape=Shape(ProductRow, ScaleFile, workspace=WORKSPACE, job_type=JOB_TYPE),
    joins=(*_IN_WORKSPACE, (JobType, JobType.id == ScaleFile.job_type_id)),
)
CONTENTS: Final = Listing(
    noun="file",
    root=ScaleFile,
    shape=Shape(StoredContent, ScaleFile, workspace=Shape(WorkspaceWithConfiguration, Workspace)),
    joins=_IN_WORKSPACE,
)
