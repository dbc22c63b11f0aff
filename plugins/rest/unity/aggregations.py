"""Aggregations of the jobs database: ``terms`` and ``date_histogram``, beside each other."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from catalog.job_states import JobState
from catalog.queries.search import Search
from catalog.queries.searches import SearchQueries
from plugins.rest.states import WORDS
from plugins.rest.unity import fields
from plugins.rest.unity.documents import time_text
from plugins.rest.unity.wire import SearchError, not_possible, not_understood

_UNITS: Final = {
    "minute": "minute", "1m": "minute", "hour": "hour", "1h": "hour", "day": "day", "1d": "day",
    "week": "week", "1w": "week", "month": "month", "1M": "month", "quarter": "quarter",
    "1q": "quarter", "year": "year", "1y": "year",
}  # fmt: skip
_FIXED: Final = re.compile(r"(\d+)(ms|s|m|h|d)")
_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_MONTHS: Final = {"month": 1, "quarter": 3, "year": 12}
_MOST_BUCKETS: Final = 65_536


def aggregate(queries: SearchQueries, search: Search, wanted: object) -> dict[str, Any]:
    """Return the buckets of each aggregation by its name.

    Raises
    ------
    SearchError
        Raised as ``parsing_exception`` for an aggregation that is not supported.
    """
    if not isinstance(wanted, dict):
        raise not_understood("[aggs] is not an object")
    return {name: _one(queries, search, str(name), each) for name, each in wanted.items()}


def _one(queries: SearchQueries, search: Search, name: str, body: object) -> dict[str, Any]:
    if not isinstance(body, dict) or len(body.keys() - {"meta"}) != 1:
        raise not_understood(
            f"[{name}] expects one aggregation type; aggregations within aggregations are not"
            " supported by this jobs database"
        )
    ((kind, options),) = ((key, each) for key, each in body.items() if key != "meta")
    if not isinstance(options, dict):
        raise not_understood(f"[{kind}] is not an object")
    meta = {"meta": body["meta"]} if "meta" in body else {}
    match kind:
        case "terms":
            return {**meta, **_terms(queries, search, options)}
        case "date_histogram":
            return {**meta, **_histogram(queries, search, options)}
        case _:
            raise not_understood(
                f"Unknown aggregation type [{kind}]: this jobs database has terms and"
                " date_histogram"
            )


def _terms(queries: SearchQueries, search: Search, options: Mapping[str, Any]) -> dict[str, Any]:
    _known("terms", options, {"field", "size", "min_doc_count", "shard_size", "order"})
    if options.get("order") not in (None, {"_count": "desc"}, [{"_count": "desc"}]):
        raise not_understood("[terms] order other than [_count: desc] is not supported")
    field = fields.plain(str(options.get("field", "")))
    size = options.get("size", 10)
    if not isinstance(size, int) or not 0 < size <= _MOST_BUCKETS:
        raise not_possible(f"[size] must be from 1 to {_MOST_BUCKETS}, found [{size}]")
    if field == fields.STATUS:
        pairs = _statuses(queries, search)
    elif field in fields.TEXTS:
        pairs = queries.by_text(search, fields.TEXTS[field], _MOST_BUCKETS)
    elif field in fields.TIMES or field.startswith(fields.INPUTS):
        raise not_possible(f"[terms] is not supported on the field [{field}].")
    else:
        pairs = []
    least = options.get("min_doc_count", 1)
    kept = [pair for pair in pairs if pair[1] >= least][:size]
    return {
        "doc_count_error_upper_bound": 0,
        "sum_other_doc_count": sum(n for _, n in pairs) - sum(n for _, n in kept),
        "buckets": [{"key": key, "doc_count": number} for key, number in kept],
    }


def _statuses(queries: SearchQueries, search: Search) -> list[tuple[str, int]]:
    found: dict[str, int] = {}
    for state, told, number in queries.by_state(search):
        word = told or WORDS[state].unity or WORDS[JobState.FAILED].unity or ""
        found[word] = found.get(word, 0) + number
    return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))


def _histogram(
    queries: SearchQueries, search: Search, options: Mapping[str, Any]
) -> dict[str, Any]:
    known = {"field", "interval", "fixed_interval", "calendar_interval", "min_doc_count", "format"}
    _known("date_histogram", options, known)
    field = fields.plain(str(options.get("field", "")))
    if field not in fields.TIMES:
        raise not_possible(f"[date_histogram] is not supported on the field [{field}].")
    step = _step(options)
    found = dict(queries.by_time(search, fields.TIMES[field], step))
    if options.get("min_doc_count", 0) == 0:
        found = _filled(found, step)
    least = options.get("min_doc_count", 0)
    return {
        "buckets": [
            {
                "key_as_string": time_text(start),
                "key": int(start.timestamp() * 1000),
                "doc_count": number,
            }
            for start, number in found.items()
            if number >= least
        ]
    }


def _step(options: Mapping[str, Any]) -> timedelta | str:
    given = options.get("calendar_interval", options.get("interval"))
    if "fixed_interval" not in options and given in _UNITS:
        return _UNITS[given]
    text = str(options.get("fixed_interval", options.get("interval", "")))
    match = _FIXED.fullmatch(text)
    if match is None or int(match[1]) == 0:
        raise not_understood(
            f"[date_histogram] interval [{given or text}] is not supported: give a"
            " calendar_interval of one unit, or a fixed_interval of ms, s, m, h or d"
        )
    try:
        return timedelta(seconds=int(match[1]) * _SECONDS[match[2]])
    except OverflowError as error:
        raise not_understood(f"[date_histogram] interval [{text}] is too long") from error


def _filled(found: Mapping[datetime, int], step: timedelta | str) -> dict[datetime, int]:
    """Return the buckets with the empty ones between them."""
    starts = [each.astimezone(UTC) for each in found]
    numbers = dict(zip(starts, found.values(), strict=True))
    filled: dict[datetime, int] = {}
    at = min(starts, default=None)
    while at is not None and at <= max(starts):
        if len(filled) >= _MOST_BUCKETS:
            raise SearchError(
                "too_many_buckets_exception",
                f"Trying to create too many buckets. Must be at most [{_MOST_BUCKETS}].",
            )
        filled[at] = numbers.get(at, 0)
        at = _next(at, step)
    return filled


def _next(at: datetime, step: timedelta | str) -> datetime:
    if isinstance(step, timedelta):
        return at + step
    if step in _MONTHS:
        month = at.month - 1 + _MONTHS[step]
        return at.replace(year=at.year + month // 12, month=month % 12 + 1)
    return at + timedelta(**{f"{step}s": 1})


def _known(kind: str, options: Mapping[str, Any], known: set[str]) -> None:
    unknown = options.keys() - known
    if unknown:
        raise not_understood(f"[{kind}] does not support [{min(unknown)}]")
