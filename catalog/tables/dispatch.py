"""What Airflow is told: runs to start, and the versions of the DAG bundle."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from catalog.tables.base import Base, Created, Id


class Outbox(Base):
    """A DAG run that must exist; written in the transaction of its cause, kept as the record.

    ``subject`` is the run id of the first run of a recipe or job, the same for its later runs.
    ``revision_num`` is the revision the DAG must have; null where any does.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_waiting", "not_before", postgresql_where=text("dispatched IS NULL")),
        Index("ix_outbox_subject", "subject", "id"),
    )

    id: Mapped[Id]
    dag_id: Mapped[str]
    run_id: Mapped[str] = mapped_column(unique=True)
    subject: Mapped[str]
    revision_num: Mapped[int | None]
    conf: Mapped[dict[str, Any]]
    attempts: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str | None]
    not_before: Mapped[Created]
    created: Mapped[Created]
    dispatched: Mapped[datetime | None]


class DagShard(Base):
    """The DAGs of one file of the bundle, named by the digest of its content, which never changes.

    ``created`` is when a snapshot last took it up anew.
    """

    __tablename__ = "dag_shard"

    digest: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[dict[str, Any]]
    created: Mapped[Created]


class DagSnapshot(Base):
    """One version of the DAG bundle: file name to shard digest; never changes."""

    __tablename__ = "dag_snapshot"

    version: Mapped[str] = mapped_column(primary_key=True)
    shards: Mapped[dict[str, Any]]
    created: Mapped[Created]


class Definitions(Base):
    """One row that counts changes of what DAGs are made from, and names the current snapshot.

    ``is_held_back`` says that the snapshot has an older revision of some recipe type, for runs
    that wait for it; the next one is due when they were made.
    """

    __tablename__ = "definitions"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    revision: Mapped[int]
    snapshot_revision: Mapped[int]
    snapshot_version: Mapped[str | None]
    is_held_back: Mapped[bool] = mapped_column(default=False)
