"""The connection to PostgreSQL, and the unit of work: one transaction, with every store in it."""

import os
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import (
    DisconnectionError,
    InterfaceError,
    InvalidatePoolError,
    OperationalError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

from catalog.stores.unit_of_work import UnitOfWork

URL_VARIABLE: Final = "AIRSCALE_DATABASE_URL"
UNAVAILABLE: Final = (DisconnectionError, InterfaceError, OperationalError, PoolTimeoutError)
"""Raised while the database does not answer, or undid a deadlock: what was tried may work later."""
_LAST_USED: Final = "last_used"
_IDLE_SECONDS: Final = 0.5


class Database:
    """An engine of our own, apart from Airflow's; safe to share between threads.

    Parameters
    ----------
    url
        SQLAlchemy URL of the catalogue, ``postgresql+psycopg://...``.
    pool_size
        Connections kept open; ten more may be opened under load.
    """

    def __init__(self, url: str, *, pool_size: int = 2) -> None:
        self.engine: Engine = create_engine(
            url,
            pool_size=pool_size,
            max_overflow=10,
            pool_recycle=1800,
            pool_use_lifo=True,  # a few connections that know the statements already
        )
        event.listen(self.engine, "checkin", _note_time)
        event.listen(self.engine, "checkout", _test_if_idle)
        self._glancing = self.engine.execution_options(isolation_level="AUTOCOMMIT")

    @classmethod
    def from_environment(cls, *, pool_size: int = 2) -> "Database":
        """Connect to the catalogue named by ``AIRSCALE_DATABASE_URL``.

        Parameters
        ----------
        pool_size
            As for the constructor.

        Raises
        ------
        RuntimeError
            Raised if the variable is not set.
        """
        url = os.environ.get(URL_VARIABLE)
        if not url:
            message = (
                f"{URL_VARIABLE} is not set, so the catalogue cannot be found. Set it to the"
                " SQLAlchemy URL of the catalogue's PostgreSQL database (`make up` does this)."
            )
            raise RuntimeError(message)
        return cls(url, pool_size=pool_size)

    @contextmanager
    def transaction(self) -> Iterator[UnitOfWork]:
        """Run a block in one transaction: all of it is committed at the end, or nothing."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield UnitOfWork(session)

    @contextmanager
    def rehearsal(self) -> Iterator[UnitOfWork]:
        """Run a block in one transaction that is undone at the end, also when nothing failed."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield UnitOfWork(session)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Run a block of read-only statements that all see the same moment."""
        with self.engine.connect() as connection:
            yield connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )

    @contextmanager
    def glancing(self) -> Iterator[Connection]:
        """Run a block of one read-only statement, which is of one moment by itself.

        Several are of several moments, the later ones of later ones.
        """
        with self._glancing.connect() as connection:
            yield connection

    def reading_page(self, page: int) -> AbstractContextManager[Connection]:
        """Run a block that reads a page of a listing: the first is one statement."""
        return self.glancing() if page == 1 else self.reading()

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def _note_time(_connection: Any, record: Any) -> None:
    record.info[_LAST_USED] = time.monotonic()


def _test_if_idle(connection: Any, record: Any, _proxy: Any) -> None:
    """See whether a connection is alive, unless it was just now: that costs as much as a query."""
    if time.monotonic() - record.info.get(_LAST_USED, 0.0) < _IDLE_SECONDS:
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except psycopg.OperationalError as error:
        raise InvalidatePoolError from error
