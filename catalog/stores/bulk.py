"""Inserting many rows in one short statement: they travel as one JSON parameter.

A statement with a parameter for each value has another text for each number of rows, and reading
it costs the driver more than the insert costs the database.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Integer, Text, cast, column, func, literal, select
from sqlalchemy.dialects.postgresql import JSON, Insert, insert

_PLACE: Final = "place_in_rows"


def insert_rows(table: Any, rows: Sequence[Mapping[str, object]]) -> Insert:
    """Return the statement that inserts rows, in their order; all have the same columns.

    Parameters
    ----------
    table
        A mapped class.
    rows
        At least one.
    """
    columns = table.__table__.c
    names = list(rows[0])
    document = [{_PLACE: place, **row} for place, row in enumerate(rows)]
    data = (
        func.json_to_recordset(cast(literal(json.dumps(document, default=_plain), Text), JSON))
        .table_valued(
            column(_PLACE, Integer), *(column(name, columns[name].type) for name in names)
        )
        .render_derived(name="data", with_types=True)
    )
    selected = select(*(data.c[name] for name in names)).order_by(data.c[_PLACE])
    return insert(table).from_select(names, selected)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    message = f"{value!r} is nothing that a column holds."
    raise TypeError(message)
