"""What is on the queue (seed 001, Queue Services)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from catalog.database import Database
from catalog.states import JobStatus
from catalog.tables import Job, JobType


@dataclass(frozen=True, slots=True)
class QueueRow:
    """The queued jobs of one type; a lower number is a higher priority."""

    count: int
    longest_queued: datetime | None
    job_type_name: str
    job_type_version: str
    highest_priority: int
    is_job_type_paused: bool


class QueueQueries:
    """Reads the queue."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def status(self) -> tuple[QueueRow, ...]:
        """Return the queue by job type: unpaused first, then by priority, then by age."""
        highest, longest = func.min(Job.priority), func.min(Job.queued)
        statement = (
            select(func.count(), longest, JobType.name, JobType.version, highest, JobType.is_paused)
            .join(JobType, JobType.id == Job.job_type_id)
            .where(Job.status == JobStatus.QUEUED)
            .group_by(JobType.id)
            .order_by(JobType.is_paused, highest, longest, JobType.id)
        )
        with self._database.reading() as connection:
            return tuple(QueueRow(*row) for row in connection.execute(statement))
