"""Rows to records."""

from dataclasses import fields
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
        field.name: extra[field.name] if field.name in extra else getattr(row, field.name)
        for field in fields(kind)  # type: ignore[arg-type]  # every record is a dataclass
    }
    return kind(**values)
