"""ISO-8601 durations of days, hours, minutes and seconds."""

from __future__ import annotations

import re
from decimal import Decimal

from schemas.problems import shown

_DURATION = re.compile(
    r"P(?:(?P<days>[0-9]{1,20})D)?"
    r"(?P<time>T(?:(?P<hours>[0-9]{1,20})H)?(?:(?P<minutes>[0-9]{1,20})M)?"
    r"(?:(?P<seconds>[0-9]{1,20})(?:[.,](?P<fraction>[0-9]{1,9}))?S)?)?"
)
_UNITS = {"days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}
_LONGEST = 100 * 366 * 86_400  # seconds; a timedelta from any date of this age stays a date


class DurationError(ValueError):
    """A text is not a duration; the message is a sentence for a person."""


def parse_duration(text: str) -> int | float:
    """Return the seconds of a duration such as ``PT1H30M`` or ``P1DT0.5S``.

    Only days, hours, minutes and seconds are read, since years, months and weeks have no use
    here or no fixed length; only seconds may have a fraction, of 9 digits; at most 100 years.

    Raises
    ------
    DurationError
        For anything else.
    """
    match = _DURATION.fullmatch(text)
    if match is None or text == "P" or match["time"] == "T":
        raise DurationError(
            f"{shown(text)} is not an ISO-8601 duration of days, hours, minutes and seconds,"
            " such as PT1H or P1DT12H30M."
        )
    whole = sum(int(match[unit] or 0) * seconds for unit, seconds in _UNITS.items())
    if whole > _LONGEST:
        raise DurationError(f"{shown(text)} is longer than 100 years.")
    if match["fraction"] is None:
        return whole
    return float(f"{whole}.{match['fraction']}")


def format_duration(seconds: float) -> str:
    """Return the ISO-8601 duration of seconds, such as ``PT1H30M``; it parses to the same."""
    if not isinstance(seconds, int):
        return f"PT{Decimal(repr(seconds)):f}S"
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "H"), (minutes, "M"), (rest, "S"))
    return "PT" + ("".join(f"{amount}{unit}" for amount, unit in parts if amount) or "0S")
