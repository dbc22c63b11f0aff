"""Airflow for tests: its database, users, and our apps behind its sign-in.

Airflow is imported inside the functions: it takes seconds, and reads its environment then.
"""

import secrets
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from fastapi import FastAPI
from fastapi.testclient import TestClient

from catalog.catalogue import Catalogue
from tests.support.environment import AIRFLOW_DATABASE
from tests.support.postgres import PostgresServer

if TYPE_CHECKING:
    from plugins.rest.runtime import Runtime

PASSWORD: Final = secrets.token_urlsafe(16)
USERS: Final[Mapping[str, str]] = {"admin": "Admin", "viewer": "Viewer", "stranger": "Public"}


def migrate(postgres: PostgresServer) -> None:
    """Make Airflow's database, with our permissions and the users of `USERS`."""
    postgres.create(name=AIRFLOW_DATABASE)
    with warnings.catch_warnings():  # Airflow's own migrations and views, which are not under test
        warnings.simplefilter("ignore")
        _migrate()


def _migrate() -> None:
    from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder
    from airflow.providers_manager import ProvidersManager
    from airflow.utils.db import upgradedb

    from plugins.rest.permissions import PERMISSIONS

    ProvidersManager().initialize_providers_configuration()
    upgradedb()
    with get_application_builder() as builder:
        manager: Any = builder.sm
        for action, resource in PERMISSIONS:
            permission = manager.create_permission(action, resource)
            for role in ("Admin", "Viewer") if action == "can_read" else ("Admin",):
                manager.add_permission_to_role(manager.find_role(role), permission)
        for name, role in USERS.items():
            manager.add_user(
                name, name.title(), "Tester", f"{name}@localhost", manager.find_role(role), PASSWORD
            )


def sign_in_app() -> FastAPI:
    """Return the app of Airflow's auth manager, as Airflow mounts it under ``/auth``."""
    from airflow.api_fastapi.app import init_auth_manager

    with warnings.catch_warnings():  # Flask-AppBuilder's own, about rate limits kept in memory
        warnings.simplefilter("ignore")
        app: FastAPI = init_auth_manager().get_fastapi_app()
    return app


def runtime(open_catalogue: Callable[[], Catalogue]) -> "Runtime":
    """Return what the apps of one process share."""
    from plugins.rest.runtime import Runtime

    return Runtime(open_catalogue)


def scale_app(open_catalogue: Callable[[], Catalogue]) -> FastAPI:
    """Return the app of the Scale dialect."""
    from plugins.rest.scale.application import create_scale_app

    return create_scale_app(runtime(open_catalogue))


def dialect_apps(open_catalogue: Callable[[], Catalogue]) -> dict[str, FastAPI]:
    """Return the apps of all dialects by their prefixes, Scale's among them."""
    from plugins.rest.dialects import DIALECTS
    from plugins.rest.scale.application import create_scale_app

    shared = runtime(open_catalogue)
    return {
        "/scale/api": create_scale_app(shared),
        **{prefix: dialect.app(shared) for dialect in DIALECTS for prefix in dialect.prefixes},
    }


def pages_app(open_catalogue: Callable[[], Catalogue]) -> FastAPI:
    """Return the app of the pages."""
    from plugins.views.application import create_pages_app

    return create_pages_app(runtime(open_catalogue))


@contextmanager
def serving(apps: Mapping[str, FastAPI], root_path: str = "") -> Iterator[TestClient]:
    """Serve apps by their prefixes, with their lifespans, as Airflow's API server does."""
    from airflow.api_fastapi.app import lifespan

    server = FastAPI(lifespan=lifespan, root_path=root_path)
    for prefix, app in apps.items():
        server.mount(prefix, app)
    with TestClient(server, base_url="http://airscale.test") as client:
        yield client


def tokens(app: FastAPI) -> Mapping[str, str]:
    """Return a token of ``POST /auth/token`` for each user."""
    client = TestClient(app)
    return {
        name: client.post("/token", json={"username": name, "password": PASSWORD}).json()[
            "access_token"
        ]
        for name in USERS
    }


def api_server() -> FastAPI:
    """Return Airflow's own application, with its plugins."""
    from airflow.api_fastapi.app import create_app

    with warnings.catch_warnings():  # Airflow's own
        warnings.simplefilter("ignore")
        app: FastAPI = create_app("core")
    return app
