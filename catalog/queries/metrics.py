"""Types of daily metrics, their choices and their plot data (seed 001, Metrics Services)."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, func, select

from catalog.database import Database
from catalog.errors import InvalidError, NotFoundError
from catalog.queries.listing import Listing, Page, PageRequest, any_of, first_row
from catalog.queries.parts import JOB_TYPE, JobTypeBrief
from catalog.queries.shape import Shape
from catalog.records.convert import to_record
from catalog.records.metrics import (
    INGEST,
    JOB_TYPES,
    METRICS_TYPES,
    Aggregate,
    MetricsColumn,
    MetricsType,
)
from catalog.tables import IngestMetrics, JobType, JobTypeMetrics, Strike


@dataclass(frozen=True, slots=True)
class StrikeChoice:
    """A Strike process whose ingests are counted."""

    id: int
    name: str
    title: str | None
    description: str | None
    is_active: bool


@dataclass(frozen=True, slots=True)
class MetricsDetailRow(MetricsType):
    """A type of metrics with everything that it counts for."""

    choices: tuple[JobTypeBrief | StrikeChoice, ...]


@dataclass(frozen=True, slots=True)
class PlotFilter:
    """Which values are wanted; an empty sequence asks for nothing."""

    choice_ids: Sequence[int] = ()
    columns: Sequence[str] = ()
    groups: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class PlotValue:
    """The value of a day; `id` is that of the choice where several were asked for."""

    id: int | None
    date: dt.date
    value: int


@dataclass(frozen=True, slots=True)
class PlotRow:
    """The values of one column, oldest first, and their bounds; without values there are none."""

    column: MetricsColumn
    min_x: dt.date | None
    max_x: dt.date | None
    min_y: int | None
    max_y: int | None
    values: tuple[PlotValue, ...]


_STRIKES: Final = Listing("Strike process", Strike, Shape(StrikeChoice, Strike))
_JOB_TYPES: Final = Listing("job type", JobType, JOB_TYPE)
_FUNCTIONS: Final[dict[Aggregate, Callable[[Any], Any]]] = {
    Aggregate.SUM: func.sum,
    Aggregate.MIN: func.min,
    Aggregate.MAX: func.max,
    Aggregate.AVG: func.avg,
}


class MetricsQueries:
    """Reads daily metrics."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, request: PageRequest) -> Page[MetricsType]:
        """Return a page of the types of metrics, by name."""
        return _page_of(request, METRICS_TYPES)

    def one(self, name: str) -> MetricsDetailRow:
        """Return a type of metrics with its choices, or raise `NotFoundError`."""
        kind = _named(name)
        with self._database.reading() as connection:
            return to_record(MetricsDetailRow, kind, choices=_choices(connection, kind))

    def plot(self, name: str, request: PageRequest, wanted: PlotFilter) -> Page[PlotRow]:
        """Return a page of the columns that are wanted, each with its value for every day.

        With several choices each has values of its own; else they are aggregated for each day, in
        the way of the column. A day of the time range counts as a whole.

        Parameters
        ----------
        wanted
            Columns by their names or groups; all if neither is given.

        Raises
        ------
        NotFoundError
            Raised if there is no such type, or the page is beyond the end.
        InvalidError
            Raised if there is no such column or group.
        """
        kind = _named(name)
        columns = _page_of(request, _selected(kind, wanted))
        choices = sorted(set(wanted.choice_ids))
        with self._database.reading() as connection:
            rows = _rows(connection, kind, columns.rows, request, choices)
        return Page(columns.count, tuple(_plot_row(each, rows) for each in columns.rows))


def _named(name: str) -> MetricsType:
    for each in METRICS_TYPES:
        if each.name == name:
            return each
    raise NotFoundError("metrics type", name)


def _page_of(request: PageRequest, rows: Sequence[Any]) -> Page[Any]:
    first = first_row(request, len(rows))
    return Page(len(rows), tuple(rows[first : first + request.page_size]))


def _choices(connection: Connection, kind: MetricsType) -> tuple[JobTypeBrief | StrikeChoice, ...]:
    if kind is INGEST:
        return _STRIKES.every(connection, order=("name",))
    return _JOB_TYPES.every(connection, order=("name", "version"))


def _selected(kind: MetricsType, wanted: PlotFilter) -> list[MetricsColumn]:
    _require("column", wanted.columns, [each.name for each in kind.columns])
    _require("group", wanted.groups, [each.name for each in kind.groups])
    if not wanted.columns and not wanted.groups:
        return list(kind.columns)
    return [
        each for each in kind.columns if each.name in wanted.columns or each.group in wanted.groups
    ]


def _require(noun: str, given: Sequence[str], known: Sequence[str]) -> None:
    for each in given:
        if each not in known:
            raise InvalidError(
                f"There is no metrics {noun} {each!r}. These are known: {', '.join(known)}."
            )


def _rows(
    connection: Connection,
    kind: MetricsType,
    columns: Sequence[MetricsColumn],
    request: PageRequest,
    choices: Sequence[int],
) -> Sequence[RowMapping]:
    table, choice = (
        (JobTypeMetrics, JobTypeMetrics.job_type_id)
        if kind is JOB_TYPES
        else (IngestMetrics, IngestMetrics.strike_id)
    )
    keys: list[Any] = [table.date]
    if len(choices) > 1:
        keys.append(choice)
    values = [
        _FUNCTIONS[each.aggregate](getattr(table, each.name)).label(each.name) for each in columns
    ]
    where = any_of(choice, choices)
    if request.started is not None:
        where.append(table.date >= request.started.astimezone(dt.UTC).date())
    if request.ended is not None:
        where.append(table.date <= request.ended.astimezone(dt.UTC).date())
    labelled = [key.label(label) for key, label in zip(keys, ("date", "id"), strict=False)]
    statement = select(*labelled, *values).where(*where).group_by(*keys).order_by(*keys)
    return connection.execute(statement).mappings().all()


def _plot_row(column: MetricsColumn, rows: Sequence[RowMapping]) -> PlotRow:
    values = tuple(
        PlotValue(row.get("id"), row["date"], round(row[column.name]))
        for row in rows
        if row[column.name] is not None
    )
    dates = [each.date for each in values]
    numbers = [each.value for each in values]
    return PlotRow(
        column=column,
        min_x=min(dates, default=None),
        max_x=max(dates, default=None),
        min_y=min(numbers, default=None),
        max_y=max(numbers, default=None),
        values=values,
    )
