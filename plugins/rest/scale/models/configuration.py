"""Configuration documents (seed 001, Import/Export Services)."""

from typing import Any

from catalog.states import ErrorCategory, EventType
from plugins.rest.wire import WireModel


class ExportedRule(WireModel):
    """A trigger rule of a job type or recipe type."""

    type: EventType
    name: str
    is_active: bool
    configuration: dict[str, Any]


class ExportedRecipeType(WireModel):
    """A recipe type, as it can be imported."""

    name: str
    version: str
    title: str
    description: str | None
    definition: dict[str, Any]
    trigger_rule: ExportedRule | None


class ExportedJobType(WireModel):
    """A job type, as it can be imported; `timeout` in seconds, memory and disk in MiB."""

    name: str
    version: str
    title: str | None
    description: str | None
    category: str | None
    author_name: str | None
    author_url: str | None
    is_system: bool
    is_long_running: bool
    is_operational: bool
    icon_code: str | None
    uses_docker: bool
    docker_privileged: bool
    docker_image: str | None
    priority: int
    timeout: int
    max_scheduled: int | None
    max_tries: int
    cpus_required: float
    mem_required: float
    disk_out_const_required: float
    disk_out_mult_required: float
    interface: dict[str, Any]
    error_mapping: dict[str, Any]
    trigger_rule: ExportedRule | None


class ExportedError(WireModel):
    """An error, as it can be imported."""

    name: str
    title: str | None
    description: str | None
    category: ErrorCategory


class Exported(WireModel):
    """A configuration document, version 1.0."""

    version: str
    recipe_types: list[ExportedRecipeType]
    job_types: list[ExportedJobType]
    errors: list[ExportedError]
