"""The app of the pages, served for the session; each test gives it a catalogue of its own."""

from collections.abc import Iterator, Mapping

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from catalog.catalogue import Catalogue
from catalog.database import Database
from tests.support.airflow import pages_app, serving


@pytest.fixture(scope="session")
def pages(auth_app: FastAPI) -> FastAPI:  # noqa: ARG001 - the sign-in has to be there first
    """Return the app of the pages; each test gives it a catalogue."""
    return pages_app(lambda: Catalogue(Database("postgresql+psycopg://nowhere")))


@pytest.fixture(scope="session")
def pages_server(pages: FastAPI) -> Iterator[TestClient]:
    """Serve the pages for the session."""
    with serving({"/airscale": pages}) as client:
        yield client


@pytest.fixture
def browser(
    pages_server: TestClient,
    pages: FastAPI,
    catalogue: Catalogue,
    user_tokens: Mapping[str, str],
) -> TestClient:
    """Return a client with the cookie of a person who may read."""
    pages.state.catalogue = catalogue
    pages_server.cookies.set("_token", user_tokens["viewer"])
    return pages_server


@pytest.fixture
def operator(browser: TestClient, user_tokens: Mapping[str, str]) -> TestClient:
    """Return a client with the cookie of a person who may do everything."""
    browser.cookies.set("_token", user_tokens["admin"])
    return browser
