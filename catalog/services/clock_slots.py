"""The arithmetic of the clock: slots are counted from midnight UTC (seed 001, Clock Triggers)."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

_DAY: Final = timedelta(days=1)
MOST_DAYS: Final = 31
"""How far back daily work reaches after a long standstill; a command does the rest."""


def slot_of(now: datetime, seconds: float) -> datetime:
    """Return when the slot began that `now` is in.

    Slots begin at midnight UTC and every `seconds` after it; the last of a day is shorter where
    the day is no multiple of it. So a late tick does not shift the next slot.

    Parameters
    ----------
    seconds
        Length of a slot, from a minute to a day.
    """
    moment = now.astimezone(UTC)
    midnight = datetime.combine(moment.date(), time(), UTC)
    period = timedelta(seconds=seconds)
    return midnight + (moment - midnight) // period * period


def due_slot(now: datetime, seconds: float, fired: datetime | None) -> datetime | None:
    """Return the slot that has to fire now, or None; of several that were missed only the last.

    Parameters
    ----------
    fired
        The newest slot that has fired, if any has.
    """
    slot = slot_of(now, seconds)
    return slot if fired is None or slot > fired else None


def days_to_compute(slot: datetime, fired: datetime | None) -> list[date]:
    """Return the whole UTC days that daily work has to do in a slot, oldest first.

    These are the days since the slot that fired before, and one more: what ended in the last
    moment of a day may have been committed after its metrics were computed.

    Parameters
    ----------
    slot
        The slot that fires.
    fired
        The slot that fired before it, if any has.
    """
    last = slot.astimezone(UTC).date() - _DAY
    first = last if fired is None else min(fired.astimezone(UTC).date() - _DAY, last)
    count = min((last - first).days + 1, MOST_DAYS)
    return [last - number * _DAY for number in reversed(range(count))]
