"""ISO-8601 times, always with a zone, always in UTC once read."""

from __future__ import annotations

from datetime import UTC, datetime

from schemas.problems import shown


class TimeError(ValueError):
    """A text is not a time with a zone; the message is a sentence for a person."""


def parse_time(text: str) -> datetime:
    """Return the UTC time of an ISO-8601 date and time with ``Z`` or an offset.

    Raises
    ------
    TimeError
        For a text that is no date and time, or that has no zone.
    """
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise TimeError(
            f"{shown(text)} is not an ISO-8601 date and time such as 2015-05-15T10:34:12Z."
        ) from None
    if time.tzinfo is None:
        raise TimeError(f"{shown(text)} has no time zone: end it with Z (UTC) or an offset.")
    try:
        return time.astimezone(UTC)
    except OverflowError:
        raise TimeError(f"{shown(text)} is outside the years 1 to 9999 in UTC.") from None


def format_time(time: datetime) -> str:
    """Return the time in UTC with ``Z``, to the microsecond where it has one."""
    return time.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"
