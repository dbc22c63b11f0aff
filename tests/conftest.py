"""Fixtures of every room: a PostgreSQL server for the session, a catalogue for each test."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import settings

from catalog import migrations
from catalog.catalogue import Catalogue
from catalog.database import Database
from tests.support.environment import set_environment
from tests.support.postgres import PostgresServer, running_postgres

if TYPE_CHECKING:
    from fastapi import FastAPI

    from tests.support.s3 import S3Server

_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - mkdtemp makes the folder safe; databases copy fast
_FOLDER: Final = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    """Name the session's folder, and tell Airflow of it before any test module imports Airflow."""
    folder = Path(
        tempfile.mkdtemp(prefix="airscale-tests-", dir=_MEMORY if _MEMORY.is_dir() else None)
    )
    config.stash[_FOLDER] = folder
    # Correctness never hangs on a time: a busy machine is no reason to fail.
    settings.register_profile("airscale", deadline=None)
    settings.load_profile("airscale")
    set_environment(folder, folder / "pg")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the session's folder."""
    shutil.rmtree(config.stash[_FOLDER], ignore_errors=True)


@pytest.fixture(scope="session")
def postgres(pytestconfig: pytest.Config) -> Iterator[PostgresServer]:
    """Run one server for the session."""
    with running_postgres(pytestconfig.stash[_FOLDER] / "pg") as server:
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


@pytest.fixture(scope="session")
def airflow_database(postgres: PostgresServer) -> None:
    """Make Airflow's database once, with users and our permissions."""
    from tests.support import airflow  # noqa: PLC0415 - seconds to import

    airflow.migrate(postgres)


@pytest.fixture(scope="session")
def auth_app(airflow_database: None) -> "FastAPI":  # noqa: ARG001 - only has to be there
    """Return Airflow's sign-in."""
    from tests.support import airflow  # noqa: PLC0415 - seconds to import

    return airflow.sign_in_app()


@pytest.fixture(scope="session")
def user_tokens(auth_app: "FastAPI") -> Mapping[str, str]:
    """Return a token for each user, by name."""
    from tests.support import airflow  # noqa: PLC0415 - seconds to import

    return airflow.tokens(auth_app)


@pytest.fixture(scope="session")
def s3_server() -> Iterator["S3Server"]:
    """Run a server that speaks the protocol of S3 for the session."""
    from tests.support.s3 import running_s3  # noqa: PLC0415 - takes a second to import

    with running_s3() as server:
        yield server


@pytest.fixture
def s3_bucket(s3_server: "S3Server", monkeypatch: pytest.MonkeyPatch) -> str:
    """Return a bucket of the test's own, and set the connection to its server."""
    from tests.support.s3 import VARIABLE  # noqa: PLC0415 - as above

    monkeypatch.setenv(VARIABLE, s3_server.connection)
    return s3_server.new_bucket()
