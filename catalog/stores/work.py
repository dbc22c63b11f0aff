"""Stores of events, recipes, jobs, executions and nodes."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, Final
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
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from catalog.errors import ConflictError, NotFoundError
from catalog.records.execution import NodeResources, Standing
from catalog.records.work import (
    JobExecutionRecord,
    JobRecord,
    JobSelection,
    NodeRecord,
    RecipeJobRecord,
    RecipeRecord,
    SelectedJob,
    TriggerEventRecord,
)
from catalog.states import EXECUTION_TRANSITIONS, JOB_TRANSITIONS, ExecutionStatus, JobStatus
from catalog.stores.bulk import insert_rows
from catalog.stores.store import Store, columns_of
from catalog.tables import (
    Job,
    JobExecution,
    JobType,
    Node,
    Recipe,
    RecipeJob,
    RecipeType,
    TriggerEvent,
)

_AT_WORK: Final = (
    JobStatus.PENDING,
    JobStatus.QUEUED,
    JobStatus.RUNNING,
    JobStatus.COMPLETED,
)
_PLACE_OF_JOB: Final = select(RecipeJob.recipe_id, RecipeJob.job_name, RecipeJob.job_id).where(
    RecipeJob.job_id == bindparam("job_id")
)
_RECIPE_OF_JOB: Final = (
    select(*columns_of(Recipe, RecipeRecord))
    .where(Recipe.id == RecipeJob.recipe_id, RecipeJob.job_id == bindparam("job_id"))
    .with_for_update(of=Recipe)
)
_TYPE_OF_JOB: Final = (
    select(RecipeType.name, RecipeType.version)
    .join(Recipe, Recipe.recipe_type_id == RecipeType.id)
    .join(RecipeJob, RecipeJob.recipe_id == Recipe.id)
    .where(RecipeJob.job_id == bindparam("job_id"))
)
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
_OPEN: Final = (ExecutionStatus.QUEUED, ExecutionStatus.RUNNING)
_OPEN_OF_JOB: Final = select(*columns_of(JobExecution, JobExecutionRecord)).where(
    JobExecution.job_id == bindparam("job_id"), JobExecution.status.in_(_OPEN)
)
_JOB_OF: Final = select(JobExecution.job_id).where(JobExecution.id == bindparam("job_exe_id"))
_NODE_OF_HOST: Final = select(*columns_of(Node, NodeRecord)).where(
    Node.hostname == bindparam("hostname")
)


class EventStore(Store[TriggerEventRecord]):
    """Rows of trigger events."""

    table = TriggerEvent
    record = TriggerEventRecord
    noun = "trigger event"


class RecipeStore(Store[RecipeRecord]):
    """Rows of recipes and of the places of jobs in them."""

    table = Recipe
    record = RecipeRecord
    noun = "recipe"

    def place(self, job_name: str, job_ids: Mapping[int, int]) -> None:
        """Put a job at the place of this name in each recipe: recipe id to job id."""
        rows = [
            {"recipe_id": recipe_id, "job_name": job_name, "job_id": job_id}
            for recipe_id, job_id in job_ids.items()
        ]
        if rows:
            self._session.execute(insert_rows(RecipeJob, rows))

    def of_job(self, job_id: int) -> RecipeJobRecord | None:
        """Return the place of a job, or None for a job that was queued on its own."""
        row = self._session.execute(_PLACE_OF_JOB, {"job_id": job_id}).first()
        return None if row is None else RecipeJobRecord(*row)

    def jobs(self, recipe_id: int) -> dict[str, int]:
        """Return the ids of the jobs of a recipe, by their names in it."""
        rows = self._session.execute(
            select(RecipeJob.job_name, RecipeJob.job_id).where(RecipeJob.recipe_id == recipe_id)
        )
        return {name: job_id for name, job_id in rows}  # noqa: C416  # a Row is no tuple to mypy

    def type_of_job(self, job_id: int) -> tuple[str, str] | None:
        """Return name and version of the type of a job's recipe; None for a job in none."""
        row = self._session.execute(_TYPE_OF_JOB, {"job_id": job_id}).first()
        return None if row is None else (row.name, row.version)

    def lock_of_job(self, job_id: int) -> RecipeRecord | None:
        """Return the recipe of a job, locked as by `lock`; None for a job that is in none."""
        return next(iter(self._records(_RECIPE_OF_JOB, job_id=job_id)), None)


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


class NodeStore(Store[NodeRecord]):
    """Rows of nodes."""

    table = Node
    record = NodeRecord
    noun: ClassVar[str] = "node"

    def seen(self, hostname: str) -> NodeRecord:
        """Register a host at its first execution; return its node."""
        for found in self._records(_NODE_OF_HOST, hostname=hostname):
            return found
        self._session.execute(
            insert(Node)
            .values(hostname=hostname, last_offer=datetime.now(UTC))
            .on_conflict_do_nothing(index_elements=["hostname"])
        )
        return self._records(_NODE_OF_HOST, hostname=hostname)[0]

    def alive(self, hostname: str) -> None:
        """Note that a host gives signs of life, and register it at the first."""
        row = insert(Node).values(hostname=hostname, last_offer=func.clock_timestamp())
        self._session.execute(
            row.on_conflict_do_update(
                index_elements=["hostname"],
                set_={"last_offer": row.excluded.last_offer, "last_modified": Node.last_modified},
            )
        )

    def silence(self, node_id: int) -> float:
        """Return how many seconds ago a node gave its last sign of life."""
        seconds = func.extract("epoch", func.clock_timestamp() - Node.last_offer)
        return float(self._session.scalars(select(seconds).where(Node.id == node_id)).one())

    def report(self, hostname: str, resources: NodeResources) -> None:
        """Keep what a host has and uses; that is no edit of the node."""
        node = self.seen(hostname)
        total, used = resources.total, resources.used
        self._session.execute(
            update(Node)
            .where(Node.id == node.id)
            .values(
                last_offer=func.clock_timestamp(),
                last_modified=Node.last_modified,
                cpus_total=total.cpus,
                mem_total=total.mem,
                disk_total=total.disk,
                cpus_used=used.cpus,
                mem_used=used.mem,
                disk_used=used.disk,
                slots=resources.slots,
            )
        )
