"""The job load: how many jobs waited and ran at each moment it was measured."""

from collections.abc import Sequence
from typing import Final

from fastapi import Request
from starlette.responses import HTMLResponse, Response

from catalog.catalogue import Catalogue
from catalog.queries.listing import PageRequest
from catalog.queries.load import LoadFilter
from catalog.queries.parts import JobTypeFilter
from plugins.rest.dependencies import CatalogueDep
from plugins.rest.parameters import Ids
from plugins.rest.routing import SlashRouter
from plugins.views.downloads import csv_file
from plugins.views.metrics import label_of
from plugins.views.plots import Line, Sheet
from plugins.views.ranges import AskedDep, Days, days_of
from plugins.views.rendering import page
from plugins.views.tones import Tone

router = SlashRouter()
_USUAL_DAYS: Final = 7
_MOST_DAYS: Final = 31
_MOST_MOMENTS: Final = 100_000
_SPANS: Final = ((1, "1 day"), (7, "7 days"), (31, "31 days"))


@router.get("/metrics/load/", response_class=HTMLResponse)
def load(request: Request, catalogue: CatalogueDep, choice: Ids, asked: AskedDep) -> HTMLResponse:
    """Plot how many jobs were pending, queued and running; all, or those of chosen job types."""
    days = days_of(asked, _USUAL_DAYS, _MOST_DAYS)
    return page(
        request,
        "job_load.html",
        sheet=_sheet(catalogue, choice, days),
        days=days,
        left_out=0,
        chosen_ids=choice,
        choices=[(each.id, label_of(each)) for each in catalogue.queries.job_list.types()],
        spans=_SPANS,
    )


@router.get("/metrics/load/csv/")
def load_csv(catalogue: CatalogueDep, choice: Ids, asked: AskedDep) -> Response:
    """Return what the page plots as CSV."""
    days = days_of(asked, _USUAL_DAYS, _MOST_DAYS)
    return csv_file("job-load", days, _sheet(catalogue, choice, days))


def _sheet(catalogue: Catalogue, job_type_ids: Sequence[int], days: Days) -> Sheet:
    request = PageRequest(page_size=_MOST_MOMENTS, started=days.started, ended=days.ended)
    rows = catalogue.queries.load.page(request, LoadFilter(JobTypeFilter(job_type_ids))).rows
    counts = (
        ("Running", "running_count", Tone.RUNNING),
        ("Queued", "queued_count", Tone.QUEUED),
        ("Pending", "pending_count", Tone.UPSTREAM_FAILED),
    )
    return Sheet(
        tuple(
            Line(name, "count", {each.time: int(getattr(each, field)) for each in rows}, tone)
            for name, field, tone in counts
        )
    )
