"""How full a workspace was over time, as numbers for a template that draws it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from catalog.records.configuration import UsageRecord

WIDTH: Final = 560
HEIGHT: Final = 140
_GAP: Final = 1.5
"""Steps after which a measurement that is missing is shown as missing."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A place to point at: the column of a measurement, and what was measured."""

    x: float
    width: float
    usage: UsageRecord


@dataclass(frozen=True, slots=True)
class UsageChart:
    """Areas as paths of an SVG; `total` is what the whole height stands for, in bytes."""

    areas: tuple[str, ...]
    moments: tuple[Moment, ...]
    total: int
    width: int = WIDTH
    height: int = HEIGHT


def usage_chart(
    usage: Sequence[UsageRecord], begin: datetime, end: datetime, step: timedelta
) -> UsageChart | None:
    """Return the chart of measurements that stand for `step` each; None without any."""
    if not usage:
        return None
    total = max(each.total_size for each in usage) or 1
    span = end - begin
    width = WIDTH * (step / span)

    def x(moment: datetime) -> float:
        return round(WIDTH * ((moment - begin) / span), 2)

    areas = []
    for run in _runs(usage, step):
        points = [(x(each.measured), HEIGHT - HEIGHT * each.used_size / total) for each in run]
        points.append((min(points[-1][0] + width, WIDTH), points[-1][1]))
        line = " ".join(f"L{left:.2f},{top:.2f}" for left, top in points)
        areas.append(f"M{points[0][0]:.2f},{HEIGHT} {line} L{points[-1][0]:.2f},{HEIGHT} z")
    moments = tuple(Moment(x(each.measured), round(width, 2), each) for each in usage)
    return UsageChart(tuple(areas), moments, total)


def _runs(usage: Sequence[UsageRecord], step: timedelta) -> Iterator[list[UsageRecord]]:
    """Yield measurements that follow one another without a gap."""
    run: list[UsageRecord] = []
    for each in usage:
        if run and each.measured - run[-1].measured > step * _GAP:
            yield run
            run = []
        run.append(each)
    yield run
