"""A record and the records it refers to, read from one row of a join."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Final, Generic, Protocol, TypeVar

from sqlalchemy import ColumnElement, Label

RecordT = TypeVar("RecordT")
ReadT_co = TypeVar("ReadT_co", covariant=True)
NESTING: Final = "__"


class Readable(Protocol[ReadT_co]):
    """What is read of each row of a listing."""

    def orderable(self) -> dict[str, ColumnElement[Any]]:
        """Return the columns that ``order`` may name."""

    def columns(self) -> tuple[Label[Any], ...]:
        """Return the columns to select."""

    def read(self, row: Sequence[Any]) -> ReadT_co:
        """Return what is made of a row that begins with these columns."""


class Shape(Generic[RecordT]):
    """Which columns a record is made of.

    Parameters
    ----------
    record
        A dataclass. A field is the column of the table with the same name, unless it is a part.
    table
        The table, or an alias of it.
    parts
        Field name to the shape of a record that is joined. Where the join finds nothing, the
        field is None.
    """

    def __init__(self, record: type[RecordT], table: Any, **parts: "Shape[Any]") -> None:
        self._record = record
        self._parts = parts
        names = [each.name for each in fields(record) if each.name not in parts]  # type: ignore[arg-type]  # every record is a dataclass
        self._columns: dict[str, ColumnElement[Any]] = {
            name: getattr(table, name) for name in names
        }
        self.id_at = names.index("id") if "id" in names else 0
        self._selected = tuple(column.label(name) for name, column in self.orderable().items())

    def orderable(self, prefix: str = "") -> dict[str, ColumnElement[Any]]:
        """Return every column by the name that ``order`` knows it by, nested with ``__``."""
        found = {f"{prefix}{name}": column for name, column in self._columns.items()}
        for name, part in self._parts.items():
            found.update(part.orderable(f"{prefix}{name}{NESTING}"))
        return found

    def column(self, name: str) -> ColumnElement[Any] | None:
        """Return the column of a field; None if it has none."""
        return self._columns.get(name)

    def part(self, name: str) -> "Shape[Any] | None":
        """Return the shape of a field that is a record; None if it is none."""
        return self._parts.get(name)

    @property
    def id_column(self) -> ColumnElement[Any]:
        """The column that is null where a join found nothing."""
        return list(self._columns.values())[self.id_at]

    def columns(self) -> tuple[Label[Any], ...]:
        """Return the columns to select, in the order that `read` expects."""
        return self._selected

    def read(self, row: Sequence[Any], start: int = 0) -> RecordT:
        """Return the record of a row, whose columns begin at an index of it."""
        end = start + len(self._columns)
        values = dict(zip(self._columns, row[start:end], strict=True))
        for name, part in self._parts.items():
            is_there = row[end + part.id_at] is not None
            values[name] = part.read(row, end) if is_there else None
            end += len(part.columns())
        return self._record(**values)
