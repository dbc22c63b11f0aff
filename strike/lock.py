"""One Strike process at a time: locks of PostgreSQL that end with the connection that holds them.

Imports without Airflow.
"""

import hashlib
from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError


class StrikeLock:
    """Session locks of several names on one connection of their own: all of them, or none.

    Parameters
    ----------
    engine
        The catalogue's engine; the connection is taken out of its pool.
    names
        What is locked, such as ``strike 5``; every process must give them in the same order.
    """

    def __init__(self, engine: Engine, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self._engine = engine
        self._keys = [_key(name) for name in names]
        self._connection: Connection | None = None

    def acquire(self) -> str | None:
        """Take the locks, or keep them where they are held.

        Returns
        -------
        str or None
            The name another process holds; None if the locks are ours.

        Raises
        ------
        DBAPIError
            Raised if the database cannot be used; the locks are gone then.
        """
        if self.is_held():
            return None
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.detach()
        try:
            for name, key in zip(self.names, self._keys, strict=True):
                if not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}):
                    connection.close()
                    return name
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        return None

    def is_held(self) -> bool:
        """Say whether the connection, and so the locks, are still there."""
        if self._connection is None:
            return False
        try:
            self._connection.execute(text("SELECT 1"))
        except DBAPIError:
            self.release()
            return False
        return True

    def release(self) -> None:
        """Give the locks back, and close their connection.

        They would end with the connection, too, but a moment after it was closed.
        """
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            # A connection that is lost has lost its locks with it.
            if not connection.invalidated:
                with suppress(DBAPIError):
                    connection.execute(text("SELECT pg_advisory_unlock_all()"))
        finally:
            connection.close()


def _key(name: str) -> int:
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
