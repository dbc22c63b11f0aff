"""The store of the scheduler's row."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from catalog.tables import Scheduler

_SCHEDULER_ID: Final = 1


@dataclass(frozen=True, slots=True)
class SchedulerRecord:
    """Whether no job may begin anywhere, and why."""

    is_paused: bool
    pause_reason: str | None


class SchedulerStore:
    """Whether jobs may begin at all."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self) -> SchedulerRecord:
        """Return the row."""
        columns = select(Scheduler.is_paused, Scheduler.pause_reason)
        row = self._session.execute(columns.where(Scheduler.id == _SCHEDULER_ID)).one()
        return SchedulerRecord(*row)

    def is_paused(self) -> bool:
        """Say whether no job may begin anywhere."""
        return self.get().is_paused

    def pause(self, *, is_paused: bool, reason: str | None = None) -> None:
        """Pause with a reason, or resume."""
        values = {"is_paused": is_paused, "pause_reason": reason if is_paused else None}
        self._session.execute(
            update(Scheduler).where(Scheduler.id == _SCHEDULER_ID).values(**values)
        )
