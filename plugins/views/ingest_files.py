"""The list of ingests, each with its paths and reason, and trying again what failed or waits."""

from typing import Annotated, Final

from fastapi import Depends, Form, Request
from starlette.responses import HTMLResponse, Response

from catalog.queries.ingest_list import IngestListFilter, IngestTime
from catalog.states import IngestStatus
from plugins.rest.dependencies import CatalogueDep
from plugins.rest.parameters import IdFilter, Moment, RowId, Text, Texts
from plugins.rest.routing import SlashRouter
from plugins.views.forms import Back, MayCreate, back_to, go_to, outcome_of, with_outcome
from plugins.views.lists import ROWS, SPANS, SliceDep
from plugins.views.parameters import Blank
from plugins.views.rendering import page

router = SlashRouter()
RETRYABLE: Final = frozenset({IngestStatus.DEFERRED, IngestStatus.ERRORED})
IngestIds = Annotated[list[IdFilter], Form(max_length=ROWS)]


def _wanted(
    *,
    status: Texts,
    strike: Annotated[IdFilter | None, Blank] = None,
    name: Text = "",
    since: Annotated[Moment | None, Blank] = None,
    until: Annotated[Moment | None, Blank] = None,
    time: IngestTime = IngestTime.INGEST,
) -> IngestListFilter:
    """Return the filter that the address has."""
    return IngestListFilter(
        statuses=[each for each in status if each],
        strike_id=strike,
        name=name.strip(),
        since=since,
        until=until,
        time=time,
    )


@router.get("/ingest/files/", response_class=HTMLResponse)
def ingest_files(
    *,
    request: Request,
    catalogue: CatalogueDep,
    place: SliceDep,
    wanted: Annotated[IngestListFilter, Depends(_wanted)],
) -> HTMLResponse:
    """List ingests, newest first."""
    given = request.query_params.get("since", "")
    return page(
        request,
        "ingest_files.html",
        ingests=catalogue.queries.ingest_list.slice(place, wanted),
        wanted=wanted,
        has_filters=wanted != IngestListFilter(statuses=[]),
        since=given,
        spans=SPANS,
        is_span=not given or given in dict(SPANS),
        strikes=[
            (each.id, each.title or each.name) for each in catalogue.queries.ingest_list.names()
        ],
        statuses=[(each.value, each.value.lower()) for each in IngestStatus],
        retryable=RETRYABLE,
        notice=retried(request),
        back=back_to(request),
    )


@router.get("/ingest/files/{ingest_id}/", response_class=HTMLResponse)
def ingest_file(request: Request, catalogue: CatalogueDep, ingest_id: RowId) -> HTMLResponse:
    """Show an ingest."""
    found = catalogue.queries.ingests.one(ingest_id)
    return page(
        request,
        "ingest_file.html",
        ingest=found,
        can_retry=found.status in RETRYABLE,
        is_open=found.ingest_ended is None and found.status is not IngestStatus.DEFERRED,
        notice=retried(request),
    )


@router.post("/ingest/retry/", dependencies=[MayCreate])
def retry(
    request: Request,
    catalogue: CatalogueDep,
    back: Back,
    ingest_id: IngestIds = [],  # noqa: B006  # FastAPI copies defaults
    strike_id: Annotated[IdFilter | None, Form()] = None,
) -> Response:
    """Try ingests again: those chosen, or all of a Strike process."""
    strikes = [] if strike_id is None else [strike_id]
    if not ingest_id and not strikes:
        return go_to(request, back)
    tried = catalogue.ingests.retry(ingest_id, strikes)
    return go_to(request, with_outcome(back, "retried", len(tried)))


def retried(request: Request) -> str | None:
    """Return what was just done, in words of ours: an address cannot put others here."""
    outcome = outcome_of(request)
    if outcome is None or outcome[0] != "retried":
        return None
    count = outcome[1]
    return f"{count} file{'' if count == 1 else 's'} tried again: this page shows how it goes."
