"""Which components run, and from which build: a mixture of builds is how upgrades go wrong."""

from catalog.database import Database
from catalog.records.components import ComponentRecord


class ComponentService:
    """Keeps what each host last started."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def started(self, name: str, hostname: str, build: str) -> None:
        """Note that a component starts now.

        Parameters
        ----------
        name
            Such as ``triggerer``.
        build
            What identifies the code it is started from.
        """
        with self._database.transaction() as tx:
            tx.components.started(name, hostname, build)

    def all(self) -> list[ComponentRecord]:
        """Return every component as it was last started, by name and host."""
        with self._database.transaction() as tx:
            return tx.components.all()
