"""The job load: how many jobs wait and run, at one moment (seed 001, Job Load)."""

from datetime import datetime

from catalog.database import Database
from catalog.stores.unit_of_work import UnitOfWork


class LoadService:
    """Records the job load."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, moment: datetime) -> None:
        """Count pending, queued and running jobs of every type, as the load at `moment`."""
        with self._database.transaction() as tx:
            record_load(tx, moment)


def record_load(tx: UnitOfWork, moment: datetime) -> None:
    """Record the job load; a moment that has been recorded stays as it was."""
    tx.load.record(moment)
