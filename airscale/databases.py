"""The two databases of a system on one PostgreSQL server: made where they are missing."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Final

import psycopg
from psycopg import errors, sql
from sqlalchemy.engine import make_url

BUILTIN_LOCALE: Final = "LOCALE_PROVIDER builtin LOCALE 'C.UTF-8'"
"""Of PostgreSQL 17 and later."""
LIBC_LOCALE: Final = "LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"


def libpq_url(url: str, database: str | None = None) -> str:
    """Return a SQLAlchemy URL as libpq takes it; of another database of that server if named."""
    known = make_url(url).set(drivername="postgresql")
    return (known if database is None else known.set(database=database)).render_as_string(
        hide_password=False
    )


def create_missing(
    connection: "psycopg.Connection[tuple[str]]", names: Iterable[str], locale: str = LIBC_LOCALE
) -> None:
    """
    Create databases that are not there, sorted by code point on every machine.

    Parameters
    ----------
    connection
        In autocommit, as a user that may create databases; it need not where none is missing.
    locale
        The locale clause of ``CREATE DATABASE``.
    """
    rows = connection.execute("SELECT datname FROM pg_database").fetchall()
    for name in sorted(set(names) - {row[0] for row in rows}):
        # Another migration, at once, may be first.
        with suppress(errors.DuplicateDatabase, errors.UniqueViolation):
            connection.execute(
                sql.SQL(f"CREATE DATABASE {{}} TEMPLATE template0 ENCODING 'UTF8' {locale}").format(
                    sql.Identifier(name)
                )
            )
