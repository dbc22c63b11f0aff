"""Lists, details and status of nodes (seed 001, Node Services)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import Connection, Select, func, select

from catalog.database import Database
from catalog.errors import InvalidError
from catalog.queries.job_executions import DISK_SCHEDULED, RUNNING_ON_NODES, ExecutionOnNode
from catalog.queries.listing import Listing, Page, PageRequest, first_row, has_id
from catalog.queries.shape import Shape
from catalog.queries.tallies import EVER, Noun, Tallied
from catalog.records.convert import to_record
from catalog.records.execution import NodeResources, Resources
from catalog.records.work import NodeRecord
from catalog.states import ErrorCategory, ExecutionStatus, JobStatus
from catalog.tables import TALLY, Error, JobExecution, Node, Scheduler

RunningT = TypeVar("RunningT")
_DEFAULT_RANGE: Final = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class NodeRow(NodeRecord):
    """A node with what it told of itself; memory and disk in MiB."""

    cpus_total: float | None
    mem_total: float | None
    disk_total: float | None
    cpus_used: float | None
    mem_used: float | None
    disk_used: float | None

    @property
    def told(self) -> NodeResources | None:
        """What the node has and uses; None until it has told."""
        if self.cpus_total is None:
            return None
        return NodeResources(
            Resources(self.cpus_total, self.mem_total or 0.0, self.disk_total or 0.0),
            Resources(self.cpus_used or 0.0, self.mem_used or 0.0, self.disk_used or 0.0),
        )


@dataclass(frozen=True, slots=True)
class NodeUsage:
    """What nodes have, what running executions were promised, and what is used."""

    total: Resources
    scheduled: Resources
    used: Resources


@dataclass(frozen=True, slots=True)
class NodeDetailRow(NodeRow):
    """A node with the executions that run on it; `resources` is None until it has told."""

    resources: NodeUsage | None
    job_exes_running: tuple[ExecutionOnNode, ...]


@dataclass(frozen=True, slots=True)
class ExecutionCount:
    """The executions of a node that have a status; `category` says why they failed."""

    status: ExecutionStatus
    count: int
    most_recent: datetime
    category: ErrorCategory | None


@dataclass(frozen=True, slots=True)
class NodeStatusRow(Generic[RunningT]):
    """A node with what it did of late, and what runs on it."""

    node: NodeRow
    job_exe_counts: tuple[ExecutionCount, ...]
    job_exes_running: tuple[RunningT, ...]


@dataclass(frozen=True, slots=True)
class SystemState:
    """The catalogue's part of the system's status."""

    is_paused: bool
    pause_reason: str | None
    queue_depth: int
    resources: NodeUsage | None


_NODES: Final = Listing("node", Node, Shape(NodeRow, Node))
_IS_ACTIVE: Final = Node.is_active.is_(True)
_IS_RUNNING: Final = JobExecution.status == ExecutionStatus.RUNNING


class NodeQueries:
    """Reads nodes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, request: PageRequest, *, include_inactive: bool = False) -> Page[NodeRow]:
        """Return a page of nodes; of the active ones only, unless the others are asked for."""
        where = [] if include_inactive else [_IS_ACTIVE]
        with self._database.reading_page(request.page) as connection:
            return _NODES.page(connection, request, *where)

    def one(self, node_id: int) -> NodeDetailRow:
        """Return a node with what runs on it, or raise `NotFoundError`."""
        with self._database.reading() as connection:
            node = _NODES.one(connection, node_id)
            running = RUNNING_ON_NODES.every(
                connection, _IS_RUNNING, JobExecution.node_id == node_id
            )
        usage = _usage([node], _promised(running))
        return to_record(NodeDetailRow, node, resources=usage, job_exes_running=running)

    def status(self, request: PageRequest) -> Page[NodeStatusRow[ExecutionOnNode]]:
        """Return a page of active nodes with what they did, by default in the last three hours."""
        return self.status_with(RUNNING_ON_NODES, request)

    def status_with(
        self, running: Listing[RunningT], request: PageRequest
    ) -> Page[NodeStatusRow[RunningT]]:
        """Return the same as `status`, with what runs as a listing of executions reads it."""
        ended = request.ended or datetime.now(UTC)
        started = request.started or ended - _DEFAULT_RANGE
        if started >= ended:
            raise InvalidError("The time range starts after its end. Give a start before the end.")
        with self._database.reading() as connection:
            # Hosts are few: to read them all is cheaper than to count them first.
            nodes = _NODES.every(connection, _IS_ACTIVE, order=_NODES.default_order)
            first = first_row(request, len(nodes))
            shown = nodes[first : first + request.page_size]
            ids = [node.id for node in shown]
            counts = _counts(connection, ids, started, ended)
            executions = running.grouped(
                connection, JobExecution.node_id, _IS_RUNNING, has_id(JobExecution.node_id, ids)
            )
        rows = (
            NodeStatusRow(node, tuple(counts.get(node.id, ())), tuple(executions.get(node.id, ())))
            for node in shown
        )
        return Page(len(nodes), tuple(rows))

    def system(self) -> SystemState:
        """Return whether the scheduler is paused, how long the queue is, and what nodes have."""
        with self._database.reading() as connection:
            paused = connection.execute(select(Scheduler.is_paused, Scheduler.pause_reason)).one()
            depth = connection.execute(select(_QUEUED.sum(TALLY.c.day == EVER))).scalar_one()
            nodes = _NODES.every(connection, _IS_ACTIVE)
            cpus, mem, disk = connection.execute(_SCHEDULED).one()
        return SystemState(*paused, int(depth), _usage(nodes, Resources(cpus, mem, disk)))


_QUEUED: Final = Tallied(Noun.JOB, statuses=(JobStatus.QUEUED,))
_SCHEDULED: Final[Select[Any]] = select(
    *(
        func.coalesce(func.sum(each), 0.0)
        for each in (
            JobExecution.cpus_scheduled,
            JobExecution.mem_scheduled,
            DISK_SCHEDULED,
        )
    )
).where(_IS_RUNNING)


def _promised(running: Sequence[ExecutionOnNode]) -> Resources:
    return _sum(
        [
            Resources(
                each.cpus_scheduled or 0.0,
                each.mem_scheduled or 0.0,
                (each.disk_in_scheduled or 0.0) + (each.disk_out_scheduled or 0.0),
            )
            for each in running
        ]
    )


def _usage(nodes: Sequence[NodeRow], scheduled: Resources) -> NodeUsage | None:
    told = [node.told for node in nodes]
    known = [each for each in told if each is not None]
    if not known:
        return None
    return NodeUsage(
        total=_sum([each.total for each in known]),
        scheduled=scheduled,
        used=_sum([each.used for each in known]),
    )


def _sum(parts: Sequence[Resources]) -> Resources:
    return Resources(
        cpus=sum(each.cpus for each in parts) + 0.0,
        mem=sum(each.mem for each in parts) + 0.0,
        disk=sum(each.disk for each in parts) + 0.0,
    )


def _counts(
    connection: Connection, node_ids: Sequence[int], started: datetime, ended: datetime
) -> dict[int, list[ExecutionCount]]:
    rows = connection.execute(
        select(
            JobExecution.node_id,
            JobExecution.status,
            func.count(),
            func.max(JobExecution.last_modified),
            Error.category,
        )
        .outerjoin(Error, Error.id == JobExecution.error_id)
        .where(
            has_id(JobExecution.node_id, node_ids),
            JobExecution.last_modified >= started,
            JobExecution.last_modified <= ended,
        )
        .group_by(JobExecution.node_id, JobExecution.status, Error.category)
        .order_by(JobExecution.status, Error.category)
    )
    counts: dict[int, list[ExecutionCount]] = {}
    for node_id, status, count, latest, category in rows:
        if node_id is not None:
            counts.setdefault(node_id, []).append(ExecutionCount(status, count, latest, category))
    return counts
