"""The fields of a document in the jobs database, and conditions on each of them."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any, Final

from catalog.queries.search import (
    EVERYTHING,
    NOTHING,
    AnyOf,
    Given,
    Input,
    Like,
    OneOf,
    Search,
    Stands,
    TextField,
    TextIs,
    Texts,
    TimeBetween,
    TimeField,
)
from plugins.rest.states import WORDS
from plugins.rest.unity.wire import not_possible, not_understood

STATUS: Final = "status"
INPUTS: Final = "inputs."
TEXTS: Final = {
    "id": TextField.UID,
    "_id": TextField.UID,
    "labels": TextField.LABEL,
    "user-id": TextField.USER,
    "process-id": TextField.PROCESS,
}
TIMES: Final = {
    "submit-time": TimeField.CREATED,
    "start-time": TimeField.STARTED,
    "stop-time": TimeField.ENDED,
}
SEARCHED: Final = ("id", STATUS, "labels", "user-id", "process-id")
"""The fields that a text without a field is looked for in."""

_UNITS: Final = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
_DATE_MATH: Final = re.compile(r"now((?:[+-]\d+[smhdw])*)")
_LIKE_SPECIAL: Final = re.compile(r"[\\%_]")


def plain(field: str) -> str:
    """Return the name of a field without the suffix that dynamic mappings give texts."""
    return field.removesuffix(".keyword")


def equals(field: str, values: list[Any], *, ignores_case: bool = False) -> Search:
    """Return the condition that a field has one of these values."""
    name = plain(field)
    if name in TIMES:
        moments = [moment(each) for each in values]
        return AnyOf(tuple(TimeBetween(TIMES[name], each, each) for each in moments))
    if name.startswith(INPUTS):
        return Input(name.removeprefix(INPUTS), tuple(values)) if values else NOTHING
    texts = tuple(as_text(each) for each in values)
    if ignores_case:
        return _texts(name, Like(_literal(texts[0]), ignores_case=True), _same(texts[0]))
    return _texts(name, OneOf(texts), lambda word: word in texts)


def matches(field: str, pattern: str, *, ignores_case: bool = False) -> Search:
    """Return the condition that a field matches a pattern of ``*`` and ``?``."""
    name = plain(field)
    if pattern == "*":
        return exists(name)
    if name in TIMES or name.startswith(INPUTS):
        raise not_possible(
            f"Can only use wildcard and prefix queries on keyword fields, not [{name}]."
        )
    folded = pattern.lower() if ignores_case else pattern

    def fits(word: str) -> bool:
        return fnmatchcase(word.lower() if ignores_case else word, folded.replace("[", "[[]"))

    return _texts(name, Like(_like(pattern), ignores_case), fits)


def exists(field: str) -> Search:
    """Return the condition that a field has a value."""
    name = plain(field)
    if name in TEXTS:
        return Given(TEXTS[name])
    if name in TIMES:
        return Given(TIMES[name])
    if name.startswith(INPUTS):
        return Input(name.removeprefix(INPUTS))
    return EVERYTHING if name in (STATUS, "inputs", "outputs") else NOTHING


def moment(value: object, now: datetime | None = None) -> datetime:
    """Return the time that a value of a query means: ISO 8601, milliseconds, or ``now-1d``."""
    text = str(value)
    try:
        if isinstance(value, int | float) or re.fullmatch(r"-?\d{5,}", text):
            return datetime.fromtimestamp(float(text) / 1000, UTC)
        math = _DATE_MATH.fullmatch(text)
        if math is not None:
            steps = re.findall(r"([+-]\d+)([smhdw])", math[1])
            return (now or datetime.now(UTC)) + sum(
                (int(number) * _UNITS[unit] for number, unit in steps), timedelta()
            )
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError) as error:
        raise not_understood(
            f"failed to parse date field [{text}]: give an ISO 8601 time, milliseconds since 1970,"
            " or now with steps of s, m, h, d or w"
        ) from error
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def as_text(value: object) -> str:
    """Return a value of a query as the text that a keyword has."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict | list) or value is None or "\0" in str(value):
        raise not_understood(f"a text, number or truth is expected, not [{value}]")
    return str(value)


def _texts(name: str, texts: Texts, fits: Callable[[str], bool]) -> Search:
    if name == STATUS:
        states = frozenset(
            state for state, words in WORDS.items() if words.unity is not None and fits(words.unity)
        )
        return Stands(states, texts)
    return TextIs(TEXTS[name], texts) if name in TEXTS else NOTHING


def _same(text: str) -> Callable[[str], bool]:
    return lambda word: word.lower() == text.lower()


def _literal(text: str) -> str:
    return _LIKE_SPECIAL.sub(lambda match: "\\" + match[0], text)


def _like(pattern: str) -> str:
    """Return a pattern of ``*`` and ``?`` as one of LIKE; a backslash takes a meaning away."""
    parts: list[str] = []
    index = 0
    while index < len(pattern):
        each = pattern[index]
        if each == "\\" and index + 1 < len(pattern):
            index += 1
            parts.append(_literal(pattern[index]))
        else:
            parts.append({"*": "%", "?": "_"}.get(each) or _literal(each))
        index += 1
    return "".join(parts)
