"""Job types (seed 001, Job Type Services)."""

from typing import Any

from pydantic import Field

from catalog.states import ErrorCategory, EventType, JobStatus
from plugins.rest.scale.models.errors import ErrorItem
from plugins.rest.wire import Reference, Time, WireModel


class JobTypeBrief(WireModel):
    """The job type of a job or product."""

    id: int
    name: str
    version: str
    title: str | None
    description: str | None
    category: str | None
    author_name: str | None
    author_url: str | None
    is_system: bool
    is_long_running: bool
    is_active: bool
    is_operational: bool
    is_paused: bool
    icon_code: str | None


class JobTypeItem(JobTypeBrief):
    """A job type in a list; `timeout` in seconds, memory and disk in MiB."""

    uses_docker: bool
    docker_privileged: bool
    docker_image: str | None
    revision_num: int
    priority: int
    timeout: int
    max_scheduled: int | None
    max_tries: int
    cpus_required: float
    mem_required: float
    disk_out_const_required: float
    disk_out_mult_required: float
    created: Time
    archived: Time | None
    paused: Time | None
    last_modified: Time


class JobTypeWithInterface(JobTypeBrief):
    """A job type that a recipe type uses."""

    interface: dict[str, Any]


class RuleDetails(WireModel):
    """A trigger rule."""

    id: int
    type: EventType
    name: str
    is_active: bool
    configuration: dict[str, Any]
    created: Time
    archived: Time | None
    last_modified: Time


class JobCount(WireModel):
    """Jobs of one status; `category` says whose fault it was when they failed."""

    status: JobStatus
    count: int
    most_recent: Time
    category: ErrorCategory | None


class JobTypeDetails(JobTypeItem):
    """A job type with its documents, the errors they name, and what its jobs did of late."""

    interface: dict[str, Any]
    error_mapping: dict[str, Any]
    trigger_rule: RuleDetails | None
    errors: list[ErrorItem]
    job_counts_6h: list[JobCount]
    job_counts_12h: list[JobCount]
    job_counts_24h: list[JobCount]


class JobTypeRevisionBrief(WireModel):
    """Which revision of its job type a job has."""

    id: int
    job_type: Reference = Field(validation_alias="job_type_id")
    revision_num: int


class JobTypeRevisionDetails(JobTypeRevisionBrief):
    """The revision of its job type that a job has."""

    interface: dict[str, Any]
    created: Time
