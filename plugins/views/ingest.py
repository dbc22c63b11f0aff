"""Ingest: what became of every file, and the Strike processes, which can be paused."""

from dataclasses import dataclass
from typing import Final

from fastapi import Request
from starlette.responses import HTMLResponse, Response

from catalog.queries.ingest_list import IN_FLIGHT, StrikeStanding
from catalog.states import IngestStatus, JobStatus
from plugins.rest.dependencies import CatalogueDep
from plugins.rest.parameters import RowId, Truth
from plugins.rest.routing import SlashRouter
from plugins.views.forms import PauseDep, go_to
from plugins.views.ingest_files import retried
from plugins.views.rendering import page
from plugins.views.tones import Tone, tone

router = SlashRouter()
_ENDS: Final = (
    IngestStatus.INGESTED,
    IngestStatus.DUPLICATE,
    IngestStatus.DEFERRED,
    IngestStatus.ERRORED,
)
_IN_FLIGHT_FILTER: Final = "&".join(f"status={each}" for each in IN_FLIGHT)


@dataclass(frozen=True, slots=True)
class Figure:
    """A part of all files that were seen; `query` is the filter of the list behind it."""

    label: str
    number: int
    tone: Tone
    query: str


@dataclass(frozen=True, slots=True)
class State:
    """How a Strike process is, in a word."""

    word: str
    tone: Tone


@router.get("/ingest/", response_class=HTMLResponse)
def ingest(*, request: Request, catalogue: CatalogueDep, checked: Truth = False) -> HTMLResponse:
    """Show what became of all files, and the Strike processes."""
    strikes = catalogue.queries.ingest_list.strikes()
    return page(
        request,
        "ingest.html",
        strikes=[(each, state_of(each)) for each in strikes],
        seen=sum(each.seen for each in strikes),
        figures=figures_of(*strikes),
        account=catalogue.ingests.conservation() if checked else None,
        in_flight=_IN_FLIGHT_FILTER,
    )


@router.get("/ingest/strikes/{strike_id}/", response_class=HTMLResponse)
def strike(
    *, request: Request, catalogue: CatalogueDep, strike_id: RowId, checked: Truth = False
) -> HTMLResponse:
    """Show a Strike process."""
    found = catalogue.queries.ingest_list.strike(strike_id)
    return page(
        request,
        "strike.html",
        found=found,
        strike=found.strike,
        state=state_of(found),
        figures=figures_of(found),
        account=catalogue.ingests.conservation(strike_id) if checked else None,
        notice=retried(request),
    )


@router.post("/ingest/strikes/{strike_id}/pause/")
def pause(request: Request, catalogue: CatalogueDep, strike_id: RowId, pause: PauseDep) -> Response:
    """Pause a Strike process with a reason, or let it go on."""
    catalogue.strikes.update(strike_id, pause)
    return go_to(request, f"/ingest/strikes/{strike_id}/")


def figures_of(*strikes: StrikeStanding) -> list[Figure]:
    """Return the parts that all files of Strike processes are made of."""
    ends = [
        Figure(
            each.lower(), sum(strike.counts[each] for strike in strikes), tone(each),
            f"status={each}",
        )
        for each in _ENDS
    ]  # fmt: skip
    backlog = sum(strike.backlog for strike in strikes)
    return [*ends, Figure("in flight", backlog, Tone.RUNNING, _IN_FLIGHT_FILTER)]


def state_of(standing: StrikeStanding) -> State:
    """Return how a Strike process is: what a person decided first, then what is wrong."""
    strike = standing.strike
    if not strike.is_active:
        return State("stopped", Tone.NONE)
    if strike.is_paused:
        return State("paused", Tone.UPSTREAM_FAILED)
    if strike.problem:
        return State("in trouble", Tone.FAILED)
    status = strike.job.status
    return State("watching" if status is JobStatus.RUNNING else status.lower(), tone(status))
