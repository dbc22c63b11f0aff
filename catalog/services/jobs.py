"""Changing jobs by hand (seed 001, Update Job; contract section 1)."""

from collections.abc import Mapping

from catalog.database import Database
from catalog.errors import ConflictError, InvalidError
from catalog.records.work import JobRecord
from catalog.services.executions import ExecutionService
from catalog.states import JobStatus


class JobService:
    """Changes jobs for a person."""

    def __init__(self, database: Database) -> None:
        self._executions = ExecutionService(database)

    def update(self, job_id: int, changes: Mapping[str, object], user: str) -> JobRecord:
        """Cancel a job, the only change there is; what runs of it is stopped by who runs it.

        Parameters
        ----------
        changes
            ``{"status": "CANCELED"}``.
        user
            Name of the person who asks; kept as the reason.

        Raises
        ------
        NotFoundError
            Raised if there is no such job.
        InvalidError
            Raised for any other change, or if the job is COMPLETED or CANCELED.
        """
        if not changes:
            raise InvalidError("No fields specified for update.")
        unexpected = sorted(changes.keys() - {"status"})
        if unexpected:
            raise InvalidError(f"Unexpected fields: {', '.join(unexpected)}")
        if changes["status"] != JobStatus.CANCELED:
            raise InvalidError(
                f"$.status: a job can only be set to {JobStatus.CANCELED.value!r}. To run a job"
                " again, requeue it with POST /queue/requeue-jobs/."
            )
        try:
            return self._executions.cancel(job_id, f"Cancelled by {user}.")
        except ConflictError as error:
            raise InvalidError(str(error)) from error
