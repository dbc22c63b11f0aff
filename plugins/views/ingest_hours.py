"""What was ingested in each hour, as a heat map (seed 001, Ingest Status)."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Final

from fastapi import Query, Request
from starlette.responses import HTMLResponse

from catalog.queries.ingest_list import IngestTime
from catalog.queries.ingest_status import LONGEST_RANGE
from catalog.queries.listing import PageRequest
from plugins.rest.dependencies import CatalogueDep
from plugins.rest.parameters import IdFilter
from plugins.rest.routing import SlashRouter
from plugins.views.heat import days_of, summed
from plugins.views.parameters import Blank
from plugins.views.rendering import page

router = SlashRouter()
_DAY: Final = timedelta(days=1)
_MOST_STRIKES: Final = 1000
_DAYS: Final = (7, 14, LONGEST_RANGE.days)
_FIRST: Final = date(1, 3, 1)
_LAST: Final = date(9999, 12, 30)


@router.get("/ingest/hours/", response_class=HTMLResponse)
def ingest_hours(
    *,
    request: Request,
    catalogue: CatalogueDep,
    strike: Annotated[IdFilter | None, Blank] = None,
    time: IngestTime = IngestTime.INGEST,
    days: Annotated[int, Query(ge=1, le=LONGEST_RANGE.days)] = _DAYS[0],
    last: Annotated[date | None, Blank] = None,
) -> HTMLResponse:
    """Show what was ingested in each hour of some days; `last` is the last of them, in UTC."""
    until = min(max(last or datetime.now(UTC).date(), _FIRST), _LAST)
    found = catalogue.queries.ingest_status.page(
        _range(until, days), use_ingest_time=time is IngestTime.INGEST
    )
    rows = [each for each in found.rows if strike in (None, each.strike.id)]
    shown = days_of(summed(slot for each in rows for slot in each.values))
    return page(
        request,
        "ingest_hours.html",
        days=shown,
        files=sum(each.files for each in shown),
        size=sum(each.size for each in shown),
        rows=rows,
        strike=strike,
        strikes=[(each.strike.id, each.strike.title or each.strike.name) for each in found.rows],
        time=time,
        times=[(IngestTime.INGEST, "when it was ingested"), (IngestTime.DATA, "when it was taken")],
        span=days,
        spans=[(each, f"{each} days") for each in _DAYS],
        last="" if last is None else last.isoformat(),
        earlier=max(until - timedelta(days=days), _FIRST).isoformat(),
        later=None if last is None else _later(until, days),
        hour=timedelta(hours=1),
    )


def _range(until: date, days: int) -> PageRequest:
    """Return the days as times; the end is the last moment of its day."""
    ended = datetime.combine(until + _DAY, time(), UTC) - timedelta(microseconds=1)
    started = datetime.combine(until - timedelta(days=days - 1), time(), UTC)
    return PageRequest(page_size=_MOST_STRIKES, order=("name",), started=started, ended=ended)


def _later(until: date, days: int) -> str | None:
    """Return the last day of the days after these; None where that is the future."""
    if until >= datetime.now(UTC).date():
        return None
    return (until + timedelta(days=min(days, (_LAST - until).days))).isoformat()
