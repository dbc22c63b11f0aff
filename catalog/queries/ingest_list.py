"""The list of ingests a person looks through, and how each Strike process stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, Text, func, select, true, type_coerce

from catalog.database import Database
from catalog.queries.ingests import STRIKES, StrikeBrief, StrikeRow
from catalog.queries.keyset import Slice, SliceRequest
from catalog.queries.listing import Condition, Listing, any_of
from catalog.queries.shape import Shape
from catalog.queries.tallies import EVER, Noun
from catalog.states import FileKind, IngestStatus
from catalog.tables import TALLY, Ingest, ScaleFile, Strike

IN_FLIGHT: Final = (
    IngestStatus.TRANSFERRING,
    IngestStatus.TRANSFERRED,
    IngestStatus.QUEUED,
    IngestStatus.INGESTING,
)


class IngestTime(StrEnum):
    """Which time of an ingest is meant: when it happened, or when its data was taken."""

    INGEST = "ingest"
    DATA = "data"


@dataclass(frozen=True, slots=True)
class IngestLine:
    """An ingest in the list; sizes in bytes."""

    id: int
    file_name: str
    status: IngestStatus
    detail: str | None
    bytes_transferred: int
    file_size: int | None
    transfer_started: datetime
    ingest_ended: datetime | None
    source_file_id: int | None
    strike: StrikeBrief


@dataclass(frozen=True, slots=True)
class IngestListFilter:
    """Which ingests are wanted; None and empty ask for nothing.

    Parameters
    ----------
    name
        A part of the file's name, in small or capital letters.
    since, until
        From this time on, and before this time.
    time
        Which time `since` and `until` are about.
    """

    statuses: Sequence[str] = ()
    strike_id: int | None = None
    name: str = ""
    since: datetime | None = None
    until: datetime | None = None
    time: IngestTime = IngestTime.INGEST

    def conditions(self) -> list[Condition]:
        """Return the conditions on an ingest and its joined source file."""
        found = any_of(type_coerce(Ingest.status, Text), self.statuses)
        if self.strike_id is not None:
            found.append(Ingest.strike_id == self.strike_id)
        if self.name:
            found.append(Ingest.file_name.icontains(self.name, autoescape=True))
        moment = ingest_time()
        if self.time is IngestTime.DATA and (self.since or self.until):
            moment = ScaleFile.data_started
            found.append(ScaleFile.kind == FileKind.SOURCE)  # says that an index may serve
        if self.since is not None:
            found.append(moment >= self.since)
        if self.until is not None:
            found.append(moment < self.until)
        return found


@dataclass(frozen=True, slots=True)
class LastFile:
    """The file that a Strike process was busy with last."""

    id: int
    file_name: str
    status: IngestStatus
    last_modified: datetime


@dataclass(frozen=True, slots=True)
class StrikeStanding:
    """A Strike process, how many of its ingests have each status, and its last file."""

    strike: StrikeRow
    counts: Mapping[IngestStatus, int]
    last: LastFile | None

    @property
    def backlog(self) -> int:
        """How many files it has seen, will ingest, and has not ingested yet."""
        return sum(self.counts[each] for each in IN_FLIGHT)

    @property
    def seen(self) -> int:
        """How many files it ever saw."""
        return sum(self.counts.values())


_LINES: Final = Listing(
    noun="ingest",
    root=Ingest,
    shape=Shape(IngestLine, Ingest, strike=Shape(StrikeBrief, Strike)),
    joins=(
        (Strike, Strike.id == Ingest.strike_id),
        (ScaleFile, ScaleFile.id == Ingest.source_file_id),
    ),
)


def ingest_time() -> Any:
    """Return when something happened to an ingest: its end, else that of its transfer."""
    return func.coalesce(Ingest.ingest_ended, Ingest.transfer_ended, Ingest.transfer_started)


class IngestListQueries:
    """Reads ingests for people."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def slice(self, request: SliceRequest, wanted: IngestListFilter) -> Slice[IngestLine]:
        """Return some ingests, newest first."""
        with self._database.reading() as connection:
            return _LINES.slice(connection, request, *wanted.conditions())

    def names(self) -> tuple[StrikeBrief, ...]:
        """Return the Strike processes there are, by name."""
        statement = select(Strike.id, Strike.name, Strike.title, Strike.job_id)
        with self._database.reading() as connection:
            rows = connection.execute(statement.order_by(Strike.name))
            return tuple(StrikeBrief(*row) for row in rows)

    def strikes(self) -> tuple[StrikeStanding, ...]:
        """Return every Strike process, by name, with how it stands."""
        with self._database.reading() as connection:
            return _states(connection, STRIKES.every(connection, order=("-is_active", "name")))

    def strike(self, strike_id: int) -> StrikeStanding:
        """Return how a Strike process stands, or raise `NotFoundError`."""
        with self._database.reading() as connection:
            (state,) = _states(connection, [STRIKES.one(connection, strike_id)])
            return state


def _states(connection: Connection, strikes: Sequence[StrikeRow]) -> tuple[StrikeStanding, ...]:
    ids = [each.id for each in strikes]
    counts = _counts(connection, ids)
    last = _last(connection, ids)
    return tuple(
        StrikeStanding(
            each,
            {status: counts.get((each.id, status), 0) for status in IngestStatus},
            last.get(each.id),
        )
        for each in strikes
    )


def _counts(
    connection: Connection, strike_ids: Sequence[int]
) -> dict[tuple[int, IngestStatus], int]:
    statement = (
        select(TALLY.c.place_id, TALLY.c.status, func.sum(TALLY.c.number))
        .where(
            TALLY.c.noun == Noun.INGEST,
            TALLY.c.day == EVER,
            TALLY.c.place_id.in_(strike_ids),
        )
        .group_by(TALLY.c.place_id, TALLY.c.status)
    )
    rows = connection.execute(statement)
    return {(strike_id, IngestStatus(status)): int(count) for strike_id, status, count in rows}


def _last(connection: Connection, strike_ids: Sequence[int]) -> dict[int, LastFile]:
    """Return the file of each Strike process that changed last; one look at an index for each."""
    newest = (
        select(Ingest.id, Ingest.file_name, Ingest.status, Ingest.last_modified)
        .where(Ingest.strike_id == Strike.id)
        .order_by(Ingest.last_modified.desc(), Ingest.id.desc())
        .limit(1)
        .correlate(Strike)
        .lateral("newest")
    )
    statement = select(Strike.id, newest).join(newest, true()).where(Strike.id.in_(strike_ids))
    return {strike_id: LastFile(*row) for strike_id, *row in connection.execute(statement)}
