"""Migrations: from nothing, again, at once, and back."""

from collections.abc import Iterator
from typing import Any

import pytest
from alembic import command
from sqlalchemy import create_engine, inspect, text

from catalog import migrations
from catalog.states import ErrorCategory
from tests.support.catalogues import at_once
from tests.support.postgres import PostgresServer


@pytest.fixture
def empty_url(postgres: PostgresServer) -> Iterator[str]:
    """Return the URL of a database without tables."""
    name = postgres.create()
    yield postgres.url(name)
    postgres.drop(name)


def query(url: str, statement: str) -> list[Any]:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(statement))]
    finally:
        engine.dispose()


def tables(url: str) -> set[str]:
    engine = create_engine(url)
    try:
        return set(inspect(engine).get_table_names())
    finally:
        engine.dispose()


def test_the_tables_of_the_code_are_those_of_the_migrations(empty_url: str) -> None:
    migrations.upgrade(empty_url)
    migrations.check(empty_url)


def test_an_upgrade_may_be_repeated(database_url: str) -> None:
    before = query(database_url, "SELECT id, name, category FROM error ORDER BY id")
    migrations.upgrade(database_url)
    assert query(database_url, "SELECT id, name, category FROM error ORDER BY id") == before


def test_upgrades_at_once_wait_for_each_other(empty_url: str) -> None:
    assert at_once(3, lambda _: migrations.upgrade(empty_url)) == [None] * 3
    migrations.check(empty_url)
    assert query(empty_url, "SELECT count(*) FROM job_type") == [(1,)]


def test_a_downgrade_leaves_nothing_and_an_upgrade_brings_it_back(empty_url: str) -> None:
    migrations.upgrade(empty_url)
    before = tables(empty_url)
    engine = create_engine(empty_url)
    with engine.begin() as connection:
        command.downgrade(migrations.configuration(connection), "base")
    engine.dispose()
    assert tables(empty_url) == {"alembic_version"}
    migrations.upgrade(empty_url)
    migrations.check(empty_url)
    assert tables(empty_url) == before


def test_the_builtin_errors_are_there(database_url: str) -> None:
    found = dict(query(database_url, "SELECT name, category FROM error WHERE is_builtin"))
    contract = {
        "unknown", "database", "filesystem-io", "nfs", "node-lost", "timeout", "scheduler-lost",
        "docker", "kubernetes", "image-pull", "out-of-memory",
    }  # fmt: skip
    assert contract <= found.keys()
    assert {found[name] for name in contract} == {ErrorCategory.SYSTEM}
    assert found["invalid-input"] == ErrorCategory.DATA
    assert found["invalid-results"] == ErrorCategory.ALGORITHM
