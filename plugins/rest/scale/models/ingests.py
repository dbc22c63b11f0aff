"""Strike processes and ingests (seed 001, Strike Services and Ingest Services)."""

from typing import Any

from pydantic import Field

from catalog.states import IngestStatus
from plugins.rest.scale.models.executions import JobBrief
from plugins.rest.scale.models.files import SourceItem
from plugins.rest.wire import Reference, Time, WireModel


class StrikeBrief(WireModel):
    """The Strike process of an ingest."""

    id: int
    name: str
    title: str | None
    job: Reference = Field(validation_alias="job_id")


class StrikeItem(WireModel):
    """A Strike process in a list."""

    id: int
    name: str
    title: str | None
    description: str | None
    is_active: bool
    is_paused: bool
    pause_reason: str | None
    problem: str | None = Field(description="What keeps it from working, as a sentence.")
    job: JobBrief
    created: Time
    last_modified: Time


class StrikeDetails(StrikeItem):
    """A Strike process with its configuration."""

    configuration: dict[str, Any]


class IngestColumns(WireModel):
    """What all lists and details of ingests show; sizes in bytes."""

    id: int
    file_name: str
    status: IngestStatus
    detail: str | None = Field(description="Why the ingest is where it is, for a person.")
    bytes_transferred: int
    transfer_started: Time
    transfer_ended: Time | None
    media_type: str
    file_size: int | None
    data_type: list[str]
    ingest_started: Time | None
    ingest_ended: Time | None
    source_file: SourceItem | None
    created: Time
    last_modified: Time


class IngestItem(IngestColumns):
    """An ingest in a list."""

    strike: StrikeBrief


class IngestDetails(IngestColumns):
    """An ingest with its Strike process and its paths."""

    strike: StrikeDetails
    transfer_path: str
    file_path: str | None
    ingest_path: str | None


class IngestSlot(WireModel):
    """What was ingested in the hour that begins at `time`; size in bytes."""

    time: Time
    files: int
    size: int


class IngestStatusItem(WireModel):
    """What a Strike process ingested in the time range; size in bytes."""

    strike: StrikeItem
    most_recent: Time | None
    files: int
    size: int
    values: list[IngestSlot]


class IngestConservation(WireModel):
    """What became of every file that was ever seen; `unaccounted` is 0, or something was lost."""

    seen: int
    ingested: int
    duplicate: int
    deferred: int
    errored: int
    in_flight: int
    unaccounted: int
