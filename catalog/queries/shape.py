"""A record and the records it refers to, read from one row of a join."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import ColumnElement, Label, RowMapping

RecordT = TypeVar("RecordT")
NESTING: Final = "__"


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

    def orderable(self, prefix: str = "") -> dict[str, ColumnElement[Any]]:
        """Return every column by the name that ``order`` knows it by, nested with ``__``."""
        found = {f"{prefix}{name}": column for name, column in self._columns.items()}
        for name, part in self._parts.items():
            found.update(part.orderable(f"{prefix}{name}{NESTING}"))
        return found

    def columns(self) -> Iterator[Label[Any]]:
        """Yield the columns to select, labelled for `read`."""
        for name, column in self.orderable().items():
            yield column.label(name)

    def read(self, row: RowMapping, prefix: str = "") -> RecordT:
        """Return the record of a row."""
        values = {name: row[f"{prefix}{name}"] for name in self._columns}
        for name, part in self._parts.items():
            below = f"{prefix}{name}{NESTING}"
            values[name] = None if row[f"{below}id"] is None else part.read(row, below)
        return self._record(**values)
