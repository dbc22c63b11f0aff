"""Some whole UTC days, as pages with a range have them in their address."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Final

from fastapi import Depends, Query
from pydantic import Field

from plugins.views.parameters import Blank

_FIRST: Final = date(2, 3, 1)
_LAST: Final = date(9998, 12, 30)
_MOST: Final = 366
_Number = Annotated[int, Field(ge=1, le=_MOST)]


@dataclass(frozen=True, slots=True)
class Days:
    """The days until `last`, with it; `is_now` where no last day was asked for."""

    last: date
    number: int
    is_now: bool

    @property
    def first(self) -> date:
        """The first of the days."""
        return self.last - timedelta(days=self.number - 1)

    @property
    def started(self) -> datetime:
        """The first moment."""
        return datetime.combine(self.first, time(), UTC)

    @property
    def ended(self) -> datetime:
        """The last moment."""
        next_day = datetime.combine(self.last + timedelta(days=1), time(), UTC)
        return next_day - timedelta(microseconds=1)

    @property
    def earlier(self) -> str:
        """The last of as many days before these."""
        return max(self.last - timedelta(days=self.number), _FIRST).isoformat()

    @property
    def later(self) -> str | None:
        """The last of as many days after these; None where that is the future."""
        today = datetime.now(UTC).date()
        if self.last >= today:
            return None
        return min(self.last + timedelta(days=self.number), today).isoformat()

    @property
    def asked(self) -> str:
        """What the field for the last day has."""
        return "" if self.is_now else self.last.isoformat()


def _days(
    days: Annotated[_Number | None, Blank, Query()] = None,
    last: Annotated[date | None, Blank, Query()] = None,
) -> tuple[int | None, date | None]:
    return days, last


AskedDep = Annotated[tuple[int | None, date | None], Depends(_days)]
"""How many days were asked for, and until which."""


def days_of(asked: tuple[int | None, date | None], usual: int, most: int = _MOST) -> Days:
    """Return the days that were asked for, by default the `usual` number of them until today."""
    number, last = asked
    until = min(max(last or datetime.now(UTC).date(), _FIRST), _LAST)
    return Days(until, min(number or usual, most), last is None)
