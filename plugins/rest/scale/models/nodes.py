"""Nodes, the scheduler and the system (seed 001, Node Services and Scheduler Services)."""

from typing import Annotated, TypeVar

from pydantic import Field, computed_field

from catalog.states import ErrorCategory, ExecutionStatus
from plugins.rest.scale.models.executions import ExecutionColumns, JobBrief
from plugins.rest.wire import Reference, Time, WireModel

T = TypeVar("T")
IfKnown = Annotated[T | None, Field(exclude_if=lambda value: value is None)]
"""What is left out of the JSON object where it is not known."""


class NodeItem(WireModel):
    """A host that runs executions; it has no Mesos agent, so `slave_id` is null.

    `last_offer` is when it last told what it has.
    """

    id: int
    hostname: str
    port: int
    slave_id: None = None
    pause_reason: str | None
    is_paused: bool
    is_paused_errors: bool
    is_active: bool
    archived: Time | None
    created: Time
    last_offer: Time | None
    last_modified: Time


class Resources(WireModel):
    """CPUs, memory and disk space, both in MiB."""

    cpus: float
    mem: float
    disk: float


class Usage(WireModel):
    """What there is, what running executions were promised, and what is used."""

    total: Resources
    scheduled: Resources
    used: Resources


class RunningExecution(ExecutionColumns):
    """An execution that runs on a node; memory and disk in MiB."""

    job: JobBrief
    node: Reference | None = Field(validation_alias="node_id")
    cpus_scheduled: float | None
    mem_scheduled: float | None
    disk_in_scheduled: float | None
    disk_out_scheduled: float | None

    @computed_field  # type: ignore[prop-decorator]  # pydantic's documented form
    @property
    def disk_total_scheduled(self) -> float:
        """All disk space scheduled for the execution, in MiB."""
        return (self.disk_in_scheduled or 0.0) + (self.disk_out_scheduled or 0.0)


class NodeDetails(NodeItem):
    """A node with what it has and what runs on it.

    `resources` is left out until the node has told; `disconnected` is there and true for an
    active node on which no triggerer of Airflow is alive.
    """

    job_exes_running: list[RunningExecution]
    resources: IfKnown[Usage] = None
    disconnected: IfKnown[bool] = None


class ExecutionCount(WireModel):
    """Executions of one status; `category` says whose fault it was when they failed."""

    status: ExecutionStatus
    count: int
    most_recent: Time
    category: ErrorCategory | None


class NodeActivity(WireModel):
    """What a node did of late."""

    node: NodeItem
    is_online: bool = False
    job_exe_counts: list[ExecutionCount]


class NodeStatus(NodeActivity):
    """A node with what it did of late, and what runs on it."""

    job_exes_running: list[RunningExecution]


class SchedulerState(WireModel):
    """Whether no queued job may begin, and why."""

    is_paused: bool
    pause_reason: str | None


class Master(WireModel):
    """The API server."""

    is_online: bool
    hostname: str
    port: int


class SchedulerHost(WireModel):
    """Airflow's scheduler; the hostname is empty while none was ever seen."""

    is_online: bool
    is_paused: bool
    hostname: str


class SystemStatus(WireModel):
    """How the system is; what cannot be reached is offline, and its numbers are zero or absent."""

    master: Master
    scheduler: SchedulerHost
    queue_depth: int
    resources: IfKnown[Usage] = None
