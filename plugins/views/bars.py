"""Small charts of bars, as numbers for a template that draws them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

WIDTH: Final = 480
HEIGHT: Final = 72
_GAP: Final = 2


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its rectangle, what it stands for, and how much that is."""

    x: float
    y: float
    width: float
    height: float
    time: datetime
    number: int


def bars(values: Sequence[tuple[datetime, int]]) -> tuple[Bar, ...]:
    """Return a bar for each value, side by side; the largest has the whole height."""
    largest = max((number for _, number in values), default=0) or 1
    width = WIDTH / max(len(values), 1)
    return tuple(
        Bar(
            x=round(index * width, 2),
            y=round(HEIGHT - HEIGHT * number / largest, 2),
            width=round(width - _GAP, 2),
            height=round(HEIGHT * number / largest, 2),
            time=time,
            number=number,
        )
        for index, (time, number) in enumerate(values)
    )
