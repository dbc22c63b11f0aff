"""Rows to records."""

from dataclasses import fields
from functools import cache
from typing import Any, TypeVar

RecordT = TypeVar("RecordT")


def to_record(kind: type[RecordT], row: object, **extra: object) -> RecordT:
    """Make a record of `row`: each field is read from the row by its name, unless in `extra`.

    Parameters
    ----------
    kind
        A dataclass.
    row
        An ORM object, or a result row, with attributes of the same names.
    """
    values: dict[str, Any] = {
        name: extra[name] if name in extra else getattr(row, name) for name in field_names(kind)
    }
    return kind(**values)


def field_names(kind: type[object]) -> tuple[str, ...]:
    """Return the names of the fields of a dataclass, in their order."""
    return _field_names(kind)  # type: ignore[arg-type]  # mypy takes no class for hashable


@cache
def _field_names(kind: type[object]) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind))  # type: ignore[arg-type]  # it is a dataclass
