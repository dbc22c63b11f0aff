"""Searches of the jobs database: what a request asks for, and the answer."""

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from catalog.queries.search import Search, TextField, TimeField
from catalog.queries.searches import (
    NEWEST_FIRST,
    SORTABLE,
    Hit,
    Place,
    SearchQueries,
    SortField,
    SortKey,
)
from plugins.rest.unity import fields
from plugins.rest.unity.aggregations import aggregate
from plugins.rest.unity.documents import envelope, time_text
from plugins.rest.unity.dsl import read_query
from plugins.rest.unity.query_string import read_query_string
from plugins.rest.unity.wire import not_possible, not_understood

WINDOW: Final = 10_000
_COUNTED: Final = 10_000
_MOST_COUNTED: Final = 2**31 - 1
_NUMBER: Final = re.compile(r"-?[0-9]{1,10}")
_KNOWN: Final = frozenset({
    "query", "from", "size", "sort", "search_after", "_source", "track_total_hits", "aggs",
    "aggregations",
    # of no effect here
    "timeout", "version", "seq_no_primary_term", "track_scores", "stored_fields", "explain",
    "terminate_after", "min_score", "profile", "batched_reduce_size", "slice",
})  # fmt: skip
SHARDS: Final = {"total": 1, "successful": 1, "skipped": 0, "failed": 0}


@dataclass(frozen=True, slots=True)
class Request:
    """A search, read.

    Parameters
    ----------
    counted
        How many jobs are counted; None for all, 0 for none.
    """

    search: Search
    order: tuple[SortKey, ...]
    is_sorted: bool
    size: int
    offset: int
    after: tuple[Any, ...]
    source: object
    counted: int | None
    aggregations: object
    total_is_number: bool


def read_request(body: Mapping[str, Any], parameters: Mapping[str, str]) -> Request:
    """Read a search from a body and the parameters of a query; the body wins.

    Raises
    ------
    SearchError
        Raised for what is wrong or not supported.
    """
    unknown = body.keys() - _KNOWN
    if unknown:
        raise not_understood(
            f"unknown key [{min(unknown)}]: it is not supported by this jobs database"
        )
    if body.get("slice") is not None:
        raise not_understood("[slice] is not supported by this jobs database")
    size = _number(body.get("size", parameters.get("size", 10)), "size")
    offset = _number(body.get("from", parameters.get("from", 0)), "from")
    if size + offset > WINDOW:
        raise not_possible(
            f"Result window is too large, from + size must be less than or equal to: [{WINDOW}] but"
            f" was [{size + offset}]. Use search_after or the scroll api."
        )
    given = body.get("sort", _sort_parameter(parameters.get("sort")))
    order = _order(given)
    return Request(
        search=_search(body, parameters),
        order=order or NEWEST_FIRST,
        is_sorted=bool(given),
        size=size,
        offset=offset,
        after=_after(body.get("search_after"), order),
        source=_source(body, parameters),
        counted=_counted(body.get("track_total_hits", parameters.get("track_total_hits"))),
        aggregations=body.get("aggs", body.get("aggregations")),
        total_is_number=parameters.get("rest_total_hits_as_int") == "true",
    )


def answer(queries: SearchQueries, wanted: Request) -> tuple[dict[str, Any], tuple[Hit, ...]]:
    """Return the answer to a search, and the jobs in it."""
    found = (
        queries.page(wanted.search, wanted.order, wanted.size, wanted.offset, wanted.after)
        if wanted.size
        else ()
    )
    hits: dict[str, Any] = {"max_score": None if wanted.is_sorted or not found else 1.0}
    if wanted.counted != 0:
        hits["total"] = _total(queries, wanted)
    hits["hits"] = [_hit(each, wanted) for each in found]
    body: dict[str, Any] = {"took": 0, "timed_out": False, "_shards": SHARDS, "hits": hits}
    if wanted.aggregations is not None:
        body["aggregations"] = aggregate(queries, wanted.search, wanted.aggregations)
    return body, found


def scroll_id(body: Mapping[str, Any], parameters: Mapping[str, str], last: Hit | None) -> str:
    """Return all that is needed to go on after a job; nothing is kept for it."""
    keys = None if last is None else [_shown(each) for each in last.keys]
    state = {"body": body, "parameters": parameters, "after": keys}
    return base64.urlsafe_b64encode(json.dumps(state).encode()).decode()


def read_scroll(
    text: str,
) -> tuple[dict[str, Any], dict[str, str], Request]:
    """Return body, parameters and the next search of a scroll id."""
    try:
        state = json.loads(base64.urlsafe_b64decode(text.encode()))
        body, parameters, after = state["body"], state["parameters"], state["after"]
        wanted = read_request(body, parameters)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise not_possible("Cannot parse scroll id") from error
    if after is None:
        return body, parameters, _resumed(wanted, (), 0)
    order = wanted.order
    keys = (*_after(after[: len(order)], order), *after[len(order) :])
    return body, parameters, _resumed(wanted, keys, wanted.size)


def _resumed(wanted: Request, after: tuple[Any, ...], size: int) -> Request:
    return replace(wanted, after=after, size=size, aggregations=None)


def _search(body: Mapping[str, Any], parameters: Mapping[str, str]) -> Search:
    if "query" not in body and "q" in parameters:
        all_of = parameters.get("default_operator", "or").lower() == "and"
        searched = (parameters["df"],) if "df" in parameters else fields.SEARCHED
        return read_query_string(parameters["q"], searched, all_of=all_of)
    return read_query(body.get("query"))


def _source(body: Mapping[str, Any], parameters: Mapping[str, str]) -> object:
    return body["_source"] if "_source" in body else source_parameter(parameters)


def source_parameter(parameters: Mapping[str, str]) -> object:
    """Return what parameters of a query ask of documents."""
    given = parameters.get("_source")
    if given in ("true", "false"):
        return given == "true"
    includes = given or parameters.get("_source_includes")
    excludes = parameters.get("_source_excludes")
    if includes is None and excludes is None:
        return None
    return {
        "includes": includes.split(",") if includes else [],
        "excludes": excludes.split(",") if excludes else [],
    }


def _sort_parameter(text: str | None) -> list[Any]:
    if not text:
        return []
    pairs = [each.partition(":") for each in text.split(",")]
    return [{name: order or "asc"} for name, _, order in pairs]


def _order(given: object) -> tuple[SortKey, ...]:
    keys = []
    for each in given if isinstance(given, list) else [given]:
        entry = {each: {}} if isinstance(each, str) else each
        if not isinstance(entry, dict) or len(entry) != 1:
            raise not_understood("[sort] malformed: give fields, or objects of one field")
        ((name, options),) = entry.items()
        key = _sort_key(name, options)
        if key is not None:
            keys.append(key)
    return tuple(keys)


def _sort_key(name: str, options: object) -> SortKey | None:
    """Return a key; None for the score, which is the same for all."""
    given: Mapping[str, Any] = options if isinstance(options, dict) else {"order": options}
    unknown = given.keys() - {"order", "missing", "unmapped_type", "mode", "format", "numeric_type"}
    if unknown:
        raise not_understood(f"[sort] does not support [{min(unknown)}]")
    if given.get("missing", "_last") != "_last":
        raise not_understood("[sort] missing other than [_last] is not supported")
    direction = given.get("order", "asc")
    if direction not in ("asc", "desc"):
        raise not_understood(f"[sort] order [{direction}] is neither asc nor desc")
    plain = fields.plain(name)
    if plain == "_score":
        return None
    places: dict[str, SortField] = {"_doc": Place.PLACE, "_shard_doc": Place.PLACE}
    field = places.get(plain) or fields.TEXTS.get(plain) or fields.TIMES.get(plain)
    if field is None or field not in SORTABLE:
        raise not_possible(
            f"Jobs cannot be sorted by the field [{plain}]: sort by id, user-id, submit-time,"
            " start-time, stop-time or _doc."
        )
    return SortKey(field, is_descending=direction == "desc")


def _after(given: object, order: Sequence[SortKey]) -> tuple[Any, ...]:
    if given is None:
        return ()
    if not isinstance(given, list) or not order or len(given) != len(order):
        raise not_possible("search_after needs a value for each field of sort, and a sort.")
    return tuple(_key(value, key.field) for value, key in zip(given, order, strict=True))


def _key(value: Any, field: SortField) -> Any:
    if value is None:
        return None
    try:
        match field:
            case Place():
                return int(value)
            case TimeField():
                return fields.moment(value)
            case TextField.UID:
                return UUID(str(value))
            case _:
                return str(value)
    except ValueError as error:
        raise not_possible(f"search_after cannot be [{value}]") from error


def _number(value: object, name: str) -> int:
    try:
        number = int(str(value))
    except ValueError as error:
        raise not_possible(f"[{name}] is no whole number, found [{value}]") from error
    if number < 0:
        raise not_possible(f"[{name}] parameter cannot be negative, found [{number}]")
    return number


def _counted(given: object) -> int | None:
    match given:
        case None:
            return _COUNTED
        case True | "true":
            return None
        case False | "false":
            return 0
        case _:
            number = int(str(given)) if _NUMBER.fullmatch(str(given)) else -2
            if not -1 <= number <= _MOST_COUNTED:
                raise not_possible(f"[track_total_hits] cannot be [{given}]")
            return None if number == -1 else number


def _total(queries: SearchQueries, wanted: Request) -> object:
    most = wanted.counted
    number = queries.count(wanted.search, None if most is None else most + 1)
    is_more = most is not None and number > most
    value = most if is_more else number
    if wanted.total_is_number:
        return value
    return {"value": value, "relation": "gte" if is_more else "eq"}


def _hit(hit: Hit, wanted: Request) -> dict[str, Any]:
    found = envelope(hit.work, wanted.source)
    found.pop("_version")
    found["_score"] = None if wanted.is_sorted else 1.0
    if wanted.is_sorted:
        found["sort"] = [_shown(each) for each in hit.keys[: len(wanted.order)]]
    return found


def _shown(value: Any) -> Any:
    match value:
        case datetime():
            return time_text(value)
        case UUID():
            return str(value)
        case _:
            return value
