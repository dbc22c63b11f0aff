"""The store of the scheduler's row."""

from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from catalog.tables import Scheduler

_SCHEDULER_ID: Final = 1


class SchedulerStore:
    """Whether jobs may begin at all."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def is_paused(self) -> bool:
        """Say whether no job may begin anywhere."""
        return self._session.scalars(
            select(Scheduler.is_paused).where(Scheduler.id == _SCHEDULER_ID)
        ).one()

    def pause(self, *, is_paused: bool) -> None:
        """Pause or resume."""
        self._session.execute(
            update(Scheduler).where(Scheduler.id == _SCHEDULER_ID).values(is_paused=is_paused)
        )
