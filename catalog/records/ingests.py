"""Records that pass between the ledger of ingests and the Strike process that drives it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from catalog.brokers import StoredFile
from catalog.records.configuration import WorkspaceRecord
from catalog.records.files import FileRecord, IngestRecord, OpenIngest, StrikeRecord
from catalog.states import IngestStatus, JobStatus


@dataclass(frozen=True, slots=True)
class StrikeState:
    """What the catalogue knows about a Strike process at the start of a pass.

    `ingests` are those that are on their way. Those that are DEFERRED wait for a person, may be
    many, and are only counted.
    """

    strike: StrikeRecord
    job_status: JobStatus
    ingests: tuple[OpenIngest, ...]
    deferred: int
    workspaces: Mapping[int, WorkspaceRecord]


class DeferredIngest(NamedTuple):
    """What is needed of an ingest that is DEFERRED, to compare it with the directory."""

    id: int
    file_name: str
    transfer_path: str
    bytes_transferred: int
    mtime_ns: int | None
    change_mark: str | None = None


class Fingerprint(NamedTuple):
    """The checksum of a file as it was when it had this inode and ctime.

    `sha256` is None for what has no content that can be read.
    """

    sha256: str | None
    change_mark: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file that was not in the ledger; size in bytes, `mtime_ns` in ns since 1970."""

    file_name: str
    transfer_path: str
    size: int
    mtime_ns: int
    seen: datetime


@dataclass(frozen=True, slots=True)
class Growth:
    """A file that is being transferred, and changed since the last look."""

    ingest_id: int
    transfer_path: str
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Loss:
    """A generation that can never be ingested, and the sentence that says why."""

    ingest: OpenIngest
    detail: str


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a file is to be stored: `directory` is relative to the workspace.

    A file that no workspace may have (its name cannot be stored) has neither; it is queued so that
    it is taken out of the directory and reported.
    """

    ingest: OpenIngest
    workspace_id: int | None
    directory: str
    data_types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """An ingest that was begun; `has_namesake` if the workspace has a source of its name."""

    ingest: OpenIngest
    has_namesake: bool


@dataclass(frozen=True, slots=True)
class StoredContent:
    """What was stored for an ingest; `media_type` if the content says it, and the name does not."""

    file: StoredFile
    media_type: str | None = None


@dataclass(frozen=True, slots=True)
class IngestEnd:
    """How an ingest stands, with the source file that has its content, if any."""

    ingest: IngestRecord
    source_file: FileRecord | None

    @property
    def status(self) -> IngestStatus:
        """The status of the ingest."""
        return self.ingest.status


@dataclass(frozen=True, slots=True)
class Conservation:
    """What became of every file that was ever seen; counts.

    A file counts as ingested or duplicate only with the source file that has its content, and as
    errored only with a reason. So `unaccounted` is 0, always, or something was lost.
    """

    seen: int
    ingested: int
    duplicate: int
    deferred: int
    errored: int
    in_flight: int

    @property
    def unaccounted(self) -> int:
        """Files that were seen and are nowhere."""
        known = self.ingested + self.duplicate + self.deferred + self.errored + self.in_flight
        return self.seen - known
