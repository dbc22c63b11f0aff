"""The store of jobs."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Text,
    any_,
    bindparam,
    func,
    literal,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import ARRAY

from catalog.errors import ConflictError, NotFoundError
from catalog.records.execution import Standing
from catalog.records.work import JobRecord, JobSelection, SelectedJob
from catalog.states import JOB_TRANSITIONS, JobStatus
from catalog.stores.store import Store, columns_of
from catalog.tables import Job, JobType, RecipeJob

_AT_WORK: Final = (JobStatus.PENDING, JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.COMPLETED)
_JOBS_OF_RECIPE: Final = (
    select(RecipeJob.job_name, *columns_of(Job, JobRecord))
    .join(RecipeJob, RecipeJob.job_id == Job.id)
    .where(RecipeJob.recipe_id == bindparam("recipe_id"))
)
_STANDING: Final = (
    select(Job.status, JobType.uses_docker)
    .join(JobType, JobType.id == Job.job_type_id)
    .where(Job.id == bindparam("job_id"))
)


class JobStore(Store[JobRecord]):
    """Rows of jobs; their status changes by compare-and-set only."""

    table = Job
    record = JobRecord
    noun = "job"

    def of_recipe(self, recipe_id: int) -> dict[str, JobRecord]:
        """Return the jobs of a recipe, by their names in it."""
        rows = self._session.execute(_JOBS_OF_RECIPE, {"recipe_id": recipe_id})
        return {name: JobRecord(*columns) for name, *columns in rows}

    def standing(self, job_id: int) -> Standing:
        """Return how a job stands, or raise `NotFoundError`."""
        row = self._session.execute(_STANDING, {"job_id": job_id}).first()
        if row is None:
            raise NotFoundError(self.noun, job_id)
        return Standing(*row)

    def priorities_of(self, job_ids: Iterable[int]) -> dict[int, int]:
        """Return the priorities of jobs, by id; ids that do not exist are left out."""
        among = any_(literal(list(job_ids), ARRAY(BigInteger)))
        rows = self._session.execute(select(Job.id, Job.priority).where(Job.id == among))
        return {job_id: priority for job_id, priority in rows}  # noqa: C416  # a Row is no tuple to mypy

    def by_uid(self, uid: UUID) -> JobRecord:
        """Return the job of this uid, or raise `NotFoundError`; one that was removed is there."""
        found = self._first(Job.uid == uid)
        if found is None:
            raise NotFoundError(self.noun, str(uid))
        return found

    def lock_payload(self, payload_hash: str) -> None:
        """Let one transaction at a time decide whether there is a job of this payload."""
        key = f"payload {payload_hash}"
        self._session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))

    def of_payload(self, payload_hash: str) -> JobRecord | None:
        """Return the first job that does this work: queued, running or completed, not removed."""
        statement = (
            select(Job)
            .where(
                Job.payload_hash == payload_hash,
                Job.status.in_(_AT_WORK),
                Job.duplicate_of.is_(None),
                Job.archived.is_(None),
            )
            .order_by(Job.id)
            .limit(1)
        )
        row = self._session.scalars(statement).first()
        return None if row is None else self._record(row)

    def unqueued_among(self, job_ids: Sequence[int]) -> frozenset[int]:
        """Return which of these jobs are not queued."""
        return frozenset(
            self._session.scalars(
                select(Job.id).where(
                    Job.id == any_(literal(list(job_ids), ARRAY(BigInteger))),
                    Job.status != JobStatus.QUEUED,
                )
            )
        )

    def selected(self, wanted: JobSelection) -> list[SelectedJob]:
        """Return the jobs that meet all conditions, by id."""
        conditions: list[ColumnElement[bool]] = []
        if wanted.started is not None:
            conditions.append(Job.last_modified >= wanted.started)
        if wanted.ended is not None:
            conditions.append(Job.last_modified <= wanted.ended)
        lists: list[tuple[Any, Sequence[object]]] = [
            (type_coerce(Job.status, Text), wanted.statuses),
            (Job.id, wanted.job_ids),
            (JobType.id, wanted.job_type_ids),
            (JobType.name, wanted.job_type_names),
            (JobType.category, wanted.job_type_categories),
        ]
        conditions += [
            each == any_(literal(list(values), ARRAY(each.type)))
            for each, values in lists
            if values
        ]
        rows = self._session.execute(
            select(Job.id, Job.status, RecipeJob.recipe_id)
            .join(JobType, JobType.id == Job.job_type_id)
            .outerjoin(RecipeJob, RecipeJob.job_id == Job.id)
            .where(*conditions)
            .order_by(Job.id)
        )
        return [SelectedJob(*row) for row in rows]

    def transition(
        self, job: JobRecord, status: JobStatus, values: Mapping[str, object] | None = None
    ) -> JobRecord:
        """Change the status of a job if it still has the status in `job`.

        Parameters
        ----------
        values
            Further columns that belong to the same fact.

        Raises
        ------
        ConflictError
            Raised if the transition is not allowed, or another process was first.
        """
        if status not in JOB_TRANSITIONS[job.status]:
            raise ConflictError(
                f"Job {job.id} is {job.status} and cannot become {status}."
                " Look at the job again; it may need to be requeued first."
            )
        now = datetime.now(UTC)
        changed = self._compare_and_set(
            job.id, job.status, status, {"last_status_change": now, **(values or {})}
        )
        if changed is None:
            raise ConflictError(
                f"Job {job.id} was {job.status} a moment ago and is not any more:"
                " another process changed it first. Look at the job again."
            )
        return changed
