"""Lists and details of job executions (seed 001, Job Execution Services)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from sqlalchemy import ColumnElement, func
from sqlalchemy.orm import aliased

from catalog.database import Database
from catalog.queries.job_rows import ERROR, JobBrief
from catalog.queries.listing import Listing, Page, PageRequest, any_of
from catalog.queries.parts import EVERY_JOB_TYPE, JOB_TYPE, JobTypeFilter
from catalog.queries.shape import Shape
from catalog.queries.tallies import Noun, Tallied, among, status_is, tallied_count
from catalog.records.configuration import ErrorRecord
from catalog.records.work import NodeRecord
from catalog.states import ExecutionStatus
from catalog.tables import Error, Job, JobExecution, JobType, Node

RowT = TypeVar("RowT")


@dataclass(frozen=True, slots=True)
class ExecutionColumns:
    """What every list and detail of executions shows; `timeout` in seconds."""

    id: int
    status: ExecutionStatus
    command_arguments: str
    timeout: int
    pre_started: datetime | None
    pre_completed: datetime | None
    pre_exit_code: int | None
    job_started: datetime | None
    job_completed: datetime | None
    job_exit_code: int | None
    post_started: datetime | None
    post_completed: datetime | None
    post_exit_code: int | None
    created: datetime
    queued: datetime
    started: datetime | None
    ended: datetime | None
    last_modified: datetime
    detail: str | None
    error: ErrorRecord | None


@dataclass(frozen=True, slots=True)
class ExecutionOfJob(ExecutionColumns):
    """An execution inside the details of its job."""

    job_id: int
    node_id: int | None


@dataclass(frozen=True, slots=True)
class ExecutionRow(ExecutionColumns):
    """An execution in a list."""

    job: JobBrief
    node: NodeRecord | None


@dataclass(frozen=True, slots=True)
class ExecutionOnNode(ExecutionColumns):
    """An execution that runs on a node; memory and disk in MiB."""

    job: JobBrief
    node_id: int | None
    cpus_scheduled: float | None
    mem_scheduled: float | None
    disk_in_scheduled: float | None
    disk_out_scheduled: float | None


@dataclass(frozen=True, slots=True)
class ExecutionDetailRow(ExecutionRow):
    """An execution with its documents; memory and disk in MiB."""

    environment: dict[str, Any]
    cpus_scheduled: float | None
    mem_scheduled: float | None
    disk_in_scheduled: float | None
    disk_out_scheduled: float | None
    disk_out_used: float | None
    cpu_seconds_used: float | None
    mem_used: float | None
    results: dict[str, Any]
    results_manifest: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ExecutionLogRow(ExecutionRow):
    """An execution with what it printed."""

    stdout: str | None
    stderr: str | None


@dataclass(frozen=True, slots=True)
class ExecutionFilter:
    """Which executions are wanted; an empty sequence asks for nothing."""

    job_type: JobTypeFilter = EVERY_JOB_TYPE
    statuses: Sequence[str] = ()
    job_ids: Sequence[int] = ()
    node_ids: Sequence[int] = ()


DISK_SCHEDULED: Final[ColumnElement[float]] = func.coalesce(
    JobExecution.disk_in_scheduled, 0.0
) + func.coalesce(JobExecution.disk_out_scheduled, 0.0)
"""All disk space scheduled for an execution, in MiB."""

_job_error = aliased(Error, name="job_error")
_ERROR_OF_EXECUTION: Final = ((Error, Error.id == JobExecution.error_id),)
_JOINS: Final = (
    *_ERROR_OF_EXECUTION,
    (Job, Job.id == JobExecution.job_id),
    (JobType, JobType.id == Job.job_type_id),
    (_job_error, _job_error.id == Job.error_id),
    (Node, Node.id == JobExecution.node_id),
)
_PARTS: Final[dict[str, Shape[Any]]] = {
    "job": Shape(JobBrief, Job, job_type=JOB_TYPE, error=Shape(ErrorRecord, _job_error)),
    "node": Shape(NodeRecord, Node),
    "error": ERROR,
}
_NOUN: Final = "job execution"
EXECUTIONS: Final = Listing(
    _NOUN, JobExecution, Shape(ExecutionRow, JobExecution, **_PARTS), _JOINS
)
_DETAILS: Final = Listing(
    _NOUN, JobExecution, Shape(ExecutionDetailRow, JobExecution, **_PARTS), _JOINS
)
RUNNING_ON_NODES: Final = Listing(
    _NOUN,
    JobExecution,
    Shape(ExecutionOnNode, JobExecution, job=_PARTS["job"], error=ERROR),
    _JOINS,
)
_LOGS: Final = Listing(_NOUN, JobExecution, Shape(ExecutionLogRow, JobExecution, **_PARTS), _JOINS)
OF_JOB: Final = Listing(
    _NOUN, JobExecution, Shape(ExecutionOfJob, JobExecution, error=ERROR), _ERROR_OF_EXECUTION
)


class ExecutionQueries:
    """Reads job executions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, request: PageRequest, wanted: ExecutionFilter) -> Page[ExecutionRow]:
        """Return a page of executions."""
        return self.listed(EXECUTIONS, request, wanted)

    def listed(
        self, listing: Listing[RowT], request: PageRequest, wanted: ExecutionFilter
    ) -> Page[RowT]:
        """Return a page of executions, as a listing of them reads them."""
        with self._database.reading_page(request.page) as connection:
            types = wanted.job_type.resolve(connection)
            where = [
                *among(JobExecution.job_type_id, types),
                *status_is(JobExecution.status, wanted.statuses),
                *any_of(JobExecution.job_id, wanted.job_ids),
                *any_of(JobExecution.node_id, wanted.node_ids),
            ]
            tallied = Tallied(Noun.EXECUTION, types, wanted.statuses, wanted.node_ids)
            count = None if wanted.job_ids else tallied_count(tallied, JobExecution, request, where)
            return listing.page(connection, request, *where, count=count)

    def one(self, job_exe_id: int) -> ExecutionDetailRow:
        """Return an execution with its documents, or raise `NotFoundError`."""
        with self._database.reading() as connection:
            return _DETAILS.one(connection, job_exe_id)

    def logs(self, job_exe_id: int) -> ExecutionLogRow:
        """Return an execution with what it printed, or raise `NotFoundError`."""
        with self._database.reading() as connection:
            return _LOGS.one(connection, job_exe_id)
