"""The outbox of jobs: what a search engine outside has to be told.

Every change of a job writes a row beside it, in the same transaction, while somebody is delivered
to. Rows are only added and taken away, never locked for long: no job waits for a delivery.
"""

from catalog.database import Database
from catalog.stores.unit_of_work import UnitOfWork


class DeliveryService:
    """Says what is due, and forgets what was delivered."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def subscribe(self, url: str | None) -> None:
        """Deliver to this address from now on; None delivers to nobody.

        An address that is new is owed every job.
        """
        with self._database.transaction() as tx:
            if tx.deliveries.subscribers() != ([] if url is None else [url]):
                _change(tx, url)

    def due(self, limit: int) -> list[tuple[int, int]]:
        """Return ids of updates, the oldest first, and the ids of their jobs."""
        with self._database.transaction() as tx:
            return tx.deliveries.due(limit)

    def delivered(self, update_ids: list[int]) -> None:
        """Forget updates that were delivered."""
        with self._database.transaction() as tx:
            tx.deliveries.delivered(update_ids)


def _change(tx: UnitOfWork, url: str | None) -> None:
    tx.definitions.lock()  # one at a time: every process of the API server does this at its start
    if tx.deliveries.subscribers() == ([] if url is None else [url]):
        return
    tx.deliveries.unsubscribe()
    if url is not None:
        tx.deliveries.subscribe(url)
