"""The Scale dialect, served as in Airflow's API server."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from catalog.catalogue import Catalogue
from catalog.database import Database
from tests.rest.reading import shape
from tests.support.airflow import scale_app, serving
from tests.support.postgres import PostgresServer
from tests.support.worlds import fill


@pytest.fixture(scope="session")
def scale(auth_app: FastAPI) -> FastAPI:  # noqa: ARG001 - the sign-in has to be there first
    """Return the app of the Scale dialect; each test gives it a catalogue."""
    return scale_app(lambda: Catalogue(Database("postgresql+psycopg://nowhere")))


@pytest.fixture(scope="session")
def server(auth_app: FastAPI, scale: FastAPI) -> Iterator[TestClient]:
    """Serve the app for the session."""
    with serving({"/auth": auth_app, "/scale/api": scale}) as client:
        yield client


@pytest.fixture
def anonymous(server: TestClient, scale: FastAPI, catalogue: Catalogue) -> TestClient:
    """Return a client that nobody is signed in to, of a catalogue of the test's own."""
    scale.state.catalogue = catalogue
    server.headers.pop("Authorization", None)
    server.cookies.clear()
    return server


@pytest.fixture
def client(anonymous: TestClient, user_tokens: Mapping[str, str]) -> TestClient:
    """Return the client with an administrator's token."""
    anonymous.headers["Authorization"] = f"Bearer {user_tokens['admin']}"
    return anonymous


@pytest.fixture(scope="session")
def world_template(
    postgres: PostgresServer, catalogue_template: str, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """Return the name of a catalogue database with one of everything, to be copied."""
    name = postgres.create(catalogue_template)
    database = Database(postgres.url(name))
    fill(Catalogue(database), tmp_path_factory.mktemp("world"))
    database.close()
    return name


@contextmanager
def copied(postgres: PostgresServer, template: str) -> Iterator[Catalogue]:
    """Give a copy of a catalogue, and drop it."""
    name = postgres.create(template)
    database = Database(postgres.url(name))
    try:
        yield Catalogue(database)
    finally:
        database.close()
        postgres.drop(name)


@pytest.fixture
def worldly(postgres: PostgresServer, world_template: str) -> Iterator[Catalogue]:
    """Return a catalogue of the test's own with one of everything."""
    with copied(postgres, world_template) as catalogue:
        yield catalogue


@pytest.fixture(scope="session")
def readonly_catalogue(postgres: PostgresServer, world_template: str) -> Iterator[Catalogue]:
    """Return a catalogue with one of everything, for all tests that only read."""
    with copied(postgres, world_template) as catalogue:
        yield catalogue


@pytest.fixture
def world(
    server: TestClient, scale: FastAPI, worldly: Catalogue, user_tokens: Mapping[str, str]
) -> TestClient:
    """Return an administrator's client of a catalogue with one of everything."""
    scale.state.catalogue = worldly
    server.cookies.clear()
    server.headers["Authorization"] = f"Bearer {user_tokens['admin']}"
    return server


@pytest.fixture
def readonly_world(
    server: TestClient,
    scale: FastAPI,
    readonly_catalogue: Catalogue,
    user_tokens: Mapping[str, str],
) -> TestClient:
    """Return a client that may only read, of the catalogue of `readonly_catalogue`."""
    scale.state.catalogue = readonly_catalogue
    server.cookies.clear()
    server.headers["Authorization"] = f"Bearer {user_tokens['viewer']}"
    return server


@pytest.fixture
def parameters(scale: FastAPI) -> Callable[[str], set[str]]:
    """Return what tells the query parameters of a list."""
    paths = scale.openapi()["paths"]

    def of(path: str) -> set[str]:
        (found,) = (
            operations["get"]
            for each, operations in paths.items()
            if shape(each) == shape(path) and "get" in operations
        )
        return {each["name"] for each in found.get("parameters", ()) if each["in"] == "query"}

    return of
