"""Query and path parameters that the dialects share, each a type that reads its text.

Source: contract section 3, Envelope.
"""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

from fastapi import Depends, Path, Query
from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from catalog.errors import InvalidError
from catalog.queries.listing import PageRequest
from plugins.rest.bodies import UNSTORABLE
from schemas.durations import DurationError, parse_duration
from schemas.times import TimeError, parse_time

MAX_ID: Final = 2**63 - 1
DEFAULT_PAGE_SIZE: Final = 100
MAX_PAGE_SIZE: Final = 1000
# Years of time arithmetic are left at both ends; to a filter it makes no difference.
_EARLIEST: Final = datetime(2, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(9998, 1, 1, tzinfo=UTC)
_TRUE: Final = frozenset({"true", "t", "1"})
_FALSE: Final = frozenset({"false", "f", "0"})
_WEEKS: Final = re.compile("P([0-9]{1,4})W", re.ASCII)  # ISO-8601 lets nothing stand beside them


def _moment(value: Any) -> datetime:
    """Read a time with its zone, or a duration, which means now minus it."""
    text = str(value)
    try:
        if not text.startswith("P"):
            return min(max(parse_time(text), _EARLIEST), _LATEST)
        weeks = _WEEKS.fullmatch(text)
        seconds = parse_duration(text if weeks is None else f"P{7 * int(weeks[1])}D")
        return datetime.now(UTC) - timedelta(seconds=seconds)
    except (DurationError, TimeError) as error:
        raise ValueError(str(error)) from error


def _truth(value: Any) -> bool:
    text = str(value).lower()
    if text not in _TRUE | _FALSE:
        message = f"{value!r} is neither true nor false. Give true, t, 1, false, f or 0."
        raise ValueError(message)
    return text in _TRUE


def _storable(text: str) -> str:
    """Refuse what PostgreSQL cannot hold."""
    if UNSTORABLE.search(text):
        message = "the text holds a NUL character or half a surrogate pair. Leave it out."
        raise ValueError(message)
    return text


Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    WithJsonSchema({"type": "string", "examples": ["2016-01-31T12:00:00Z", "PT3H"]}),
]
Truth = Annotated[bool, BeforeValidator(_truth), WithJsonSchema({"type": "boolean"})]
Text = Annotated[str, AfterValidator(_storable)]
RowId = Annotated[int, Path(ge=1, le=MAX_ID)]
IdFilter = Annotated[int, Field(ge=0, le=MAX_ID)]


def no_values() -> list[Any]:
    """Return what a filter has that is not given; of `list`, pydantic reads the source anew."""
    return []


Texts = Annotated[list[Text], Query(default_factory=no_values)]
Ids = Annotated[list[IdFilter], Query(default_factory=no_values)]


async def _paging(
    page: Annotated[int, Query(description="The page to return, from 1.")] = 1,
    page_size: Annotated[int, Query(description="Results on a page, 1 to 1000.")] = (
        DEFAULT_PAGE_SIZE
    ),
) -> PageRequest:
    return PageRequest(page=page, page_size=min(max(page_size, 1), MAX_PAGE_SIZE))


PagingDep = Annotated[PageRequest, Depends(_paging)]
"""A page of a list that has neither times nor an order to choose."""


async def _period(
    paging: PagingDep,
    started: Annotated[
        Moment | None, Query(description="Start of the time range: a time, or a duration ago.")
    ] = None,
    ended: Annotated[
        Moment | None, Query(description="End of the time range: a time, or a duration ago.")
    ] = None,
) -> PageRequest:
    if started is not None and ended is not None and started >= ended:
        raise InvalidError(
            f"The time range starts at {started.isoformat()} and ends at {ended.isoformat()}."
            " Give a start that is before the end."
        )
    return replace(paging, started=started, ended=ended)


PeriodDep = Annotated[PageRequest, Depends(_period)]
"""A page of a list of some time, whose order is its own."""


async def _page_request(
    period: PeriodDep,
    order: Annotated[
        list[Text] | None,
        Query(description="Field to order by, nested with __, reversed with -; may be repeated."),
    ] = None,
) -> PageRequest:
    return replace(period, order=tuple(order or ()))


PageDep = Annotated[PageRequest, Depends(_page_request)]
