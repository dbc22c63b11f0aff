"""Lists and details of Strike processes and ingests (seed 001, Strike and Ingest Services)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from catalog.database import Database
from catalog.queries.file_rows import SOURCE, SourceRow
from catalog.queries.job_rows import JOB_BRIEF, JobBrief
from catalog.queries.listing import Listing, Page, PageRequest, any_of
from catalog.queries.shape import Shape
from catalog.queries.tallies import Noun, Tallied, status_is, tallied_count
from catalog.states import IngestStatus
from catalog.tables import Error, Ingest, Job, JobType, ScaleFile, Strike, Workspace

RowT = TypeVar("RowT")


@dataclass(frozen=True, slots=True)
class StrikeBrief:
    """The Strike process of an ingest in a list."""

    id: int
    name: str
    title: str | None
    job_id: int


@dataclass(frozen=True, slots=True)
class StrikeRow:
    """A Strike process with its job."""

    id: int
    name: str
    title: str | None
    description: str | None
    is_active: bool
    is_paused: bool
    pause_reason: str | None
    problem: str | None
    job: JobBrief
    configuration: dict[str, Any]
    created: datetime
    last_modified: datetime


@dataclass(frozen=True, slots=True)
class IngestColumns:
    """What every list and detail of ingests shows; sizes in bytes."""

    id: int
    file_name: str
    status: IngestStatus
    detail: str | None
    bytes_transferred: int
    transfer_started: datetime
    transfer_ended: datetime | None
    media_type: str
    file_size: int | None
    data_type: list[str]
    ingest_started: datetime | None
    ingest_ended: datetime | None
    source_file: SourceRow | None
    created: datetime
    last_modified: datetime


@dataclass(frozen=True, slots=True)
class IngestRow(IngestColumns):
    """An ingest in a list."""

    strike: StrikeBrief


@dataclass(frozen=True, slots=True)
class IngestDetailRow(IngestColumns):
    """An ingest with its Strike process and its paths."""

    strike: StrikeRow
    transfer_path: str
    file_path: str | None
    ingest_path: str | None


_JOB_OF_STRIKE: Final = (
    (Job, Job.id == Strike.job_id),
    (JobType, JobType.id == Job.job_type_id),
    (Error, Error.id == Job.error_id),
)
_STRIKE: Final = Shape(StrikeRow, Strike, job=JOB_BRIEF)
STRIKES: Final = Listing("Strike process", Strike, _STRIKE, _JOB_OF_STRIKE, ("name",))
_JOINS: Final = (
    (Strike, Strike.id == Ingest.strike_id),
    (ScaleFile, ScaleFile.id == Ingest.source_file_id),
    (Workspace, Workspace.id == ScaleFile.workspace_id),
)
INGESTS: Final = Listing(
    noun="ingest",
    root=Ingest,
    shape=Shape(IngestRow, Ingest, strike=Shape(StrikeBrief, Strike), source_file=SOURCE),
    joins=_JOINS,
)
_DETAILS: Final = Listing(
    noun="ingest",
    root=Ingest,
    shape=Shape(IngestDetailRow, Ingest, strike=_STRIKE, source_file=SOURCE),
    joins=(*_JOINS, *_JOB_OF_STRIKE),
)


class StrikeQueries:
    """Reads Strike processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, request: PageRequest, names: Sequence[str] = ()) -> Page[StrikeRow]:
        """Return a page of Strike processes, of these names if any are given."""
        with self._database.reading_page(request.page) as connection:
            return STRIKES.page(connection, request, *any_of(Strike.name, names))

    def one(self, strike_id: int) -> StrikeRow:
        """Return a Strike process, or raise `NotFoundError`."""
        with self._database.reading() as connection:
            return STRIKES.one(connection, strike_id)


class IngestQueries:
    """Reads ingests."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(
        self, request: PageRequest, statuses: Sequence[str] = (), strike_ids: Sequence[int] = ()
    ) -> Page[IngestRow]:
        """Return a page of ingests, of these statuses and Strike processes if any are given."""
        return self.listed(INGESTS, request, statuses, strike_ids)

    def listed(
        self,
        listing: Listing[RowT],
        request: PageRequest,
        statuses: Sequence[str] = (),
        strike_ids: Sequence[int] = (),
    ) -> Page[RowT]:
        """Return a page of ingests, as a listing of them reads them."""
        where = [*status_is(Ingest.status, statuses), *any_of(Ingest.strike_id, strike_ids)]
        tallied = Tallied(Noun.INGEST, statuses=statuses, place_ids=strike_ids)
        count = tallied_count(tallied, Ingest, request, where)
        with self._database.reading_page(request.page) as connection:
            return listing.page(connection, request, *where, count=count)

    def one(self, ingest_id: int) -> IngestDetailRow:
        """Return an ingest, or raise `NotFoundError`."""
        with self._database.reading() as connection:
            return _DETAILS.one(connection, ingest_id)
