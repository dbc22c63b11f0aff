"""Regular expressions that users write, in RE2: matching takes time linear in the text."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import re2

from schemas.problems import shown

_UNSUPPORTED = ("invalid perl operator", "invalid escape sequence")


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> Any:
    """Return the compiled expression; raises `re2.error` when it is not valid."""
    options = re2.Options()
    options.log_errors = False  # the reason is told to the user, not to standard error
    return re2.compile(pattern, options)


def match_start(pattern: str, text: str) -> Any:
    """Match a valid expression from the start of a text; the end of the text may remain.

    Text that is not UTF-8 (a file name with stray bytes) has U+FFFD in those places.
    """
    return compiled(pattern).match(well_formed(text))


def well_formed(text: str) -> str:
    """Return the text with U+FFFD in place of lone surrogates, which UTF-8 cannot carry."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def pattern_fault(pattern: str) -> str | None:
    """Return why an expression is refused, with the position from 1, or None when it is valid."""
    reason, fragment = _refusal(pattern)
    if not reason:
        return None
    place = f"at character {_position(pattern, reason, fragment) + 1}"
    culprit = "" if fragment in ("", pattern) else f" {shown(fragment)}"
    return (
        f"{shown(pattern)} is not a valid regular expression: {reason}{culprit} {place}."
        f"{_hint(pattern, reason)}"
    )


def group_count(pattern: str) -> int:
    """Return the number of capture groups of a valid expression."""
    groups: int = compiled(pattern).groups
    return groups


def _refusal(pattern: str) -> tuple[str, str]:
    """Return RE2's reason and the part it names; two empty texts when it accepts."""
    try:
        compiled(pattern)
    except re2.error as error:
        message = error.args[0]
        text = message.decode("utf-8", "replace") if isinstance(message, bytes) else str(message)
        reason, _, fragment = text.partition(": ")
        return reason, fragment
    return "", ""


def _position(pattern: str, reason: str, fragment: str) -> int:
    """Return where the expression goes wrong: RE2 names the part, not its place."""
    if reason == "missing )":
        return _longest_valid(pattern)
    if reason == "trailing \\":
        return len(pattern) - 1
    wanted = ")" if reason == "unexpected )" else fragment
    for start in _occurrences(pattern, wanted):
        if _refusal(pattern[: start + len(wanted)])[0] == reason:
            return start
    return max(pattern.find(wanted), 0)


def _occurrences(pattern: str, fragment: str) -> Iterator[int]:
    start = pattern.find(fragment) if fragment else -1
    while start >= 0:
        yield start
        start = pattern.find(fragment, start + 1)


def _longest_valid(pattern: str) -> int:
    """Return the length of the longest valid beginning: the group after it is never closed."""
    return next(end for end in range(len(pattern), -1, -1) if not _refusal(pattern[:end])[0])


def _hint(pattern: str, reason: str) -> str:
    if pattern.startswith(("*", "?")):
        expression = pattern.replace(".", r"\.").replace("*", ".*").replace("?", ".")
        return f" It looks like a shell pattern; the expression for it is {shown(expression)}."
    if reason in _UNSUPPORTED:
        return (
            " RE2 syntax is used, without look-around and back-references,"
            " so that every match takes linear time."
        )
    return ""
