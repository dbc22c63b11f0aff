"""Records of files, Strike processes and ingests."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.states import FileKind, IngestStatus, ScanStatus


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A source or product file; size in bytes, `file_path` relative to its workspace."""

    id: int
    kind: FileKind
    workspace_id: int
    file_name: str
    file_path: str
    media_type: str
    file_size: int
    sha256: str
    data_type: list[str]
    uuid: str
    is_deleted: bool
    deleted: datetime | None
    data_started: datetime | None
    data_ended: datetime | None
    geometry: str | None
    center_point: str | None
    meta_data: dict[str, Any]
    countries: list[str]
    created: datetime
    last_modified: datetime
    is_parsed: bool
    parsed: datetime | None
    is_operational: bool
    is_published: bool
    published: datetime | None
    unpublished: datetime | None
    job_type_id: int | None
    job_id: int | None
    job_exe_id: int | None
    output_name: str | None


@dataclass(frozen=True, slots=True)
class ScanRecord:
    """Files to be ingested once, and the counts of its last run.

    Parameters
    ----------
    is_dry_run
        Whether the run only looks.
    found
        Files that were seen; the sum of the four counts that follow.
    passed_over
        Files whose name does not match.
    known
        Files that the catalogue has already, with this content.
    registered
        Files that were ingested, by this or an earlier run; of a dry run, that would be.
    errored
        Files that cannot be ingested; `problem` tells of the last.
    """

    id: int
    name: str
    title: str | None
    description: str | None
    configuration: dict[str, Any]
    status: ScanStatus
    is_dry_run: bool
    runs: int
    found: int
    passed_over: int
    known: int
    registered: int
    errored: int
    problem: str | None
    started: datetime | None
    ended: datetime | None
    created: datetime
    last_modified: datetime


@dataclass(frozen=True, slots=True)
class MoveRecord:
    """A move of a file inside its workspace that is not over; paths are relative to it."""

    id: int
    file_id: int
    workspace_id: int
    directory: str
    old_path: str | None
    new_path: str | None
    moved: datetime | None
    problem: str | None
    attempts: int


@dataclass(frozen=True, slots=True)
class StrikeRecord:
    """A process that watches one ingest directory; `problem` says what keeps it from working."""

    id: int
    name: str
    title: str | None
    description: str | None
    configuration: dict[str, Any]
    job_id: int
    is_active: bool
    is_paused: bool
    pause_reason: str | None
    problem: str | None
    created: datetime
    last_modified: datetime


@dataclass(frozen=True, slots=True)
class IngestRecord:
    """One generation of a file seen by a Strike process; sizes in bytes."""

    id: int
    strike_id: int
    file_name: str
    status: IngestStatus
    detail: str | None
    bytes_transferred: int
    file_size: int | None
    mtime_ns: int | None
    media_type: str
    data_type: list[str]
    workspace_id: int | None
    transfer_path: str
    ingest_path: str | None
    file_path: str | None
    source_file_id: int | None
    transfer_started: datetime
    transfer_ended: datetime | None
    ingest_started: datetime | None
    ingest_ended: datetime | None
    created: datetime
    last_modified: datetime


@dataclass(frozen=True, slots=True)
class OpenIngest:
    """What is needed of an ingest that has not ended, to compare it with the directory.

    `bytes_transferred` (bytes) and `mtime_ns` (nanoseconds since 1970) say which generation of the
    path it is. With checksums, so does `sha256`, which was read when the file had `change_mark`.
    """

    id: int
    file_name: str
    status: IngestStatus
    bytes_transferred: int
    mtime_ns: int | None
    transfer_path: str
    transfer_ended: datetime | None
    workspace_id: int | None
    file_path: str | None
    sha256: str | None = None
    change_mark: str | None = None

    @property
    def transfer_name(self) -> str:
        """The name the file has in the ingest directory."""
        return self.transfer_path.rsplit("/", 1)[-1]
