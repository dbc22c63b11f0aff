"""The Scale dialect, served as in Airflow's API server."""

from collections.abc import Iterator, Mapping

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from catalog.catalogue import Catalogue
from catalog.database import Database
from tests.support.airflow import scale_app, serving


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
