"""Fixtures of every room: a PostgreSQL server for the session, a catalogue for each test."""

from collections.abc import Iterator

import pytest

from catalog import migrations
from catalog.catalogue import Catalogue
from catalog.database import Database
from tests.support.postgres import PostgresServer, running_postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """Run one server for the session."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def catalogue_template(postgres: PostgresServer) -> str:
    """Return the name of a migrated catalogue database, to be copied."""
    name = postgres.create()
    migrations.upgrade(postgres.url(name))
    return name


@pytest.fixture
def database_url(postgres: PostgresServer, catalogue_template: str) -> Iterator[str]:
    """Return the URL of a migrated catalogue database of the test's own."""
    name = postgres.create(catalogue_template)
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture
def catalogue(database_url: str) -> Iterator[Catalogue]:
    """Return a catalogue of the test's own."""
    database = Database(database_url)
    yield Catalogue(database)
    database.close()
