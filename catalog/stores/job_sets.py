"""The store of jobs that were submitted together."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import Any, Final

from sqlalchemy import bindparam, func, select, update

from catalog.records.job_sets import JobSetRecord
from catalog.records.work import JobRecord
from catalog.states import ExecutionStatus, JobStatus
from catalog.stores.bulk import insert_rows
from catalog.stores.store import Store, columns_of
from catalog.tables import Job, JobExecution, JobSet, JobSetTask

_OPEN: Final = (JobStatus.PENDING, JobStatus.BLOCKED, JobStatus.QUEUED, JobStatus.RUNNING)
_OPEN_EXECUTIONS: Final = (ExecutionStatus.QUEUED, ExecutionStatus.RUNNING)
_PORTS_LOCK: Final = 0x706F7274  # any number that nobody else locks: "port"
_SET_OF_JOB: Final = (
    select(*columns_of(JobSet, JobSetRecord))
    .where(JobSet.id == JobSetTask.job_set_id, JobSetTask.job_id == bindparam("job_id"))
    .with_for_update(of=JobSet)
)


class JobSetStore(Store[JobSetRecord]):
    """Rows of job sets, and of the places of jobs in them."""

    table = JobSet
    record = JobSetRecord
    noun = "job"

    def named(self, name: str) -> JobSetRecord | None:
        """Return the job set of this name, if there is one that was not removed."""
        return self._first(JobSet.name == name, JobSet.archived.is_(None))

    def lock_of_job(self, job_id: int) -> JobSetRecord | None:
        """Return the job set of a job, locked; None for a job that is in none."""
        return next(iter(self._records(_SET_OF_JOB, job_id=job_id)), None)

    def place(self, job_set_id: int, tasks: Mapping[int, tuple[str, int]]) -> None:
        """Put jobs at their places: job id to role and index."""
        rows = [
            {"job_id": job_id, "job_set_id": job_set_id, "role": role, "task_index": index}
            for job_id, (role, index) in tasks.items()
        ]
        self._session.execute(insert_rows(JobSetTask, rows))

    def environment_of(self, job_id: int) -> dict[str, str]:
        """Return what a job is given because of the set it is in; nothing for one in none."""
        statement = (
            select(JobSet.environment)
            .join(JobSetTask, JobSetTask.job_set_id == JobSet.id)
            .where(JobSetTask.job_id == job_id)
        )
        return dict(self._session.scalars(statement).first() or {})

    def lock_ports(self) -> None:
        """Let one transaction at a time hand out ports."""
        self._session.execute(select(func.pg_advisory_xact_lock(_PORTS_LOCK)))

    def ports(self) -> frozenset[int]:
        """Return the ports that tasks of job sets have that have not ended."""
        ports = self._session.scalars(select(JobSet.ports).where(JobSet.outcome.is_(None)))
        return frozenset(chain.from_iterable(ports))

    def ports_of(self, job_set_id: int) -> frozenset[int]:
        """Return the ports of the tasks of one job set."""
        ports = self._session.scalars(select(JobSet.ports).where(JobSet.id == job_set_id))
        return frozenset(ports.one())

    def statuses(self, job_set_id: int) -> dict[JobStatus, int]:
        """Return how many of the tasks have each status."""
        rows = self._session.execute(
            select(Job.status, func.count())
            .where(Job.id.in_(_members(job_set_id)))
            .group_by(Job.status)
        )
        return {JobStatus(status): count for status, count in rows}

    def cancel_open(self, job_set_id: int, reason: str) -> None:
        """Cancel every task that has not ended, in a number of statements that does not grow."""
        now = datetime.now(UTC)
        job_ids = self._locked(job_set_id, _OPEN)
        if not job_ids:
            return
        self._session.execute(
            update(Job)
            .where(Job.id.in_(job_ids))
            .values(status=JobStatus.CANCELED, reason=reason, ended=now, last_status_change=now)
        )
        self._session.execute(
            update(JobExecution)
            .where(JobExecution.job_id.in_(job_ids), JobExecution.status.in_(_OPEN_EXECUTIONS))
            .values(status=ExecutionStatus.CANCELED, ended=now)
        )

    def revive(self, job_set_id: int) -> list[JobRecord]:
        """Queue every task again that failed or was cancelled; return them."""
        now = datetime.now(UTC)
        job_ids = self._locked(job_set_id, (JobStatus.FAILED, JobStatus.CANCELED))
        if not job_ids:
            return []
        changes: dict[Any, Any] = {
            Job.status: JobStatus.QUEUED,
            Job.queued: now,
            Job.started: None,
            Job.ended: None,
            Job.error_id: None,
            Job.reason: None,
            Job.num_exes: Job.num_exes + 1,
            Job.max_tries: Job.num_exes + 1,
            Job.last_status_change: now,
        }
        revived = self._session.scalars(
            update(Job).where(Job.id.in_(job_ids)).values(changes).returning(Job),
            execution_options={"populate_existing": True},
        )
        return sorted(
            (JobRecord(**{name: getattr(row, name) for name in _JOB_FIELDS}) for row in revived),
            key=lambda each: each.id,
        )

    def job_ids(self, job_set_id: int) -> list[int]:
        """Return the ids of the jobs of a set."""
        return list(self._session.scalars(_members(job_set_id).order_by(JobSetTask.job_id)))

    def _locked(self, job_set_id: int, statuses: Sequence[JobStatus]) -> list[int]:
        """Return the tasks that have one of these statuses, locked in the order of their ids."""
        return list(
            self._session.scalars(
                select(Job.id)
                .where(Job.id.in_(_members(job_set_id)), Job.status.in_(statuses))
                .order_by(Job.id)
                .with_for_update()
            )
        )


def _members(job_set_id: int) -> Any:
    return select(JobSetTask.job_id).where(JobSetTask.job_set_id == job_set_id)


_JOB_FIELDS: Final = tuple(JobRecord.__dataclass_fields__)
