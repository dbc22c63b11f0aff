"""The dialects, served as in Airflow's API server."""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient

from catalog.catalogue import Catalogue
from catalog.database import Database
from tests.support.airflow import dialect_apps, serving
from tests.support.catalogues import World
from tests.support.running import run_queued


@pytest.fixture(scope="session")
def dialects(auth_app: FastAPI) -> Mapping[str, FastAPI]:  # noqa: ARG001 - the sign-in has to be there first
    """Return the apps by prefix; each test gives them a catalogue."""
    return dialect_apps(lambda: Catalogue(Database("postgresql+psycopg://nowhere")))


@pytest.fixture(scope="session")
def server(auth_app: FastAPI, dialects: Mapping[str, FastAPI]) -> Iterator[TestClient]:
    """Serve the apps for the session."""
    with serving({"/auth": auth_app, **dialects}) as client:
        yield client


@pytest.fixture
def anonymous(
    server: TestClient, dialects: Mapping[str, FastAPI], catalogue: Catalogue
) -> TestClient:
    """Return a client that nobody is signed in to, of a catalogue of the test's own."""
    for app in dialects.values():
        app.state.catalogue = catalogue
    server.headers.pop("Authorization", None)
    server.cookies.clear()
    return server


@pytest.fixture
def client(anonymous: TestClient, user_tokens: Mapping[str, str]) -> TestClient:
    """Return the client with an administrator's token."""
    anonymous.headers["Authorization"] = f"Bearer {user_tokens['admin']}"
    return anonymous


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder below which results are kept."""
    folder = tmp_path / "home"
    monkeypatch.setenv("AIRSCALE_HOME", str(folder))
    return folder


@dataclass(frozen=True, slots=True)
class Bench:
    """A catalogue whose jobs really run when a test asks for it."""

    world: World
    executions: Path

    def run(self) -> None:
        """Run every queued job to its end."""
        run_queued(self.world.catalogue, self.executions)


@pytest.fixture
def bench(world: World, tmp_path: Path) -> Bench:
    """Return the catalogue of the test, with jobs that run."""
    return Bench(world, tmp_path / "executions")


@pytest.fixture
def world(catalogue: Catalogue, tmp_path: Path) -> World:
    """Return a catalogue with workspaces, of the test's own."""
    return World.over(catalogue, tmp_path)


@pytest.fixture
def address(
    dialects: Mapping[str, FastAPI], catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """Return the address of a server with the dialects; jobs are processes of this host."""
    monkeypatch.setenv("AIRSCALE_PAI_RUNTIME", "process")
    app = FastAPI()
    for prefix, each in dialects.items():
        each.state.catalogue = catalogue
        app.mount(prefix, each)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning"))
    ready = threading.Event()
    original = server.startup

    async def startup(sockets: object = None) -> None:
        await original(sockets)  # type: ignore[arg-type]  # as uvicorn gives it
        ready.set()

    server.startup = startup  # type: ignore[method-assign]  # uvicorn tells nobody that it is up
    thread = threading.Thread(target=server.run)
    thread.start()
    assert ready.wait(timeout=60)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def pai_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the tasks of OpenPAI's jobs as processes of this host."""
    monkeypatch.setenv("AIRSCALE_PAI_RUNTIME", "process")
