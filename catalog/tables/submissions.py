"""What jobs are submitted with: queues by name, and documents that describe types of jobs."""

from typing import Any

from sqlalchemy import PrimaryKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from catalog.tables.base import Base, Created, Id, LastModified, reference


class Pool(Base):
    """A queue that jobs are submitted to, by name; what other systems call a virtual cluster.

    ``capacity`` is the share of the cluster that it is meant to have, ``max_capacity`` the most
    that its jobs may use at once; both in percent, null for everything.
    """

    __tablename__ = "pool"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    description: Mapped[str | None]
    capacity: Mapped[float | None]
    max_capacity: Mapped[float | None]
    created: Mapped[Created]
    last_modified: Mapped[LastModified]


class Registration(Base):
    """A document that somebody registered under a kind and a key, kept as it was given.

    ``job_type_id`` is the job type that was made from it, if one was.
    """

    __tablename__ = "registration"
    __table_args__ = (PrimaryKeyConstraint("kind", "key"),)

    kind: Mapped[str]
    key: Mapped[str]
    document: Mapped[dict[str, Any]]
    job_type_id: Mapped[int | None] = mapped_column(reference("job_type.id"))
    created: Mapped[Created]
    last_modified: Mapped[LastModified]
