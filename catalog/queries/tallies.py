"""Exact counts out of tallies: of any length of list, in about a millisecond.

All days together are tallied, and each day by itself. A time range is its whole days, and the
rows of the days that it starts and ends in, which are counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Date, Text, func, literal, literal_column, select, type_coerce

from catalog.queries.listing import Condition, PageRequest, any_of
from catalog.tables import TALLY


class Noun(StrEnum):
    """What is tallied."""

    JOB = "job"
    EXECUTION = "job_exe"
    RECIPE = "recipe"
    INGEST = "ingest"
    SOURCE = "source"
    PRODUCT = "product"


@dataclass(frozen=True, slots=True)
class Tallied:
    """Which rows are counted; an empty sequence asks for nothing.

    Parameters
    ----------
    type_ids
        Job or recipe types; None asks for nothing.
    place_ids
        Nodes or Strike processes.
    """

    noun: Noun
    type_ids: Sequence[int] | None = None
    statuses: Sequence[str] = ()
    place_ids: Sequence[int] = ()

    @property
    def knows_days(self) -> bool:
        """Whether single days can be told: executions are not tallied by node and day."""
        return not (self.place_ids and self.noun is Noun.EXECUTION)

    def sum(self, *days: Condition) -> ColumnElement[int]:
        """Return the number of rows on these days."""
        where = [
            TALLY.c.noun == self.noun,
            *days,
            *among(TALLY.c.type_id, self.type_ids),
            *any_of(TALLY.c.status, self.statuses),
            *any_of(TALLY.c.place_id, self.place_ids),
        ]
        number = func.coalesce(func.sum(TALLY.c.number), 0)
        return select(number).where(*where).scalar_subquery()


EVER: Final[ColumnElement[date]] = literal_column("'-infinity'::date", Date)


def tallied_count(
    tallied: Tallied, root: Any, request: PageRequest, conditions: Sequence[Condition]
) -> ColumnElement[int] | None:
    """Return the number of rows in the time range of a request; None if it has to be counted.

    Parameters
    ----------
    root
        The table, with ``last_modified``.
    conditions
        The same as `tallied` asks for, on the table itself.
    """
    if request.started is None and request.ended is None:
        return tallied.sum(TALLY.c.day == EVER)
    first = None if request.started is None else _first_whole_day(request.started)
    after = None if request.ended is None else request.ended.astimezone(UTC).date()
    if not tallied.knows_days or (first and after and first >= after):
        return None
    total = tallied.sum(*_whole_days(first, after))
    changed = root.last_modified
    if first is not None:
        before = [changed >= request.started, changed < _midnight(first)]
        total = total + _counted(root, [*conditions, *before])
    if after is not None:
        behind = [changed >= _midnight(after), changed <= request.ended]
        total = total + _counted(root, [*conditions, *behind])
    return total


def among(column: Any, values: Sequence[int] | None) -> list[Condition]:
    """Return the condition that a column has one of these values; none for None."""
    return [] if values is None else [column.in_(values)]


def status_is(column: Any, statuses: Sequence[str]) -> list[Condition]:
    """Return the condition that a status is one of these; one that does not exist is none."""
    return any_of(type_coerce(column, Text), statuses)


def _counted(root: Any, conditions: Sequence[Condition]) -> ColumnElement[int]:
    return select(func.count()).select_from(root).where(*conditions).scalar_subquery()


def _whole_days(first: date | None, after: date | None) -> list[Condition]:
    bounds = [TALLY.c.day > EVER if first is None else TALLY.c.day >= literal(first, Date)]
    if after is not None:
        bounds.append(TALLY.c.day < literal(after, Date))
    return bounds


def _first_whole_day(moment: datetime) -> date:
    utc = moment.astimezone(UTC)
    if utc.time() == time(0) or utc.date() == date.max:
        return utc.date()
    return utc.date() + timedelta(days=1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), UTC)
