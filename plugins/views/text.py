"""How values are written for people."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from markupsafe import Markup, escape
from shapely import from_wkt

NOTHING: Final = "\N{EN DASH}"
_KIB: Final = 1024.0
_MINUTE: Final = 60
_HOUR: Final = 3600
_DAY: Final = 86400
_TWO_DIGITS: Final = 10
_JOB: Final = re.compile(r"\bjob (?P<id>\d{1,18})\b", re.ASCII)


def size_text(size: float | None) -> str:
    """Return a size in bytes as a person reads it; a dash for none."""
    if size is None:
        return NOTHING
    amount = float(size)
    if amount < _KIB:
        return f"{int(amount)} B"
    for unit in ("KiB", "MiB", "GiB"):
        amount /= _KIB
        if amount < _KIB:
            return f"{amount:.1f} {unit}"
    return f"{amount / _KIB:.1f} TiB"


def mib_text(size: float | None) -> str:
    """Return a size in MiB as a person reads it; a dash for none."""
    return size_text(None if size is None else size * _KIB * _KIB)


def time_text(time: datetime) -> str:
    """Return a time in UTC, to the second."""
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def duration_text(span: timedelta | float | None) -> str:
    """Return a duration, or seconds, as a person reads it; a dash for none."""
    if span is None:
        return NOTHING
    seconds = span.total_seconds() if isinstance(span, timedelta) else float(span)
    whole = round(seconds)
    if seconds < 0:
        return NOTHING
    if seconds < _MINUTE and whole < _MINUTE:
        return f"{seconds:.1f} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE:02d} s"
    if whole < _DAY:
        return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE:02d} min"
    return f"{whole // _DAY} d {whole % _DAY // _HOUR} h"


def number_text(number: float | None) -> str:
    """Return a number with separators of thousands, without needless decimals."""
    if number is None:
        return NOTHING
    return f"{number:,.0f}" if float(number).is_integer() else f"{number:,.2f}"


def short_text(number: int) -> str:
    """Return a count in a few characters: 950, 1.2k, 34k, 5.6M."""
    for size, unit in ((1_000_000, "M"), (1_000, "k")):
        if number >= size:
            share = number / size
            return f"{share:.0f}{unit}" if share >= _TWO_DIGITS else f"{share:.1f}{unit}"
    return str(number)


def point_text(wkt: str | None) -> str:
    """Return a WKT point as degrees north and east; a dash for none."""
    if wkt is None:
        return NOTHING
    east, north = from_wkt(wkt).bounds[:2]
    latitude = f"{abs(north):.3f}° {'N' if north >= 0 else 'S'}"
    return f"{latitude}, {abs(east):.3f}° {'E' if east >= 0 else 'W'}"


def jobs_linked(sentence: str, here: str) -> Markup:
    """Return a sentence in which each job leads to its page.

    Parameters
    ----------
    here
        The path of the pages.
    """
    link = rf'<a href="{escape(here)}/jobs/\g<id>/">\g<0></a>'
    return Markup(_JOB.sub(link, str(escape(sentence))))  # noqa: S704  # escaped before


def json_text(document: Any) -> str:
    """Return a JSON document over several lines, its keys in the order they have."""
    return json.dumps(document, indent=2, ensure_ascii=False)
