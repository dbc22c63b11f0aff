"""What runs: the processes of a system, each with the build it was started from."""

from sqlalchemy.orm import Mapped, mapped_column

from catalog.tables.base import Base, Created


class Component(Base):
    """A component of the system on a host, as it was last started there."""

    __tablename__ = "component"

    name: Mapped[str] = mapped_column(primary_key=True)
    hostname: Mapped[str] = mapped_column(primary_key=True)
    build: Mapped[str]
    started: Mapped[Created]
