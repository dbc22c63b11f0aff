"""The store of job executions."""

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import BigInteger, any_, bindparam, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from catalog.errors import ConflictError, NotFoundError
from catalog.records.work import JobExecutionRecord
from catalog.states import EXECUTION_TRANSITIONS, ExecutionStatus
from catalog.stores.bulk import insert_rows
from catalog.stores.store import Store, columns_of
from catalog.tables import JobExecution, Node

_OPEN: Final = (ExecutionStatus.QUEUED, ExecutionStatus.RUNNING)
_OPEN_OF_JOB: Final = select(*columns_of(JobExecution, JobExecutionRecord)).where(
    JobExecution.job_id == bindparam("job_id"), JobExecution.status.in_(_OPEN)
)
_JOB_OF: Final = select(JobExecution.job_id).where(JobExecution.id == bindparam("job_exe_id"))


class ExecutionStore(Store[JobExecutionRecord]):
    """Rows of job executions; their status changes by compare-and-set only."""

    table = JobExecution
    record = JobExecutionRecord
    noun = "job execution"

    def queue_many(self, rows: Sequence[Mapping[str, object]]) -> None:
        """Insert executions of jobs that were just queued."""
        if rows:
            self._session.execute(insert_rows(JobExecution, rows))

    def open_of(self, job_id: int) -> JobExecutionRecord | None:
        """Return the execution of a job that has not ended, if any; there is at most one."""
        return next(iter(self._records(_OPEN_OF_JOB, job_id=job_id)), None)

    def job_of(self, job_exe_id: int) -> int:
        """Return the id of the job of an execution, or raise `NotFoundError`."""
        job_id = self._session.scalar(_JOB_OF, {"job_exe_id": job_exe_id})
        if job_id is None:
            raise NotFoundError(self.noun, job_exe_id)
        return job_id

    def ended_of(self, job_id: int) -> list[JobExecutionRecord]:
        """Return the executions of a job that began and have ended, oldest first."""
        rows = self._session.scalars(
            select(JobExecution)
            .where(
                JobExecution.job_id == job_id,
                JobExecution.started.is_not(None),
                JobExecution.status.not_in(_OPEN),
            )
            .order_by(JobExecution.id)
        )
        return [self._record(row) for row in rows]

    def ended_among(self, job_exe_ids: Sequence[int]) -> frozenset[int]:
        """Return which of these executions have ended."""
        return frozenset(
            self._session.scalars(
                select(JobExecution.id).where(
                    JobExecution.id == any_(literal(list(job_exe_ids), ARRAY(BigInteger))),
                    JobExecution.status.not_in(_OPEN),
                )
            )
        )

    def start(self, job_exe_id: int, hostname: str | None, values: Mapping[str, object]) -> bool:
        """Note the start of a running execution, in one step; say whether it may be started.

        Parameters
        ----------
        hostname
            The host that starts it: another must not have it. None where it does not matter.
        values
            The columns that belong to it.
        """
        rows = JobExecution.__table__
        statement = update(JobExecution).where(
            rows.c.id == job_exe_id, rows.c.status == ExecutionStatus.RUNNING
        )
        if hostname is not None:
            node = select(Node.id).where(Node.hostname == hostname).scalar_subquery()
            statement = statement.where(rows.c.node_id == node)
        started = self._session.scalar(
            statement.values(**values).returning(rows.c.id),
            execution_options={"synchronize_session": False},
        )
        return started is not None

    def transition(
        self,
        execution: JobExecutionRecord,
        status: ExecutionStatus,
        values: Mapping[str, object] | None = None,
    ) -> JobExecutionRecord:
        """Change the status of an execution if it still has the status in `execution`.

        Raises
        ------
        ConflictError
            Raised if the transition is not allowed, or another process was first.
        """
        allowed = status in EXECUTION_TRANSITIONS[execution.status]
        changed = (
            self._compare_and_set(execution.id, execution.status, status, values or {})
            if allowed
            else None
        )
        if changed is None:
            raise ConflictError(
                f"Job execution {execution.id} was {execution.status} and cannot become {status}:"
                " it has ended already, or another process was first."
            )
        return changed
