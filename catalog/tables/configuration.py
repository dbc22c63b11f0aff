"""What a data engineer configures: workspaces, errors, trigger rules, job types, recipe types."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, PrimaryKeyConstraint, UniqueConstraint, text, true
from sqlalchemy.orm import Mapped, mapped_column

from catalog.states import ErrorCategory, EventType
from catalog.tables.base import Base, Created, Id, LastModified, closed, reference


class Workspace(Base):
    """A place that stores files (seed 001, Workspace Services)."""

    __tablename__ = "workspace"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str | None]
    description: Mapped[str | None]
    base_url: Mapped[str | None]
    is_active: Mapped[bool] = mapped_column(default=True)
    is_move_enabled: Mapped[bool] = mapped_column(default=True, server_default=true())
    used_size: Mapped[int | None]
    total_size: Mapped[int | None]
    json_config: Mapped[dict[str, Any]]
    created: Mapped[Created]
    archived: Mapped[datetime | None]
    last_modified: Mapped[LastModified]


class WorkspaceUsage(Base):
    """How full the storage of a workspace was at one moment; sizes in bytes, null if unlimited."""

    __tablename__ = "workspace_usage"
    __table_args__ = (PrimaryKeyConstraint("workspace_id", "measured"),)

    workspace_id: Mapped[int] = mapped_column(reference("workspace.id"))
    measured: Mapped[datetime]
    used_size: Mapped[int]
    total_size: Mapped[int | None]
    free_size: Mapped[int | None]


class Error(Base):
    """A named reason for failure (seed 001, Error Services)."""

    __tablename__ = "error"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str | None]
    description: Mapped[str | None]
    category: Mapped[ErrorCategory] = mapped_column(closed(ErrorCategory, "category"))
    is_builtin: Mapped[bool] = mapped_column(default=False)
    created: Mapped[Created]
    last_modified: Mapped[LastModified]


class TriggerRule(Base):
    """A rule that starts a job or recipe (seed 001, Triggers); edits archive it and add another."""

    __tablename__ = "trigger_rule"
    __table_args__ = (
        Index("ix_trigger_rule_active_type", "type", postgresql_where=text("is_active")),
    )

    id: Mapped[Id]
    type: Mapped[EventType] = mapped_column(closed(EventType, "type"))
    name: Mapped[str]
    is_active: Mapped[bool] = mapped_column(default=True)
    configuration: Mapped[dict[str, Any]]
    created: Mapped[Created]
    archived: Mapped[datetime | None]
    last_modified: Mapped[LastModified]


class JobType(Base):
    """An algorithm and how to run it (seed 001, Job Type Services).

    ``output_patterns`` maps outputs to glob patterns below the output directory: how the files of
    a program are found that writes no manifest.
    """

    __tablename__ = "job_type"
    __table_args__ = (UniqueConstraint("name", "version"),)

    id: Mapped[Id]
    name: Mapped[str]
    version: Mapped[str]
    title: Mapped[str | None]
    description: Mapped[str | None]
    category: Mapped[str | None]
    author_name: Mapped[str | None]
    author_url: Mapped[str | None]
    icon_code: Mapped[str | None]
    is_system: Mapped[bool] = mapped_column(default=False)
    is_long_running: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    is_operational: Mapped[bool] = mapped_column(default=True)
    is_paused: Mapped[bool] = mapped_column(default=False)
    uses_docker: Mapped[bool]
    docker_privileged: Mapped[bool] = mapped_column(default=False)
    docker_image: Mapped[str | None]
    interface: Mapped[dict[str, Any]]
    error_mapping: Mapped[dict[str, Any]]
    revision_num: Mapped[int] = mapped_column(default=1)
    priority: Mapped[int]
    timeout: Mapped[int]
    max_scheduled: Mapped[int | None]
    max_tries: Mapped[int]
    cpus_required: Mapped[float]
    mem_required: Mapped[float]
    disk_out_const_required: Mapped[float]
    disk_out_mult_required: Mapped[float]
    output_patterns: Mapped[dict[str, Any] | None]
    trigger_rule_id: Mapped[int | None] = mapped_column(reference("trigger_rule.id"))
    created: Mapped[Created]
    archived: Mapped[datetime | None]
    paused: Mapped[datetime | None]
    last_modified: Mapped[LastModified]


class JobTypeRevision(Base):
    """The interface of a job type at one revision; jobs keep theirs."""

    __tablename__ = "job_type_revision"
    __table_args__ = (UniqueConstraint("job_type_id", "revision_num"),)

    id: Mapped[Id]
    job_type_id: Mapped[int] = mapped_column(reference("job_type.id"))
    revision_num: Mapped[int]
    interface: Mapped[dict[str, Any]]
    created: Mapped[Created]


class RecipeType(Base):
    """A graph of jobs (seed 001, Recipe Types Services)."""

    __tablename__ = "recipe_type"
    __table_args__ = (UniqueConstraint("name", "version"),)

    id: Mapped[Id]
    name: Mapped[str]
    version: Mapped[str]
    title: Mapped[str]
    description: Mapped[str | None]
    is_active: Mapped[bool] = mapped_column(default=True)
    definition: Mapped[dict[str, Any]]
    revision_num: Mapped[int] = mapped_column(default=1)
    trigger_rule_id: Mapped[int | None] = mapped_column(reference("trigger_rule.id"))
    created: Mapped[Created]
    archived: Mapped[datetime | None]
    last_modified: Mapped[LastModified]


class RecipeTypeRevision(Base):
    """The definition of a recipe type at one revision; recipes keep theirs."""

    __tablename__ = "recipe_type_revision"
    __table_args__ = (UniqueConstraint("recipe_type_id", "revision_num"),)

    id: Mapped[Id]
    recipe_type_id: Mapped[int] = mapped_column(reference("recipe_type.id"))
    revision_num: Mapped[int]
    definition: Mapped[dict[str, Any]]
    created: Mapped[Created]


class ConfigurationFile(Base):
    """The last import of one file of dags/recipes; ``problem`` is null when it succeeded."""

    __tablename__ = "configuration_file"

    path: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str]
    problem: Mapped[str | None]
    last_modified: Mapped[LastModified]
