"""What JSON Schema says about a shape, in sentences that a person understands."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

from jsonschema import ValidationError

from schemas.problems import Problem, json_path, shown

_Place: TypeAlias = tuple[str | int, ...]

_TYPES = {
    "string": "text",
    "object": "an object",
    "array": "a list",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}
_BOUNDS = {
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} entries",
    "maxItems": "at most {} entries",
    "minimum": "{} or more",
    "maximum": "{} or less",
}


def shape_problems(errors: Iterable[ValidationError]) -> list[Problem]:
    """Return the problems of a validation, ordered by place and each told once.

    A schema says what it expects in its own words with the keyword ``x-expected``; a schema
    ``{"not": {}}`` says with its description why a field may not be there.
    """
    found = dict.fromkeys(told for error in errors for told in _told(error))
    ordered = sorted(found, key=lambda told: [_position(step) for step in told[0]])
    return [Problem(json_path(*place), sentence) for place, sentence in ordered]


def _position(step: str | int) -> tuple[int, str]:
    return (step, "") if isinstance(step, int) else (-1, step)


def _told(error: ValidationError) -> Iterator[tuple[_Place, str]]:
    place: _Place = tuple(error.absolute_path)
    rule: dict[str, Any] = error.schema if isinstance(error.schema, dict) else {}
    match error.validator:
        case "required":
            for name in _missing(error):
                yield (*place, name), "this field is required."
        case "additionalProperties":
            known = list(rule.get("properties", {}))
            for name in _extra(error, known):
                yield (*place, name), _unknown_field(name, known)
        case "not":
            yield place, rule["description"]
        case _:
            yield place, f"expected {_expected(error, rule)}, found {shown(error.instance)}."


def _missing(error: ValidationError) -> list[str]:
    names: Any = error.validator_value
    given: Any = error.instance
    return [name for name in names if name not in given]


def _extra(error: ValidationError, known: list[str]) -> list[str]:
    given: Any = error.instance
    return [name for name in given if name not in known]


def _unknown_field(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    if close:
        return f"unknown field; did you mean {shown(close[0])}?"
    return f"unknown field; the fields here are {', '.join(shown(field) for field in known)}."


def _expected(error: ValidationError, rule: dict[str, Any]) -> str:
    value: Any = error.validator_value
    keyword = str(error.validator)
    if keyword == "type":
        return " or ".join(_TYPES[name] for name in ([value] if isinstance(value, str) else value))
    if "x-expected" in rule:
        return str(rule["x-expected"])
    if keyword == "enum":
        return "one of " + ", ".join(shown(choice) for choice in value)
    if keyword == "const":
        return shown(value)
    if keyword in _BOUNDS:
        return _BOUNDS[keyword].format(value)
    return f"what the schema's {keyword} says, {shown(value)}"
