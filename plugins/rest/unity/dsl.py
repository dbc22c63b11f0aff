"""Elasticsearch's query language, read into conditions of the catalogue.

What is not supported is refused by its name, as Elasticsearch refuses a query that it does not
know. Source: Elasticsearch 8, "Query DSL".
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from catalog.queries.search import (
    EVERYTHING,
    NOTHING,
    AllOf,
    AnyOf,
    Not,
    OneOf,
    Search,
    TextField,
    TextIs,
)
from plugins.rest.unity import fields
from plugins.rest.unity.query_string import read_query_string
from plugins.rest.unity.ranges import between
from plugins.rest.unity.wire import not_understood

_DEEPEST: Final = 30
_NO_EFFECT: Final = frozenset({"boost", "_name", "adjust_pure_negative"})


def read_query(query: object, depth: int = 0) -> Search:
    """Return what a query asks for; none at all asks for every job.

    Raises
    ------
    SearchError
        Raised as ``parsing_exception`` for a query that is wrong or not supported.
    """
    if query is None:
        return EVERYTHING
    if depth > _DEEPEST:
        raise not_understood(f"The nested depth of the query exceeds the maximum of [{_DEEPEST}]")
    if not isinstance(query, dict) or len(query) != 1:
        raise not_understood("[_na] query malformed, exactly one query is expected in an object")
    ((name, body),) = query.items()
    if name == "bool":
        return _bool(_object(name, body), depth)
    if name == "constant_score":
        return read_query(_object(name, body).get("filter"), depth + 1)
    reader = _READERS.get(name)
    if reader is None:
        raise not_understood(f"unknown query [{name}]: it is not supported by this jobs database")
    return reader(name, _object(name, body))


def _bool(body: Mapping[str, Any], depth: int) -> Search:
    _known("bool", body, {"must", "filter", "should", "must_not", "minimum_should_match"})

    def parts(name: str) -> list[Search]:
        given = body.get(name) or []
        return [read_query(e, depth + 1) for e in (given if isinstance(given, list) else [given])]

    needed = [*parts("must"), *parts("filter")]
    wanted = parts("should")
    least = _least(body.get("minimum_should_match"), len(wanted), 0 if needed else 1)
    if wanted and least > 0:
        needed.append(AnyOf(tuple(wanted), least))
    return AllOf((*needed, *(Not(each) for each in parts("must_not"))))


def _least(given: object, number: int, default: int) -> int:
    """Return how many of the parts that should be met must be."""
    text = str(default if given is None else given)
    try:
        if text.endswith("%"):
            share = int(text[:-1])
            return number * share // 100 if share >= 0 else number - number * -share // 100
        least = int(text)
    except ValueError as error:
        raise not_understood(f"[bool] minimum_should_match [{text}] is not supported") from error
    return least if least >= 0 else max(number + least, 0)


def _match_all(name: str, body: Mapping[str, Any]) -> Search:
    _known(name, body, set())
    return EVERYTHING if name == "match_all" else NOTHING


def _term(name: str, body: Mapping[str, Any]) -> Search:
    field, options = _field(name, body, "value")
    _known(name, options, {"value", "case_insensitive"})
    ignores_case = options.get("case_insensitive") is True
    return fields.equals(field, [_value(name, options, "value")], ignores_case=ignores_case)


def _terms(_name: str, body: Mapping[str, Any]) -> Search:
    given = {key: each for key, each in body.items() if key not in _NO_EFFECT}
    if len(given) != 1:
        raise not_understood("[terms] query requires exactly one field")
    ((field, values),) = given.items()
    if not isinstance(values, list):
        raise not_understood(f"[terms] query requires a list of values for [{field}]")
    return fields.equals(field, values)


def _match(name: str, body: Mapping[str, Any]) -> Search:
    """Fields are keywords: a match is the whole value, as Elasticsearch does with keywords."""
    field, options = _field(name, body, "query")
    _known(
        name,
        options,
        {"query", "operator", "lenient", "zero_terms_query", "auto_generate_synonyms_phrase_query"},
    )
    return fields.equals(field, [_value(name, options, "query")])


def _prefix(name: str, body: Mapping[str, Any]) -> Search:
    field, options = _field(name, body, "value")
    _known(name, options, {"value", "case_insensitive", "rewrite"})
    text = fields.as_text(_value(name, options, "value"))
    escaped = "".join(f"\\{each}" if each in "*?\\" else each for each in text)
    ignores_case = options.get("case_insensitive") is True
    return fields.matches(field, f"{escaped}*", ignores_case=ignores_case)


def _wildcard(name: str, body: Mapping[str, Any]) -> Search:
    field, options = _field(name, body, "value")
    _known(name, options, {"value", "wildcard", "case_insensitive", "rewrite"})
    given = options["wildcard"] if "wildcard" in options else _value(name, options, "value")
    ignores_case = options.get("case_insensitive") is True
    return fields.matches(field, fields.as_text(given), ignores_case=ignores_case)


def _range(name: str, body: Mapping[str, Any]) -> Search:
    field, options = _field(name, body, "")
    return between(field, options)


def _exists(name: str, body: Mapping[str, Any]) -> Search:
    _known(name, body, {"field"})
    return fields.exists(fields.as_text(_value(name, body, "field")))


def _ids(name: str, body: Mapping[str, Any]) -> Search:
    _known(name, body, {"values", "type"})
    values = _value(name, body, "values")
    listed = values if isinstance(values, list) else [values]
    return TextIs(TextField.UID, OneOf(tuple(fields.as_text(each) for each in listed)))


def _query_string(name: str, body: Mapping[str, Any]) -> Search:
    known = {
        "query",
        "default_field",
        "fields",
        "default_operator",
        "analyze_wildcard",
        "lenient",
        "allow_leading_wildcard",
    }
    _known(name, body, known)
    given = body.get("fields") or [body.get("default_field", "*")]
    named = tuple(str(each).partition("^")[0] for each in given)
    all_of = str(body.get("default_operator", "or")).lower() == "and"
    text = fields.as_text(_value(name, body, "query"))
    searched = fields.SEARCHED if "*" in named else named
    return read_query_string(text, searched, all_of=all_of)


_READERS: Final[Mapping[str, Callable[[str, Mapping[str, Any]], Search]]] = {
    "match_all": _match_all,
    "match_none": _match_all,
    "term": _term,
    "terms": _terms,
    "match": _match,
    "match_phrase": _match,
    "prefix": _prefix,
    "wildcard": _wildcard,
    "range": _range,
    "exists": _exists,
    "ids": _ids,
    "query_string": _query_string,
}


def _object(name: str, body: object) -> Mapping[str, Any]:
    if not isinstance(body, dict):
        raise not_understood(f"[{name}] query malformed, no start_object after query name")
    return body


def _field(name: str, body: Mapping[str, Any], short: str) -> tuple[str, Mapping[str, Any]]:
    """Return the one field of a query and its options; a bare value is the option `short`."""
    given = {key: each for key, each in body.items() if key not in _NO_EFFECT}
    if len(given) != 1:
        raise not_understood(f"[{name}] query requires exactly one field, not {len(given)}")
    ((field, options),) = given.items()
    if isinstance(options, dict):
        return field, options
    if not short:
        raise not_understood(f"[{name}] query malformed, no start_object after the field")
    return field, {short: options}


def _value(name: str, options: Mapping[str, Any], key: str) -> Any:
    if key not in options:
        raise not_understood(f"[{name}] query requires [{key}]")
    return options[key]


def _known(name: str, options: Mapping[str, Any], known: set[str]) -> None:
    unknown = options.keys() - known - _NO_EFFECT
    if unknown:
        raise not_understood(f"[{name}] query does not support [{min(unknown)}]")
