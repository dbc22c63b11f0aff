"""What was ingested in each hour, as a heat map (seed 001, Ingest Status)."""

from datetime import timedelta
from typing import Annotated, Final

from fastapi import Request
from starlette.responses import HTMLResponse

from catalog.queries.ingest_list import IngestTime
from catalog.queries.ingest_status import LONGEST_RANGE
from catalog.queries.listing import PageRequest
from plugins.rest.dependencies import CatalogueDep
from plugins.rest.parameters import IdFilter
from plugins.rest.routing import SlashRouter
from plugins.views import ranges
from plugins.views.heat import days_of, summed
from plugins.views.parameters import Blank
from plugins.views.ranges import AskedDep
from plugins.views.rendering import page

router = SlashRouter()
_MOST_STRIKES: Final = 1000
_DAYS: Final = (7, 14, LONGEST_RANGE.days)


@router.get("/ingest/hours/", response_class=HTMLResponse)
def ingest_hours(
    *,
    request: Request,
    catalogue: CatalogueDep,
    strike: Annotated[IdFilter | None, Blank] = None,
    time: IngestTime = IngestTime.INGEST,
    asked: AskedDep,
) -> HTMLResponse:
    """Show what was ingested in each hour of some days."""
    days = ranges.days_of(asked, _DAYS[0], _DAYS[-1])
    period = PageRequest(
        page_size=_MOST_STRIKES, order=("name",), started=days.started, ended=days.ended
    )
    found = catalogue.queries.ingest_status.page(period, use_ingest_time=time is IngestTime.INGEST)
    rows = [each for each in found.rows if strike in (None, each.strike.id)]
    shown = days_of(summed(slot for each in rows for slot in each.values))
    return page(
        request,
        "ingest_hours.html",
        shown=shown,
        days=days,
        files=sum(each.files for each in shown),
        size=sum(each.size for each in shown),
        rows=rows,
        strike=strike,
        strikes=[(each.strike.id, each.strike.title or each.strike.name) for each in found.rows],
        time=time,
        times=[(IngestTime.INGEST, "when it was ingested"), (IngestTime.DATA, "when it was taken")],
        spans=[(each, f"{each} days") for each in _DAYS],
        hour=timedelta(hours=1),
    )
