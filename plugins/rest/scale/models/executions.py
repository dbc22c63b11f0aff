"""Job executions (seed 001, Job Execution Services)."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, computed_field

from catalog.states import ExecutionStatus, JobStatus
from plugins.rest.scale.models.errors import ErrorItem
from plugins.rest.scale.models.job_types import JobTypeBrief
from plugins.rest.wire import Reference, Time, WireModel, link

FINAL = frozenset({ExecutionStatus.COMPLETED, ExecutionStatus.FAILED, ExecutionStatus.CANCELED})
_StdoutUrl = Annotated[str, link("/job-executions/{}/logs/stdout/"), Field(validation_alias="id")]
_StderrUrl = Annotated[str, link("/job-executions/{}/logs/stderr/"), Field(validation_alias="id")]

_Printed = Annotated[str, BeforeValidator(lambda text: text or "")]


class JobBrief(WireModel):
    """The job of an execution or Strike process."""

    id: int
    job_type: JobTypeBrief
    job_type_rev: Reference = Field(validation_alias="job_type_rev_id")
    event: Reference = Field(validation_alias="event_id")
    error: ErrorItem | None
    status: JobStatus
    priority: int
    num_exes: int


class NodeOfExecution(WireModel):
    """The host of an execution; it has no Mesos agent, so `slave_id` is null."""

    id: int
    hostname: str
    port: int
    slave_id: None = None


class NodeOfExecutionDetails(NodeOfExecution):
    """The host of an execution, with its state."""

    is_paused: bool
    is_active: bool
    archived: Time | None
    created: Time
    last_modified: Time


class ExecutionColumns(WireModel):
    """What all lists and details of executions show; `timeout` in seconds."""

    id: int
    status: ExecutionStatus
    command_arguments: str
    timeout: int
    pre_started: Time | None
    pre_completed: Time | None
    pre_exit_code: int | None
    job_started: Time | None
    job_completed: Time | None
    job_exit_code: int | None
    post_started: Time | None
    post_completed: Time | None
    post_exit_code: int | None
    created: Time
    queued: Time
    started: Time | None
    ended: Time | None
    last_modified: Time
    error: ErrorItem | None
    detail: str | None = Field(description="Why the execution failed, for a person.")


class ExecutionOfJob(ExecutionColumns):
    """An execution inside the details of its job."""

    job: Reference = Field(validation_alias="job_id")
    node: Reference | None = Field(validation_alias="node_id")


class ExecutionItem(ExecutionColumns):
    """An execution in a list."""

    job: JobBrief
    node: NodeOfExecution | None


class ExecutionDetails(ExecutionColumns):
    """An execution with its documents; memory and disk in MiB."""

    job: JobBrief
    node: NodeOfExecutionDetails | None
    environment: dict[str, Any]
    cpus_scheduled: float | None
    mem_scheduled: float | None
    disk_in_scheduled: float | None
    disk_out_scheduled: float | None
    disk_out_used: float | None = Field(description="MiB that its output took at its end.")
    cpu_seconds_used: float | None = Field(description="CPU time it took; null if not known.")
    mem_used: float | None = Field(description="MiB of memory at its peak; null if not known.")
    results: dict[str, Any]
    current_stdout_url: _StdoutUrl
    current_stderr_url: _StderrUrl
    results_manifest: dict[str, Any]

    @computed_field  # type: ignore[prop-decorator]  # pydantic's documented form
    @property
    def disk_total_scheduled(self) -> float | None:
        """All disk space scheduled for the execution, in MiB."""
        if self.disk_in_scheduled is None or self.disk_out_scheduled is None:
            return None
        return self.disk_in_scheduled + self.disk_out_scheduled


class ExecutionLogs(ExecutionItem):
    """An execution with what it printed."""

    stdout: _Printed
    stderr: _Printed

    @computed_field  # type: ignore[prop-decorator]  # pydantic's documented form
    @property
    def is_finished(self) -> bool:
        """Whether nothing more will be printed."""
        return self.status in FINAL
