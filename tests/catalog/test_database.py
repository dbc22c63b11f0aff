"""The unit of work: all or nothing, and errors that say whether to wait."""

from collections.abc import Iterator
from contextlib import suppress

import pytest

from catalog.database import UNAVAILABLE, Database
from catalog.errors import NotFoundError
from tests.support.catalogues import World, cut_all_others, rolled_back
from tests.support.postgres import PostgresServer


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Return a connection to a catalogue."""
    made = Database(database_url)
    yield made
    made.close()


def test_a_transaction_that_fails_saves_nothing(world: World) -> None:
    with rolled_back(world.database) as tx:
        tx.workspaces.add(name="new", json_config={})
    with world.database.transaction() as tx:
        assert tx.workspaces.find("new") is None


def test_a_savepoint_that_fails_undoes_only_itself(world: World) -> None:
    with world.database.transaction() as tx:
        tx.workspaces.add(name="kept", json_config={})
        with suppress(ZeroDivisionError), tx.savepoint():
            tx.workspaces.add(name="undone", json_config={})
            raise ZeroDivisionError
    with world.database.transaction() as tx:
        assert tx.workspaces.find("kept") is not None
        assert tx.workspaces.find("undone") is None


def test_what_is_not_there_is_named_in_the_error(database: Database) -> None:
    with (
        pytest.raises(NotFoundError, match="There is no workspace 'raw'"),
        database.transaction() as tx,
    ):
        tx.workspaces.named("raw")
    with pytest.raises(NotFoundError, match="no file 7"), database.transaction() as tx:
        tx.files.update(7, {"is_deleted": True})


def test_a_connection_that_was_cut_is_an_error_to_wait_after(database: Database) -> None:
    def look_before_and_after_the_cut() -> None:
        with database.transaction() as tx:
            tx.errors.names()
            cut_all_others(database)
            tx.errors.names()

    with pytest.raises(UNAVAILABLE):
        look_before_and_after_the_cut()
    with database.transaction() as tx:
        assert tx.errors.names()


def test_a_server_that_is_away_is_an_error_to_wait_after(postgres: PostgresServer) -> None:
    away = Database(postgres.url("nowhere").replace(str(postgres.socket_folder), "/nowhere"))
    with pytest.raises(UNAVAILABLE), away.transaction() as tx:
        tx.errors.names()
    away.close()


def test_the_environment_has_to_name_the_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRSCALE_DATABASE_URL", raising=False)
    with pytest.raises(RuntimeError, match="AIRSCALE_DATABASE_URL is not set"):
        Database.from_environment()
