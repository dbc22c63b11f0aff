"""Records of work to do and done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from catalog.states import EventType, ExecutionStatus, JobStatus


@dataclass(frozen=True, slots=True)
class TriggerEventRecord:
    """Something that happened and made the system act."""

    id: int
    type: EventType
    rule_id: int | None
    description: dict[str, Any]
    occurred: datetime


@dataclass(frozen=True, slots=True)
class RecipeRecord:
    """One instance of a recipe type."""

    id: int
    recipe_type_id: int
    recipe_type_rev_id: int
    event_id: int
    data: dict[str, Any]
    created: datetime
    completed: datetime | None
    last_modified: datetime


@dataclass(frozen=True, slots=True)
class RecipeJobRecord:
    """The place of a job in its recipe."""

    recipe_id: int
    job_name: str
    job_id: int


@dataclass(frozen=True, slots=True)
class JobRecord:
    """One piece of work; `timeout` in seconds, memory and disk in MiB."""

    id: int
    uid: UUID
    job_type_id: int
    job_type_rev_id: int
    event_id: int
    status: JobStatus
    reason: str | None
    error_id: int | None
    priority: int
    num_exes: int
    timeout: int
    max_tries: int
    cpus_required: float
    mem_required: float
    disk_in_required: float
    disk_out_required: float
    data: dict[str, Any]
    results: dict[str, Any]
    created: datetime
    queued: datetime | None
    started: datetime | None
    ended: datetime | None
    last_status_change: datetime
    last_modified: datetime
    name: str | None
    origin: str | None
    user_name: str | None
    pool: str | None
    payload_hash: str | None
    duplicate_of: int | None
    soft_timeout: int | None
    tags: list[str]
    user_tags: list[str]
    environment: dict[str, str]
    staging: dict[str, Any] | None
    parameters: dict[str, Any] | None
    archived: datetime | None
    gpus: int
    ports: list[int]


@dataclass(frozen=True, slots=True)
class JobSelection:
    """Which jobs are wanted: all conditions together; an empty one asks for nothing."""

    started: datetime | None = None
    ended: datetime | None = None
    statuses: Sequence[str] = ()
    job_ids: Sequence[int] = ()
    job_type_ids: Sequence[int] = ()
    job_type_names: Sequence[str] = ()
    job_type_categories: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class SelectedJob:
    """A job that was selected, and the recipe it belongs to, if any."""

    job_id: int
    status: JobStatus
    recipe_id: int | None


@dataclass(frozen=True, slots=True)
class JobExecutionRecord:
    """One try of a job."""

    id: int
    job_id: int
    status: ExecutionStatus
    error_id: int | None
    detail: str | None
    node_id: int | None
    command_arguments: str
    timeout: int
    environment: dict[str, Any]
    cpus_scheduled: float | None
    mem_scheduled: float | None
    disk_in_scheduled: float | None
    disk_out_scheduled: float | None
    disk_out_used: float | None
    cpu_seconds_used: float | None
    mem_used: float | None
    pre_started: datetime | None
    pre_completed: datetime | None
    pre_exit_code: int | None
    job_started: datetime | None
    job_completed: datetime | None
    job_exit_code: int | None
    post_started: datetime | None
    post_completed: datetime | None
    post_exit_code: int | None
    results: dict[str, Any]
    results_manifest: dict[str, Any]
    stdout: str | None
    stderr: str | None
    created: datetime
    queued: datetime
    started: datetime | None
    ended: datetime | None
    last_modified: datetime


@dataclass(frozen=True, slots=True)
class NodeRecord:
    """A host that has run an execution."""

    id: int
    hostname: str
    port: int
    pause_reason: str | None
    is_paused: bool
    is_paused_errors: bool
    is_active: bool
    archived: datetime | None
    created: datetime
    last_offer: datetime | None
    last_modified: datetime


@dataclass(frozen=True, slots=True)
class RunRequest:
    """A DAG run that is asked for; `revision_num` is None where any revision will do."""

    dag_id: str
    run_id: str
    revision_num: int | None
    conf: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OutboxRecord:
    """A DAG run that must exist."""

    id: int
    dag_id: str
    run_id: str
    revision_num: int | None
    conf: dict[str, Any]
    attempts: int
    created: datetime
