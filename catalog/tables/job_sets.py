"""Jobs that were submitted together and end together."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from catalog.states import JobSetOutcome
from catalog.tables.base import Base, Created, Id, LastModified, closed, reference


class JobSet(Base):
    """Jobs that run beside each other under one name, as the tasks of one submission.

    It has ended when ``outcome`` is set. ``min_completed`` is how many tasks have to complete, 0
    for all of them; ``max_retries`` is negative for no limit. ``document`` is the submission as it
    was given. ``environment`` is what all of the jobs are given besides their own, ``ports``
    the ports that all of them together have.
    """

    __tablename__ = "job_set"
    __table_args__ = (
        Index("uq_job_set_name", "name", unique=True, postgresql_where=text("archived IS NULL")),
        Index("ix_job_set_user_name", "user_name", "id"),
        Index("ix_job_set_open", "id", postgresql_where=text("outcome IS NULL")),
    )

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True, server_default=func.gen_random_uuid())
    name: Mapped[str]
    user_name: Mapped[str]
    origin: Mapped[str]
    pool: Mapped[str]
    document: Mapped[dict[str, Any]]
    environment: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    ports: Mapped[list[int]] = mapped_column(server_default=text("'{}'"))
    min_completed: Mapped[int]
    max_retries: Mapped[int]
    retries: Mapped[int] = mapped_column(server_default=text("0"))
    outcome: Mapped[JobSetOutcome | None] = mapped_column(closed(JobSetOutcome, "outcome"))
    exit_code: Mapped[int | None]
    reason: Mapped[str | None]
    created: Mapped[Created]
    ended: Mapped[datetime | None]
    archived: Mapped[datetime | None]
    last_modified: Mapped[LastModified]


class JobSetTask(Base):
    """The place of a job in its set: one of the tasks of a role, counted from 0."""

    __tablename__ = "job_set_task"
    __table_args__ = (UniqueConstraint("job_set_id", "role", "task_index"),)

    job_id: Mapped[int] = mapped_column(reference("job.id"), primary_key=True, autoincrement=False)
    job_set_id: Mapped[int] = mapped_column(reference("job_set.id"))
    role: Mapped[str]
    task_index: Mapped[int]
