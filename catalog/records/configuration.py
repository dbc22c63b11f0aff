"""Records of what a data engineer configures."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.states import ErrorCategory, EventType


@dataclass(frozen=True, slots=True)
class WorkspaceRecord:
    """A workspace; sizes in bytes, null when unknown."""

    id: int
    name: str
    title: str | None
    description: str | None
    base_url: str | None
    is_active: bool
    is_move_enabled: bool
    used_size: int | None
    total_size: int | None
    json_config: dict[str, Any]
    created: datetime
    archived: datetime | None
    last_modified: datetime


@dataclass(frozen=True, slots=True)
class UsageRecord:
    """How full the storage of a workspace was; sizes in bytes."""

    measured: datetime
    used_size: int
    total_size: int
    free_size: int


@dataclass(frozen=True, slots=True)
class ErrorRecord:
    """An error that a job can end with."""

    id: int
    name: str
    title: str | None
    description: str | None
    category: ErrorCategory
    is_builtin: bool
    created: datetime
    last_modified: datetime


@dataclass(frozen=True, slots=True)
class TriggerRuleRecord:
    """A trigger rule; what it starts is the job or recipe type that refers to it."""

    id: int
    type: EventType
    name: str
    is_active: bool
    configuration: dict[str, Any]
    created: datetime
    archived: datetime | None
    last_modified: datetime


@dataclass(frozen=True, slots=True)
class OverdueGroup:
    """A group of files that waited too long for its others; `members` is input to file id."""

    key: str
    members: dict[str, int]


@dataclass(frozen=True, slots=True)
class RuleTarget:
    """The job type or recipe type that a rule starts."""

    id: int
    is_recipe: bool
    name: str
    version: str
    is_active: bool

    @property
    def label(self) -> str:
        """What a person calls it."""
        kind = "recipe type" if self.is_recipe else "job type"
        return f"{kind} {self.name!r} version {self.version!r}"


@dataclass(frozen=True, slots=True)
class JobTypeRecord:
    """A job type; `timeout` in seconds (0 = none), memory and disk in MiB."""

    id: int
    name: str
    version: str
    title: str | None
    description: str | None
    category: str | None
    author_name: str | None
    author_url: str | None
    icon_code: str | None
    is_system: bool
    is_long_running: bool
    is_active: bool
    is_operational: bool
    is_paused: bool
    uses_docker: bool
    docker_privileged: bool
    docker_image: str | None
    interface: dict[str, Any]
    error_mapping: dict[str, Any]
    revision_num: int
    priority: int
    timeout: int
    max_scheduled: int | None
    max_tries: int
    cpus_required: float
    mem_required: float
    disk_out_const_required: float
    disk_out_mult_required: float
    output_patterns: dict[str, list[str]] | None
    trigger_rule_id: int | None
    created: datetime
    archived: datetime | None
    paused: datetime | None
    last_modified: datetime


@dataclass(frozen=True, slots=True)
class JobTypeRevisionRecord:
    """The interface of a job type at one revision."""

    id: int
    job_type_id: int
    revision_num: int
    interface: dict[str, Any]
    created: datetime


@dataclass(frozen=True, slots=True)
class RecipeTypeRecord:
    """A recipe type."""

    id: int
    name: str
    version: str
    title: str
    description: str | None
    is_active: bool
    definition: dict[str, Any]
    revision_num: int
    trigger_rule_id: int | None
    created: datetime
    archived: datetime | None
    last_modified: datetime


@dataclass(frozen=True, slots=True)
class RecipeTypeRevisionRecord:
    """The definition of a recipe type at one revision."""

    id: int
    recipe_type_id: int
    revision_num: int
    definition: dict[str, Any]
    created: datetime
