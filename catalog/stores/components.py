"""The store of what runs."""

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from catalog.records.components import ComponentRecord
from catalog.tables import Component


class ComponentStore:
    """The components of the system, one row for each name and host."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def started(self, name: str, hostname: str, build: str) -> None:
        """Note that a component starts now; what was noted of an earlier start is replaced."""
        key = {"name": name, "hostname": hostname}
        values = {"build": build, "started": func.clock_timestamp()}
        self._session.execute(
            insert(Component)
            .values(**key, **values)
            .on_conflict_do_update(index_elements=list(key), set_=values)
        )

    def all(self) -> list[ComponentRecord]:
        """Return every component that was ever started, by name and host."""
        rows = self._session.execute(
            select(Component.name, Component.hostname, Component.build, Component.started).order_by(
                Component.name, Component.hostname
            )
        )
        return [ComponentRecord(*row) for row in rows]
