"""Deliveries of jobs to a search engine outside: who is delivered to, and what is due."""

from sqlalchemy.orm import Mapped, mapped_column

from catalog.tables.base import Base, Created, Id


class JobFeed(Base):
    """One row while jobs are delivered; without it, changes of jobs are not noted."""

    __tablename__ = "job_feed"

    url: Mapped[str] = mapped_column(primary_key=True)
    created: Mapped[Created]


class JobUpdate(Base):
    """A job that changed and has not been delivered since; triggers on jobs write the rows."""

    __tablename__ = "job_update"

    id: Mapped[Id]
    job_id: Mapped[int]
    created: Mapped[Created]
