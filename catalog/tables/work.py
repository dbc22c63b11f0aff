"""Work to do and done: events, recipes, jobs, executions, nodes."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, PrimaryKeyConstraint, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from catalog.states import EventType, ExecutionStatus, JobStatus
from catalog.tables.base import Base, Created, Id, LastModified, closed, reference


class TriggerEvent(Base):
    """Something that happened and made the system act, with the rule that heard it."""

    __tablename__ = "trigger_event"

    id: Mapped[Id]
    type: Mapped[EventType] = mapped_column(closed(EventType, "type"))
    rule_id: Mapped[int | None] = mapped_column(reference("trigger_rule.id"))
    description: Mapped[dict[str, Any]]
    occurred: Mapped[Created]


class TriggerGroup(Base):
    """Files that one rule is collecting under one key; ``fired`` is the fingerprint last fired.

    ``reported`` is when it was reported that the group waited longer than its rule allows.
    """

    __tablename__ = "trigger_group"
    __table_args__ = (
        UniqueConstraint("rule_id", "key"),
        Index(
            "ix_trigger_group_waiting",
            "rule_id",
            "last_modified",
            postgresql_where=text("fired IS NULL AND reported IS NULL"),
        ),
    )

    id: Mapped[Id]
    rule_id: Mapped[int] = mapped_column(reference("trigger_rule.id"))
    key: Mapped[str]
    members: Mapped[dict[str, Any]]
    fired: Mapped[str | None]
    reported: Mapped[datetime | None]
    created: Mapped[Created]
    last_modified: Mapped[LastModified]


class Recipe(Base):
    """One instance of a recipe type, pinned to the revision it was created from."""

    __tablename__ = "recipe"

    id: Mapped[Id]
    recipe_type_id: Mapped[int] = mapped_column(reference("recipe_type.id"), index=True)
    recipe_type_rev_id: Mapped[int] = mapped_column(reference("recipe_type_revision.id"))
    event_id: Mapped[int] = mapped_column(reference("trigger_event.id"))
    data: Mapped[dict[str, Any]]
    created: Mapped[Created]
    completed: Mapped[datetime | None]
    last_modified: Mapped[LastModified]


class Job(Base):
    """One piece of work, from the moment it is known until it is completed."""

    __tablename__ = "job"
    __table_args__ = (
        Index(
            "ix_job_open",
            "last_status_change",
            postgresql_where=text("status IN ('PENDING', 'BLOCKED', 'QUEUED', 'RUNNING')"),
        ),
        Index("ix_job_last_status_change", "last_status_change"),
        Index(
            "ix_job_data",
            "data",
            postgresql_using="gin",
            postgresql_ops={"data": "jsonb_path_ops"},
        ),
    )

    id: Mapped[Id]
    job_type_id: Mapped[int] = mapped_column(reference("job_type.id"), index=True)
    job_type_rev_id: Mapped[int] = mapped_column(reference("job_type_revision.id"))
    event_id: Mapped[int] = mapped_column(reference("trigger_event.id"))
    status: Mapped[JobStatus] = mapped_column(closed(JobStatus, "status"), index=True)
    reason: Mapped[str | None]
    error_id: Mapped[int | None] = mapped_column(reference("error.id"))
    priority: Mapped[int]
    num_exes: Mapped[int] = mapped_column(default=0)
    timeout: Mapped[int]
    max_tries: Mapped[int]
    cpus_required: Mapped[float]
    mem_required: Mapped[float]
    disk_in_required: Mapped[float] = mapped_column(default=0.0)
    disk_out_required: Mapped[float] = mapped_column(default=0.0)
    data: Mapped[dict[str, Any]]
    results: Mapped[dict[str, Any]]
    created: Mapped[Created]
    queued: Mapped[datetime | None]
    started: Mapped[datetime | None]
    ended: Mapped[datetime | None]
    last_status_change: Mapped[Created]
    last_modified: Mapped[LastModified]


class RecipeJob(Base):
    """The place of a job in its recipe."""

    __tablename__ = "recipe_job"
    __table_args__ = (PrimaryKeyConstraint("recipe_id", "job_name"),)

    recipe_id: Mapped[int] = mapped_column(reference("recipe.id"))
    job_name: Mapped[str]
    job_id: Mapped[int] = mapped_column(reference("job.id"), unique=True)


class Scheduler(Base):
    """One row: whether jobs may begin at all (seed 001, Scheduler Services)."""

    __tablename__ = "scheduler"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    is_paused: Mapped[bool] = mapped_column(default=False)


class Node(Base):
    """A host that has run an execution (seed 001, Node Services).

    What it has and uses is null until it has told: CPUs, and MiB of memory and disk. It told so
    at ``last_offer``.
    """

    __tablename__ = "node"

    id: Mapped[Id]
    hostname: Mapped[str] = mapped_column(unique=True)
    port: Mapped[int] = mapped_column(default=0)
    pause_reason: Mapped[str | None]
    is_paused: Mapped[bool] = mapped_column(default=False)
    is_paused_errors: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    archived: Mapped[datetime | None]
    created: Mapped[Created]
    last_offer: Mapped[datetime | None]
    cpus_total: Mapped[float | None]
    mem_total: Mapped[float | None]
    disk_total: Mapped[float | None]
    cpus_used: Mapped[float | None]
    mem_used: Mapped[float | None]
    disk_used: Mapped[float | None]
    last_modified: Mapped[LastModified]


class JobExecution(Base):
    """One try of a job (seed 001, Job Execution Services)."""

    __tablename__ = "job_exe"
    __table_args__ = (
        Index(
            "uq_job_exe_open",
            "job_id",
            unique=True,
            postgresql_where=text("status IN ('QUEUED', 'RUNNING')"),
        ),
        Index("ix_job_exe_job_id", "job_id"),
        Index("ix_job_exe_ended", "ended"),
    )

    id: Mapped[Id]
    job_id: Mapped[int] = mapped_column(reference("job.id"))
    status: Mapped[ExecutionStatus] = mapped_column(closed(ExecutionStatus, "status"))
    error_id: Mapped[int | None] = mapped_column(reference("error.id"))
    detail: Mapped[str | None]
    node_id: Mapped[int | None] = mapped_column(reference("node.id"))
    command_arguments: Mapped[str] = mapped_column(default="")
    timeout: Mapped[int]
    environment: Mapped[dict[str, Any]]
    cpus_scheduled: Mapped[float | None]
    mem_scheduled: Mapped[float | None]
    disk_in_scheduled: Mapped[float | None]
    disk_out_scheduled: Mapped[float | None]
    pre_started: Mapped[datetime | None]
    pre_completed: Mapped[datetime | None]
    pre_exit_code: Mapped[int | None]
    job_started: Mapped[datetime | None]
    job_completed: Mapped[datetime | None]
    job_exit_code: Mapped[int | None]
    post_started: Mapped[datetime | None]
    post_completed: Mapped[datetime | None]
    post_exit_code: Mapped[int | None]
    results: Mapped[dict[str, Any]]
    results_manifest: Mapped[dict[str, Any]]
    stdout: Mapped[str | None]
    stderr: Mapped[str | None]
    created: Mapped[Created]
    queued: Mapped[datetime]
    started: Mapped[datetime | None]
    ended: Mapped[datetime | None]
    last_modified: Mapped[LastModified]
