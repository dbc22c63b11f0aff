"""Work to do and done: events, recipes, jobs, executions, nodes."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, PrimaryKeyConstraint, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from catalog.states import EventType, ExecutionStatus, JobStatus
from catalog.tables.base import (
    Base,
    Created,
    Id,
    LastModified,
    ListedLastModified,
    closed,
    reference,
)


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
    __table_args__ = (
        Index(
            "ix_recipe_last_modified",
            "last_modified",
            "id",
            postgresql_include=["recipe_type_id"],
        ),
        Index("ix_recipe_recipe_type_id", "recipe_type_id", "last_modified", "id"),
        Index("ix_recipe_open", "id", postgresql_where=text("completed IS NULL")),
    )

    id: Mapped[Id]
    recipe_type_id: Mapped[int] = mapped_column(reference("recipe_type.id"))
    recipe_type_rev_id: Mapped[int] = mapped_column(reference("recipe_type_revision.id"))
    event_id: Mapped[int] = mapped_column(reference("trigger_event.id"))
    data: Mapped[dict[str, Any]]
    created: Mapped[Created]
    completed: Mapped[datetime | None]
    last_modified: Mapped[ListedLastModified]


class Job(Base):
    """One piece of work, from the moment it is known until it is completed.

    ``uid`` is its name outside the catalogue, the same in every dialect. A duplicate was never
    run: ``duplicate_of`` is the job with the same ``payload_hash`` that stands for it. An archived
    job was removed by somebody; its row stays. ``soft_timeout`` in seconds. ``parameters`` is the
    submission as it was given, ``staging`` what is put into the work directory before the start.
    ``ports`` of its host it has for itself.
    ``step_status`` is a word that a step of the job sent; it stands until the job has ended.
    """

    __tablename__ = "job"
    __table_args__ = (
        Index(
            "ix_job_open",
            "last_status_change",
            postgresql_where=text("status IN ('PENDING', 'BLOCKED', 'QUEUED', 'RUNNING')"),
        ),
        Index("ix_job_last_status_change", "last_status_change"),
        Index(
            "ix_job_last_modified",
            "last_modified",
            "id",
            postgresql_include=["job_type_id", "status"],
        ),
        Index("ix_job_status", "status", "last_modified", "id"),
        Index("ix_job_job_type_id", "job_type_id", "last_modified", "id"),
        Index(
            "ix_job_failed",
            "error_id",
            "job_type_id",
            "last_status_change",
            postgresql_where=text("status = 'FAILED'"),
        ),
        Index("ix_job_error", "error_id", "id", postgresql_where=text("error_id IS NOT NULL")),
        Index(
            "ix_job_queued",
            "job_type_id",
            "priority",
            "queued",
            postgresql_where=text("status = 'QUEUED'"),
        ),
        Index(
            "ix_job_data",
            "data",
            postgresql_using="gin",
            postgresql_ops={"data": "jsonb_path_ops"},
        ),
        Index(
            "ix_job_status_id",
            "status",
            "id",
            # all that a search by status has to know to count along this index alone
            postgresql_include=[
                "job_type_id",
                "num_exes",
                "archived",
                "duplicate_of",
                "step_status",
            ],
        ),
        Index(
            "ix_job_queued_again",
            "id",
            postgresql_where=text("status = 'QUEUED' AND num_exes > 1"),
        ),
        Index("ix_job_name", "name", "id", postgresql_where=text("name IS NOT NULL")),
        Index(
            "ix_job_user_name", "user_name", "id", postgresql_where=text("user_name IS NOT NULL")
        ),
        Index(
            "ix_job_payload_hash",
            "payload_hash",
            postgresql_where=text("payload_hash IS NOT NULL"),
        ),
        Index("ix_job_tags", "tags", postgresql_using="gin"),
        Index("ix_job_created", "created", "id"),
        Index(
            "ix_job_duplicate_of",
            "duplicate_of",
            postgresql_where=text("duplicate_of IS NOT NULL"),
        ),
        Index(
            "ix_job_parameters",
            "parameters",
            postgresql_using="gin",
            postgresql_ops={"parameters": "jsonb_path_ops"},
            postgresql_where=text("parameters IS NOT NULL"),
        ),
        Index(
            "ix_job_step_status",
            "step_status",
            postgresql_where=text("step_status IS NOT NULL"),
        ),
    )

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True, server_default=func.gen_random_uuid())
    job_type_id: Mapped[int] = mapped_column(reference("job_type.id"))
    job_type_rev_id: Mapped[int] = mapped_column(reference("job_type_revision.id"))
    event_id: Mapped[int] = mapped_column(reference("trigger_event.id"))
    status: Mapped[JobStatus] = mapped_column(closed(JobStatus, "status"))
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
    last_modified: Mapped[ListedLastModified]
    name: Mapped[str | None]
    origin: Mapped[str | None]
    user_name: Mapped[str | None]
    pool: Mapped[str | None]
    payload_hash: Mapped[str | None]
    duplicate_of: Mapped[int | None] = mapped_column(reference("job.id"))
    soft_timeout: Mapped[int | None]
    tags: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    user_tags: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    environment: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    staging: Mapped[dict[str, Any] | None]
    parameters: Mapped[dict[str, Any] | None]
    archived: Mapped[datetime | None]
    gpus: Mapped[int] = mapped_column(server_default=text("0"))
    ports: Mapped[list[int]] = mapped_column(server_default=text("'{}'"))
    step_status: Mapped[str | None]


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
    pause_reason: Mapped[str | None]


class Node(Base):
    """A host that has run an execution (seed 001, Node Services).

    What it has and uses is null until it has told: CPUs, and MiB of memory and disk. It told so
    at ``last_offer``. ``slots`` is how many jobs it runs at once, null for no such limit.
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
    slots: Mapped[int | None]
    last_modified: Mapped[LastModified]


class JobExecution(Base):
    """One try of a job (seed 001, Job Execution Services); its job type is that of the job."""

    __tablename__ = "job_exe"
    __table_args__ = (
        Index(
            "uq_job_exe_open",
            "job_id",
            unique=True,
            postgresql_where=text("status IN ('QUEUED', 'RUNNING')"),
        ),
        Index("ix_job_exe_job_id", "job_id"),
        Index("ix_job_exe_running", "node_id", postgresql_where=text("status = 'RUNNING'")),
        Index("ix_job_exe_running_id", "id", postgresql_where=text("status = 'RUNNING'")),
        Index("ix_job_exe_ended", "ended"),
        Index(
            "ix_job_exe_last_modified",
            "last_modified",
            "id",
            postgresql_include=["job_type_id", "status"],
        ),
        Index("ix_job_exe_status", "status", "last_modified", "id"),
        Index("ix_job_exe_job_type_id", "job_type_id", "last_modified", "id"),
        Index("ix_job_exe_node_id", "node_id", "last_modified", "id"),
    )

    id: Mapped[Id]
    job_id: Mapped[int] = mapped_column(reference("job.id"))
    job_type_id: Mapped[int] = mapped_column(reference("job_type.id"))
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
    disk_out_used: Mapped[float | None]
    cpu_seconds_used: Mapped[float | None]
    mem_used: Mapped[float | None]
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
    last_modified: Mapped[ListedLastModified]
