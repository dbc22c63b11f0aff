"""Range queries: bounds on times and texts."""

from collections.abc import Mapping
from typing import Any, Final

from catalog.queries.search import NOTHING, Search, TextBetween, TimeBetween
from plugins.rest.unity import fields
from plugins.rest.unity.wire import not_possible, not_understood

_BOUNDS: Final = frozenset({"gt", "gte", "lt", "lte"})
_OF_NO_EFFECT: Final = frozenset({"boost", "format", "relation"})


def between(field: str, bounds: Mapping[str, Any]) -> Search:
    """Return the condition that a field is in these bounds: ``gt``, ``gte``, ``lt``, ``lte``."""
    unknown = bounds.keys() - _BOUNDS - _OF_NO_EFFECT
    if unknown:
        raise not_understood(f"[range] query does not support [{min(unknown)}]")
    given = {name: each for name, each in bounds.items() if name in _BOUNDS and each is not None}
    name = fields.plain(field)
    if name in fields.TIMES:
        moments = {bound: fields.moment(each) for bound, each in given.items()}
        return TimeBetween(
            fields.TIMES[name],
            moments.get("gt", moments.get("gte")),
            moments.get("lt", moments.get("lte")),
            includes_above="gt" not in moments,
            includes_below="lt" not in moments,
        )
    if name == fields.STATUS or name.startswith(fields.INPUTS):
        raise not_possible(f"[range] queries are not supported on the field [{name}].")
    if name not in fields.TEXTS:
        return NOTHING
    texts = {bound: fields.as_text(each) for bound, each in given.items()}
    return TextBetween(
        fields.TEXTS[name],
        texts.get("gt", texts.get("gte")),
        texts.get("lt", texts.get("lte")),
        includes_above="gt" not in texts,
        includes_below="lt" not in texts,
    )
