"""Migrations of the catalogue: our own Alembic history, apart from Airflow's."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text

_LOCK: Final = 0x4D494752  # "MIGR": two migrations at once wait for each other


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the catalogue to a revision; safe to run twice, and from two places at once.

    Parameters
    ----------
    url
        SQLAlchemy URL of the catalogue.
    """
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            command.upgrade(configuration(connection), revision)
    finally:
        engine.dispose()


def check(url: str) -> None:
    """Compare the database with the tables of the code.

    Raises
    ------
    alembic.util.exc.CommandError
        Raised if they differ, with the difference.
    """
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            command.check(configuration(connection))
    finally:
        engine.dispose()


def configuration(connection: Connection) -> Config:
    """Return Alembic's configuration for an open connection."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config


def state(url: str) -> tuple[str | None, str | None]:
    """Return the revision that a catalogue is at, and the one that this code needs.

    Parameters
    ----------
    url
        SQLAlchemy URL of the catalogue.
    """
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            found = MigrationContext.configure(connection).get_current_revision()
            needed = ScriptDirectory.from_config(configuration(connection)).get_current_head()
            return found, needed
    finally:
        engine.dispose()
