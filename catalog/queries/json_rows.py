"""Rows that PostgreSQL writes as JSON: a page of a hundred of them costs Python next to nothing."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Label, Numeric, Text, case, cast, func, literal_column
from sqlalchemy.dialects import postgresql

from catalog.queries.shape import Shape

_TIME: Final = 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'


class JsonShape:
    """A row as the text of one JSON object.

    Parameters
    ----------
    shape
        Whose columns it may be ordered by.
    document
        The object, as `json_object` makes it.
    """

    def __init__(self, shape: Shape[Any], document: ColumnElement[Any]) -> None:
        self._orderable = shape.orderable()
        # A text, since SQLAlchemy looks through every part of an expression for each request.
        self._columns = (literal_column(_rendered(cast(document, Text)), Text).label("document"),)

    def orderable(self) -> dict[str, ColumnElement[Any]]:
        """Return every column by the name that ``order`` knows it by."""
        return self._orderable

    def columns(self) -> tuple[Label[Any], ...]:
        """Return the column to select."""
        return self._columns

    def read(self, row: Sequence[Any]) -> str:
        """Return the text of a row."""
        text: str = row[0]
        return text


def json_object(values: Mapping[str, Any]) -> ColumnElement[Any]:
    """Return a JSON object with these names and values, in their order."""
    return func.json_build_object(*(each for pair in values.items() for each in pair))


def json_time(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a time in UTC with milliseconds and ``Z``."""
    return func.to_char(func.timezone("UTC", column), _TIME)


def json_number(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a number that is not an integer even where it is whole: 256.0 and not 256."""
    whole = func.to_json(func.trunc(cast(column, Numeric), 1))
    return case((column == func.trunc(column), whole), else_=func.to_json(column))


def unless_null(column: ColumnElement[Any], value: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a value, or null where a column is null."""
    return case((column.is_not(None), value))


def _rendered(expression: ColumnElement[Any]) -> str:
    dialect = postgresql.dialect(paramstyle="named")  # type: ignore[no-untyped-call]  # SQLAlchemy's
    return str(expression.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
