"""Pages, single rows and small sets of one noun, with everything they refer to.

The first page is one statement, whatever its joins. Another one is two: a count, and the rows. The
rows are found by key first, in order, and only those of the page are joined (a deferred join).
Every join is a left join to a unique column, so that PostgreSQL leaves out those that a filter or
order does not need.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    any_,
    func,
    join,
    literal,
    outerjoin,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY

from catalog.errors import InvalidError, NotFoundError
from catalog.queries.keyset import Slice, SliceRequest
from catalog.queries.shape import Readable, Shape

RecordT = TypeVar("RecordT")
Condition = ColumnElement[bool]
Join = tuple[Any, Condition]
_LARGEST_ID: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which rows are wanted: times are inclusive and on ``last_modified``."""

    page: int = 1
    page_size: int = 100
    order: tuple[str, ...] = ()
    started: datetime | None = None
    ended: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[RecordT]):
    """Some rows, and how many there are in all."""

    count: int
    rows: tuple[RecordT, ...]


@dataclass(frozen=True, slots=True)
class Listing(Generic[RecordT]):
    """How the rows of one noun are read.

    Parameters
    ----------
    noun
        What a person calls a row.
    root
        The table with a row for each result; it has ``id`` and ``last_modified``.
    shape
        What is read.
    joins
        Tables and the conditions that join them, in order.
    default_order
        Names of `shape`, as in ``order``.
    time
        The column that times of a request are on; ``last_modified`` if None.
    """

    noun: str
    root: Any
    shape: Readable[RecordT]
    joins: tuple[Join, ...] = ()
    default_order: tuple[str, ...] = ("last_modified",)
    time: Any = None

    def page(
        self,
        connection: Connection,
        request: PageRequest,
        *conditions: Condition,
        count: ColumnElement[int] | None = None,
    ) -> Page[RecordT]:
        """Return one page; one in the farther half is looked for from the end.

        Parameters
        ----------
        count
            Says how many rows meet the conditions and the time range; they are counted if None.

        Raises
        ------
        NotFoundError
            Raised if the page is beyond the end.
        InvalidError
            Raised if the order names no field.
        """
        names = request.order or self.default_order
        joined = self._joined(self.root)
        where = [*conditions, *self.within(request)]
        keys = select(self.root.id).select_from(joined).where(*where)
        if count is None:
            counted = select(func.count()).select_from(joined).where(*where)
            count = counted.scalar_subquery()
        if request.page == 1:
            return self._first_page(connection, keys.limit(request.page_size), names, count)
        total = int(connection.execute(select(count)).scalar_one())
        first = first_row(request, total)
        size = min(request.page_size, total - first)
        behind = total - first - size
        keys = (
            keys.order_by(*self._order(names, backwards=behind < first))
            .limit(size)
            .offset(min(first, behind))
        )
        return Page(total, self._read(connection, self._of_keys(keys, names)))

    def _first_page(
        self,
        connection: Connection,
        keys: Select[Any],
        names: Sequence[str],
        count: ColumnElement[int],
    ) -> Page[RecordT]:
        """Return the first page: if it has no rows, there are none."""
        statement = self._of_keys(keys.order_by(*self._order(names)), names)
        rows = connection.execute(statement.add_columns(count.label("total"))).all()
        total = int(rows[0][-1]) if rows else 0
        return Page(total, tuple(map(self.shape.read, rows)))

    def _of_keys(self, keys: Select[Any], names: Sequence[str]) -> Select[Any]:
        """Select the rows with these keys, in order."""
        page = keys.subquery("page")
        rows = self._select(join(page, self.root, page.c.id == self.root.id))
        return rows.order_by(*self._order(names))

    def slice(
        self, connection: Connection, request: SliceRequest, *conditions: Condition
    ) -> Slice[RecordT]:
        """Return some rows, newest first, from a place in the list; one statement, no count."""
        key = self.root.id
        is_forward = request.after is not None
        place = [] if request.before is None else [key < request.before]
        place += [] if request.after is None else [key > request.after]
        keys = (
            select(key)
            .select_from(self._joined(self.root))
            .where(*place, *conditions)
            .order_by(key.asc() if is_forward else key.desc())
            .limit(request.size + 1)
            .subquery("slice")
        )
        statement = self._select(join(keys, self.root, keys.c.id == key)).order_by(key.desc())
        return request.cut(self._read(connection, statement))

    def one(self, connection: Connection, row_id: int, *conditions: Condition) -> RecordT:
        """Return the row with this id that meets the conditions, or raise `NotFoundError`."""
        if not 0 < row_id <= _LARGEST_ID:
            raise NotFoundError(self.noun, row_id)
        rows = self._read(
            connection, self._select(self.root).where(self.root.id == row_id, *conditions)
        )
        if not rows:
            raise NotFoundError(self.noun, row_id)
        return rows[0]

    def every(
        self, connection: Connection, *conditions: Condition, order: Sequence[str] = ("id",)
    ) -> tuple[RecordT, ...]:
        """Return all rows that meet the conditions; for sets that belong to one thing."""
        statement = self._select(self.root).where(*conditions).order_by(*self._order(order))
        return self._read(connection, statement)

    def grouped(
        self, connection: Connection, key: Any, *conditions: Condition
    ) -> dict[Any, list[RecordT]]:
        """Return all rows that meet the conditions by the value of a column, in their order."""
        statement = self._select(self.root).add_columns(key.label("grouped_by"))
        found: dict[Any, list[RecordT]] = {}
        for row in connection.execute(statement.where(*conditions).order_by(self.root.id)):
            found.setdefault(row[-1], []).append(self.shape.read(row))
        return found

    def _joined(self, start: Any) -> Any:
        for table, condition in self.joins:
            start = outerjoin(start, table, condition)
        return start

    def _select(self, start: Any) -> Select[Any]:
        return select(*self.shape.columns()).select_from(self._joined(start))

    def _read(self, connection: Connection, statement: Select[Any]) -> tuple[RecordT, ...]:
        return tuple(self.shape.read(row) for row in connection.execute(statement))

    def within(self, request: PageRequest) -> list[Condition]:
        """Return the conditions of the time range."""
        bounds = []
        time = self.root.last_modified if self.time is None else self.time
        if request.started is not None:
            bounds.append(time >= request.started)
        if request.ended is not None:
            bounds.append(time <= request.ended)
        return bounds

    def _order(self, names: Sequence[str], *, backwards: bool = False) -> list[ColumnElement[Any]]:
        known = self.shape.orderable()
        order = []
        for name in names:
            column = known.get(name.removeprefix("-"))
            if column is None:
                raise InvalidError(
                    f"There is no field {name.removeprefix('-')!r} to order by. The fields are:"
                    f" {', '.join(sorted(known))}."
                )
            order.append(column.desc() if name.startswith("-") != backwards else column.asc())
        return [*order, self.root.id.desc() if backwards else self.root.id.asc()]


def page_of(
    connection: Connection, request: PageRequest, statement: Select[Any], shape: Shape[RecordT]
) -> Page[RecordT]:
    """Return one page of a statement that has an order, such as one that groups rows.

    Raises
    ------
    NotFoundError
        Raised if the page is beyond the end.
    """
    everything = statement.order_by(None).subquery()
    count = connection.execute(select(func.count()).select_from(everything)).scalar_one()
    first = first_row(request, count)
    rows = connection.execute(statement.limit(request.page_size).offset(first))
    return Page(count, tuple(shape.read(row) for row in rows))


def first_row(request: PageRequest, count: int) -> int:
    """Return the index of a page's first row, or raise `NotFoundError` beyond the end."""
    first = (request.page - 1) * request.page_size
    if first < 0 or (first >= count and request.page > 1):
        raise _no_such_page(request, count)
    return first


def _no_such_page(request: PageRequest, count: int) -> NotFoundError:
    last = max(-(-count // request.page_size), 1)
    sentence = f"There is no page {request.page}: {count} results make pages 1 to {last}."
    return NotFoundError("page", request.page, sentence)


def any_of(column: Any, values: Sequence[Any]) -> list[Condition]:
    """Return the condition that a column has one of these values; none for no values."""
    return [column.in_(values)] if values else []


def has_id(column: Any, ids: Collection[int]) -> Condition:
    """Return the condition that a column has one of these ids, of which there may be many.

    They are one parameter, whatever their number: PostgreSQL knows the statement again.
    """
    condition: Condition = column == any_(literal(list(ids), ARRAY(BigInteger)))
    return condition
