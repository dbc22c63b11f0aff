"""How much each Strike process ingested, by the hour (seed 001, Ingest Status)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import Connection, and_, func, literal_column, null, select, union_all

from catalog.database import Database
from catalog.errors import InvalidError
from catalog.queries.ingests import STRIKES, StrikeRow
from catalog.queries.listing import Page, PageRequest
from catalog.states import FileKind, IngestStatus
from catalog.tables import Ingest, ScaleFile, Strike

_DEFAULT_RANGE: Final = timedelta(days=7)
LONGEST_RANGE: Final = timedelta(days=31)
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class IngestSlot:
    """What was ingested in one hour that begins at `time`, UTC; size in bytes."""

    time: datetime
    files: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True)
class IngestStatusRow:
    """What a Strike process ingested in a time range; size in bytes."""

    strike: StrikeRow
    most_recent: datetime | None
    files: int
    size: int
    values: tuple[IngestSlot, ...]


class IngestStatusQueries:
    """Counts what was ingested."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, request: PageRequest, *, use_ingest_time: bool = False) -> Page[IngestStatusRow]:
        """Return a page of Strike processes with what they ingested in each hour.

        Parameters
        ----------
        use_ingest_time
            Whether an hour counts what was ingested in it, instead of data that was taken in it.

        Raises
        ------
        InvalidError
            Raised if the time range is upside down or longer than `LONGEST_RANGE`.
        """
        started, ended = time_range(request)
        moment = Ingest.ingest_ended if use_ingest_time else ScaleFile.data_started
        with self._database.reading() as connection:
            page = STRIKES.page(connection, replace(request, started=None, ended=None))
            ids = [strike.id for strike in page.rows]
            counted, latest = _counted(connection, ids, moment, started, ended)
        hours = tuple(hours_of(started, ended))
        rows = (
            _row(strike, latest.get(strike.id), counted.get(strike.id, {}), hours)
            for strike in page.rows
        )
        return Page(page.count, tuple(rows))


def time_range(request: PageRequest) -> tuple[datetime, datetime]:
    """Return the time range of a request, by default the week before its end."""
    ended = request.ended or datetime.now(UTC)
    started = request.started or ended - _DEFAULT_RANGE
    if started >= ended:
        raise InvalidError(
            f"The time range starts at {started.isoformat()} and ends at {ended.isoformat()}."
            " Give a start that is before the end."
        )
    if ended - started > LONGEST_RANGE:
        raise InvalidError(
            f"The time range from {started.isoformat()} to {ended.isoformat()} is longer than"
            f" {LONGEST_RANGE.days} days. Ask for less at once."
        )
    return started.astimezone(UTC), ended.astimezone(UTC)


def hours_of(started: datetime, ended: datetime) -> Iterator[datetime]:
    """Yield every hour of every UTC day that a time range touches."""
    hour = datetime.combine(started.date(), time(), UTC)
    end = datetime.combine(ended.date(), time(), UTC) + timedelta(days=1)
    while hour < end:
        yield hour
        hour += _HOUR


def _counted(
    connection: Connection,
    strike_ids: Sequence[int],
    moment: Any,
    started: datetime,
    ended: datetime,
) -> tuple[dict[int, dict[datetime, IngestSlot]], dict[int, datetime]]:
    """Return the slots of each Strike process, and when it last completed an ingest at all."""
    is_ingested = Ingest.status == IngestStatus.INGESTED
    hour = func.date_trunc("hour", moment, "UTC").label("hour")
    of_sources = and_(ScaleFile.id == Ingest.source_file_id, ScaleFile.kind == FileKind.SOURCE)
    slots = (
        select(Ingest.strike_id, hour, func.count(), func.sum(Ingest.file_size))
        .outerjoin(ScaleFile, of_sources)
        .where(Ingest.strike_id.in_(strike_ids), is_ingested, moment >= started, moment <= ended)
        .group_by(Ingest.strike_id, literal_column("hour"))
    )
    # Looked up for each along an index, while a group would be read whole.
    newest = select(func.max(Ingest.ingest_ended)).where(Ingest.strike_id == Strike.id, is_ingested)
    latest = select(Strike.id, newest.scalar_subquery(), null(), null()).where(
        Strike.id.in_(strike_ids)
    )
    counted: dict[int, dict[datetime, IngestSlot]] = {}
    most_recent: dict[int, datetime] = {}
    for strike_id, when, files, size in connection.execute(union_all(slots, latest)):
        if files is not None:
            begin = when.astimezone(UTC)
            counted.setdefault(strike_id, {})[begin] = IngestSlot(begin, files, int(size or 0))
        elif when is not None:
            most_recent[strike_id] = when
    return counted, most_recent


def _row(
    strike: StrikeRow,
    most_recent: datetime | None,
    counted: Mapping[datetime, IngestSlot],
    hours: Sequence[datetime],
) -> IngestStatusRow:
    return IngestStatusRow(
        strike=strike,
        most_recent=most_recent,
        files=sum(slot.files for slot in counted.values()),
        size=sum(slot.size for slot in counted.values()),
        values=tuple(counted.get(hour) or IngestSlot(hour) for hour in hours),
    )
