"""Files of both kinds (seed 001, Source File Services and Product Services)."""

from typing import Any

from pydantic import Field

from catalog.queries.file_updates import FileAction
from catalog.states import FileKind
from plugins.rest.scale.models.job_types import JobTypeBrief
from plugins.rest.wire import FileUrl, Reference, Time, WireModel


class WorkspaceBrief(WireModel):
    """The workspace of a file."""

    id: int
    name: str


class FileItem(WireModel):
    """A file of either kind; size in bytes, geometry as WKT in longitude and latitude."""

    id: int
    workspace: WorkspaceBrief
    file_name: str
    media_type: str
    file_size: int
    data_type: list[str]
    is_deleted: bool
    uuid: str
    url: FileUrl
    created: Time
    deleted: Time | None
    data_started: Time | None
    data_ended: Time | None
    geometry: str | None
    center_point: str | None
    meta_data: dict[str, Any]
    countries: list[str]
    last_modified: Time


class SourceItem(FileItem):
    """A source file in a list."""

    is_parsed: bool
    parsed: Time | None


class ProductItem(FileItem):
    """A product file in a list."""

    is_operational: bool
    is_published: bool
    published: Time | None
    unpublished: Time | None
    job_type: JobTypeBrief | None
    job: Reference | None = Field(validation_alias="job_id")
    job_exe: Reference | None = Field(validation_alias="job_exe_id")


class Update(WireModel):
    """What happened to a file last."""

    action: FileAction
    when: Time | None


class SourceUpdate(SourceItem):
    """A source file with what happened to it last."""

    update: Update


class ProductUpdate(ProductItem):
    """A product with what happened to it last, and the sources it was made from."""

    update: Update
    source_files: list[SourceItem]


class Relative(WireModel):
    """A file that a file was made from, or that was made from it, directly or through others."""

    id: int
    kind: FileKind
    file_name: str
    media_type: str
    file_size: int
    url: FileUrl
    is_direct: bool
    job_exe: Reference = Field(validation_alias="job_exe_id")


class Stored(WireModel):
    """What only details say of a file: its place in the workspace, and its checksum."""

    file_path: str
    sha256: str


class Relatives(WireModel):
    """The files a file was made from and those made from it; of the latter the first 1000."""

    sources: list[SourceItem]
    ancestors: list[Relative]
    descendants: list[Relative]
    descendants_count: int


class SourceDetails(SourceItem, Stored, Relatives):
    """A source file with what was made from it."""


class ProductDetails(ProductItem, Stored, Relatives):
    """A product file with what it was made from and what was made from it."""

    output_name: str | None
