"""Stopping, tagging and removing jobs by their uid, for every dialect.

A removed job keeps its row, archived: other records refer to it. What it made is deleted from its
workspaces.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

from catalog.brokers import broker_of
from catalog.database import Database
from catalog.errors import ConflictError, InvalidError, NotFoundError
from catalog.records.files import FileRecord
from catalog.records.work import JobRecord
from catalog.services.executions import ExecutionService
from catalog.states import JobStatus

_ENDED = frozenset({JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELED})


class RemovalService:
    """Stops, tags and removes jobs."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._executions = ExecutionService(database)

    def stop(self, uid: UUID, user: str) -> bool:
        """Cancel a job that has not ended; what runs of it is stopped by who runs it.

        Returns
        -------
        bool
            False if the job had ended: nothing happened then.

        Raises
        ------
        NotFoundError
            Raised if there is no such job.
        """
        job = self._job(uid)
        if job.status in _ENDED:
            return False
        try:
            self._executions.cancel(job.id, f"Cancelled by {user}.")
        except ConflictError:  # it ended meanwhile
            return False
        return True

    def remove(self, uid: UUID, user: str) -> None:
        """Cancel a job, delete the files it made, and archive it.

        Each step can be repeated: if the process dies, removing the job again ends the work.

        Raises
        ------
        NotFoundError
            Raised if there is no such job.
        InvalidError
            Raised if a file cannot be deleted; the job stays then.
        """
        self.stop(uid, user)
        job = self._job(uid)
        with self._database.transaction() as tx:
            files = tx.files.made_by(job.id)
            workspaces = tx.workspaces.get_many({each.workspace_id for each in files})
        for each in files:
            _delete(each, workspaces[each.workspace_id].json_config)
        now = datetime.now(UTC)
        with self._database.transaction() as tx:
            for each in files:
                tx.files.update(
                    each.id,
                    {"is_deleted": True, "deleted": now, "is_published": False, "unpublished": now},
                )
            tx.previews.forget(each.id for each in files)
            tx.jobs.update(job.id, {"archived": now})

    def tag(self, uid: UUID, add: Iterable[str] = (), remove: Iterable[str] = ()) -> list[str]:
        """Add and remove tags that users give a job; return those it has now.

        Only the tags are changed, with the job locked: two that tag at once lose nothing.
        """
        job = self._job(uid)
        with self._database.transaction() as tx:
            kept = tx.jobs.lock(job.id).user_tags
            gone = set(remove)
            tags = list(dict.fromkeys(each for each in (*kept, *add) if each not in gone))
            tx.jobs.update(job.id, {"user_tags": tags})
        return tags

    def _job(self, uid: UUID) -> JobRecord:
        with self._database.transaction() as tx:
            job = tx.jobs.by_uid(uid)
        if job.archived is not None:
            sentence = f"Job {uid} was removed at {job.archived.isoformat(timespec='seconds')}."
            raise NotFoundError("job", str(uid), sentence)
        return job


def _delete(file: FileRecord, json_config: dict[str, object]) -> None:
    broker = broker_of(json_config)
    try:
        broker.remove(file.file_path)
    except OSError as error:
        raise InvalidError(
            f"The file {broker.where(file.file_path)} of the job cannot be deleted ({error})."
            " Look at the workspace's permissions, then remove the job again."
        ) from error
