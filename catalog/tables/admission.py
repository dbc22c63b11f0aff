"""Jobs that wait to begin, and the processes in which they wait."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from catalog.tables.base import Base, Created, reference


class Admitter(Base):
    """A process in which jobs wait, by a name of its own; ``seen`` is its last sign of life."""

    __tablename__ = "admitter"

    name: Mapped[str] = mapped_column(primary_key=True)
    seen: Mapped[datetime] = mapped_column(index=True)


class Waiting(Base):
    """A queued job that some process would run on a node as soon as it may.

    These rows come and go with the processes: they say nothing that lasts.
    """

    __tablename__ = "waiting"
    __table_args__ = (Index("ix_waiting_admitter", "admitter"),)

    # Whoever deletes a job or a dead admitter need not know who waits.
    job_id: Mapped[int] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"), primary_key=True)
    admitter: Mapped[str] = mapped_column(ForeignKey("admitter.name", ondelete="CASCADE"))
    node_id: Mapped[int] = mapped_column(reference("node.id"))
    since: Mapped[Created]
