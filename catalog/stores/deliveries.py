"""Store of deliveries of jobs to a search engine outside."""

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from catalog.tables import Job, JobFeed, JobUpdate


class DeliveryStore:
    """Rows of what is due."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def subscribers(self) -> list[str]:
        """Return where jobs are delivered to."""
        return list(self._session.scalars(select(JobFeed.url)))

    def subscribe(self, url: str) -> None:
        """Note changes of jobs from now on, and every job that there is."""
        self._session.add(JobFeed(url=url))
        self._session.flush()
        self._session.execute(insert(JobUpdate).from_select(["job_id"], select(Job.id)))

    def unsubscribe(self) -> None:
        """Note no changes any more, and forget what was due."""
        self._session.execute(delete(JobFeed))
        self._session.execute(delete(JobUpdate))

    def due(self, limit: int) -> list[tuple[int, int]]:
        """Return ids of updates, the oldest first, and the ids of their jobs."""
        statement = select(JobUpdate.id, JobUpdate.job_id).order_by(JobUpdate.id).limit(limit)
        return [(update_id, job_id) for update_id, job_id in self._session.execute(statement)]

    def delivered(self, update_ids: list[int]) -> None:
        """Forget updates; what changed since has others."""
        self._session.execute(delete(JobUpdate).where(JobUpdate.id.in_(update_ids)))
