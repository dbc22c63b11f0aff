"""Errors: how many executions failed over time, by category, and with which error."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fastapi import Request
from starlette.responses import HTMLResponse

from catalog.queries.failures import FailureHour
from catalog.states import ErrorCategory
from plugins.rest.dependencies import CatalogueDep
from plugins.rest.routing import SlashRouter
from plugins.views.advice import advice_on
from plugins.views.rendering import page

router = SlashRouter()
WIDTH: Final = 960
HEIGHT: Final = 140
_GAP: Final = 2


@dataclass(frozen=True, slots=True)
class Piece:
    """The failures of one category in one hour, as a rectangle of a stacked bar."""

    x: float
    y: float
    width: float
    height: float
    category: ErrorCategory
    number: int
    time: datetime


@router.get("/errors/", response_class=HTMLResponse)
def errors(request: Request, catalogue: CatalogueDep) -> HTMLResponse:
    """Show errors."""
    hours = catalogue.queries.failures.by_hour()
    return page(
        request,
        "errors.html",
        errors=catalogue.queries.failures.by_error(),
        pieces=list(_pieces(hours)),
        largest=_largest(hours),
        totals=[
            (category, sum(hour.counts.get(category, 0) for hour in hours))
            for category in ErrorCategory
        ],
        chart=(WIDTH, HEIGHT),
        advice_on=advice_on,
        hours=len(hours),
    )


def _largest(hours: Sequence[FailureHour]) -> int:
    return max((sum(hour.counts.values()) for hour in hours), default=0)


def _pieces(hours: Sequence[FailureHour]) -> Iterator[Piece]:
    unit = HEIGHT / (_largest(hours) or 1)
    width = WIDTH / len(hours)
    for index, hour in enumerate(hours):
        y = float(HEIGHT)
        for category in ErrorCategory:
            number = hour.counts.get(category, 0)
            if number:
                y -= unit * number
                yield Piece(
                    round(index * width, 2), round(y, 2), round(width - _GAP, 2),
                    round(unit * number, 2), category, number, hour.time,
                )  # fmt: skip
