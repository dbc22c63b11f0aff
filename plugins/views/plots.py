"""Lines of values over time, as what plots, tables and CSV are made of."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from plugins.views.tones import Tone

MOST_LINES: Final = 24
MOST_ROWS: Final = 100
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")

When = date | datetime
Row = tuple[When, tuple[int | None, ...]]


@dataclass(frozen=True, slots=True)
class Line:
    """One value for each moment; `units` are count, bytes or seconds, `tone` is its colour."""

    name: str
    units: str
    values: Mapping[When, int]
    tone: Tone | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """Lines beside each other; the moments are those that any of them has, oldest first."""

    lines: tuple[Line, ...]

    @property
    def moments(self) -> list[When]:
        """Return every moment that has a value."""
        return sorted({when for each in self.lines for when in each.values})

    def latest(self, most: int = MOST_ROWS) -> list[Row]:
        """Return the values of the latest moments, the latest first."""
        return [self._row(when) for when in reversed(self.moments[-most:])]

    def plots(self) -> list[dict[str, Any]]:
        """Return a plot for each unit, as JSON; times are in milliseconds since 1970."""
        moments = self.moments
        return [
            {
                "units": units,
                "times": [_plotted(when) for when in moments],
                "lines": [
                    {
                        "name": each.name,
                        "tone": each.tone,
                        "values": [each.values.get(when) for when in moments],
                    }
                    for each in self.lines
                    if each.units == units
                ],
            }
            for units in dict.fromkeys(each.units for each in self.lines)
        ]

    def csv(self) -> str:
        """Return all values as CSV (RFC 4180): a row for each moment, in UTC, oldest first."""
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(["time", *(_heading(each) for each in self.lines)])
        for when in self.moments:
            writer.writerow([_written(when), *self._row(when)[1]])
        return text.getvalue()

    def _row(self, when: When) -> Row:
        return when, tuple(each.values.get(when) for each in self.lines)


def sheet_of(lines: Iterable[Line]) -> tuple[Sheet, int]:
    """Return the first lines as a sheet, and how many were left out."""
    every: Sequence[Line] = tuple(lines)
    return Sheet(tuple(every[:MOST_LINES])), max(len(every) - MOST_LINES, 0)


def _plotted(when: When) -> int | str:
    if isinstance(when, datetime):
        return round(when.timestamp() * 1000)
    return when.isoformat()


def _written(when: When) -> str:
    if isinstance(when, datetime):
        return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return when.isoformat()


def _heading(line: Line) -> str:
    """Return the name with the units; a table calculator does not take it for a formula."""
    text = line.name if line.units == "count" else f"{line.name} [{line.units}]"
    return f"'{text}" if text.startswith(_FORMULA) else text
