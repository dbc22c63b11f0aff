"""Queues that jobs are submitted to, and their shares of the cluster."""

from catalog.database import Database
from catalog.errors import InvalidError
from catalog.records.submissions import PoolRecord

_WHOLE = 100.0


class PoolService:
    """Makes and changes queues."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ensure(self, name: str) -> None:
        """Make a queue where it is missing."""
        with self._database.transaction() as tx:
            tx.pools.ensure(name)

    def exists(self, name: str) -> bool:
        """Say whether there is a queue of this name."""
        with self._database.transaction() as tx:
            return tx.pools.find(name) is not None

    def save(self, name: str, capacity: float | None, max_capacity: float | None) -> PoolRecord:
        """Make a queue, or change its shares.

        Parameters
        ----------
        capacity, max_capacity
            In percent of the cluster; None for everything.

        Raises
        ------
        InvalidError
            Raised if a share is no percentage, or the most is less than the share.
        """
        for each in (capacity, max_capacity):
            if each is not None and not 0 <= each <= _WHOLE:
                raise InvalidError(f"The share {each} is no percentage. Give 0 to 100.")
        if (capacity or 0.0) > (_WHOLE if max_capacity is None else max_capacity):
            raise InvalidError("The capacity is more than the most that may be used. Raise that.")
        with self._database.transaction() as tx:
            tx.pools.ensure(name)
            found = tx.pools.find(name)
            assert found is not None  # noqa: S101  # it was made in this transaction
            return tx.pools.update(found.id, {"capacity": capacity, "max_capacity": max_capacity})
