"""What the apps of one process share, and what they answer when something of ours is broken."""

import threading

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from catalog.catalogue import Catalogue
from catalog.database import Database
from tests.support.airflow import runtime

pytestmark = pytest.mark.airflow


def dispatchers() -> list[threading.Thread]:
    """Return the dispatcher threads of this process."""
    return [each for each in threading.enumerate() if each.name == "airscale-dispatcher"]


def test_the_first_app_opens_the_catalogue_and_the_last_closes_it(database_url: str) -> None:
    opened: list[Catalogue] = []

    def open_catalogue() -> Catalogue:
        opened.append(Catalogue(Database(database_url)))
        return opened[-1]

    shared = runtime(open_catalogue)
    first = shared.acquire()
    assert shared.acquire() is first
    shared.release()
    assert opened == [first]
    shared.release()
    assert shared.acquire() is not first
    shared.release()


@pytest.mark.parametrize(("setting", "threads"), [("0", 0), ("off", 0), ("1", 1), (None, 1)])
def test_the_dispatcher_runs_beside_the_apps_unless_it_is_switched_off(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch, setting: str | None, threads: int
) -> None:
    if setting is None:
        monkeypatch.delenv("AIRSCALE_DISPATCHER")
    else:
        monkeypatch.setenv("AIRSCALE_DISPATCHER", setting)
    shared = runtime(lambda: catalogue)

    shared.acquire()
    assert len(dispatchers()) == threads
    shared.release()

    assert dispatchers() == []


def test_a_catalogue_that_cannot_be_opened_is_tried_again(catalogue: Catalogue) -> None:
    attempts = iter([RuntimeError("not yet"), None])

    def open_catalogue() -> Catalogue:
        error = next(attempts)
        if error is not None:
            raise error
        return catalogue

    shared = runtime(open_catalogue)
    with pytest.raises(RuntimeError, match="not yet"):
        shared.acquire()

    assert shared.acquire() is catalogue
    shared.release()


def test_a_database_that_does_not_answer_is_503_with_a_sentence(
    client: TestClient, scale: FastAPI
) -> None:
    scale.state.catalogue = Catalogue(
        Database("postgresql+psycopg://postgres@/nowhere?host=/nonexistent")
    )

    answer = client.get("/scale/api/workspaces/")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "does not answer" in answer.json()["detail"]


def test_a_fault_of_ours_is_500_without_its_text(
    client: TestClient, scale: FastAPI, database_url: str
) -> None:
    broken = Catalogue(Database(database_url))
    with broken.database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE workspace RENAME COLUMN title TO heading")
    scale.state.catalogue = broken
    quiet = TestClient(client.app, raise_server_exceptions=False, headers=dict(client.headers))

    answer = quiet.get("/scale/api/workspaces/")

    assert answer.status_code == 500
    assert answer.json()["detail"].startswith("Something went wrong inside Airscale.")
    assert "heading" not in answer.text
    broken.database.close()
