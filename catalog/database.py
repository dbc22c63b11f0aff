"""The connection to PostgreSQL, and the unit of work: one transaction, with every store in it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

from catalog.stores.unit_of_work import UnitOfWork

URL_VARIABLE: Final = "AIRSCALE_DATABASE_URL"
UNAVAILABLE: Final = (DisconnectionError, InterfaceError, OperationalError, PoolTimeoutError)
"""Raised while the database does not answer, or undid a deadlock: what was tried may work later."""


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
            url, pool_size=pool_size, max_overflow=10, pool_pre_ping=True, pool_recycle=1800
        )

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

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()
