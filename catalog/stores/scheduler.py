"""The store of the scheduler's row, and of everything that keeps jobs from beginning."""

from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from catalog.records.execution import Held
from catalog.tables import JobType, Node, Scheduler

_SCHEDULER_ID: Final = 1


class SchedulerStore:
    """Whether jobs may begin: at all, on a host, of a type."""

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

    def hold(self, job_type_id: int, hostname: str) -> Held | None:
        """Return what keeps a job of this type from beginning on a host; None if nothing does."""
        scheduler, node, job_type = self._session.execute(
            select(
                select(Scheduler.is_paused).where(Scheduler.id == _SCHEDULER_ID).scalar_subquery(),
                select(Node.is_paused).where(Node.hostname == hostname).scalar_subquery(),
                select(JobType.is_paused & ~JobType.is_system)
                .where(JobType.id == job_type_id)
                .scalar_subquery(),
            )
        ).one()
        if scheduler:
            return Held("The scheduler is paused.")
        if node:
            return Held(f"The node {hostname} is paused.")
        if job_type:
            return Held("The job type is paused.", job_type_id)
        return None

    def is_held(self, hostname: str) -> bool:
        """Say whether no job may begin on a host."""
        paused = select(Node.is_paused).where(Node.hostname == hostname).scalar_subquery()
        scheduler, node = self._session.execute(
            select(Scheduler.is_paused, paused).where(Scheduler.id == _SCHEDULER_ID)
        ).one()
        return bool(scheduler or node)

    def held_types(self) -> frozenset[int]:
        """Return the job types whose jobs may not begin."""
        return frozenset(
            self._session.scalars(
                select(JobType.id).where(JobType.is_paused, JobType.is_system.is_(False))
            )
        )
