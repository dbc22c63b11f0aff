"""A heat map of hours: a row for each UTC day, a cell for each hour, darker for more."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Final

from catalog.queries.ingest_status import IngestSlot

LEVELS: Final = 5


@dataclass(frozen=True, slots=True)
class Cell:
    """One hour; `level` goes from 0 for nothing to `LEVELS` for the most."""

    slot: IngestSlot
    level: int


@dataclass(frozen=True, slots=True)
class Day:
    """One UTC day with its hours, and what they have together; size in bytes."""

    day: date
    files: int
    size: int
    cells: tuple[Cell, ...]


def summed(slots: Iterable[IngestSlot]) -> Mapping[datetime, IngestSlot]:
    """Return the slots of several Strike processes as one for each hour."""
    found: dict[datetime, IngestSlot] = {}
    for each in slots:
        former = found.get(each.time, IngestSlot(each.time))
        found[each.time] = IngestSlot(each.time, former.files + each.files, former.size + each.size)
    return found


def days_of(slots: Mapping[datetime, IngestSlot]) -> tuple[Day, ...]:
    """Return the days of hours, the latest first."""
    most = max((each.files for each in slots.values()), default=0)
    hours = sorted(slots.values(), key=lambda each: each.time)
    days = []
    for day, several in groupby(hours, key=lambda each: each.time.date()):
        cells = tuple(Cell(each, level_of(each.files, most)) for each in several)
        days.append(
            Day(day, sum(c.slot.files for c in cells), sum(c.slot.size for c in cells), cells)
        )
    return tuple(reversed(days))


def level_of(number: int, most: int) -> int:
    """Return how dark a cell is: by the logarithm, so that few are seen beside very many."""
    if number <= 0:
        return 0
    return max(1, math.ceil(LEVELS * math.log1p(number) / math.log1p(most)))
