"""The plugin inside Airflow's own API server application."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from starlette.routing import Mount, Route

from catalog.catalogue import Catalogue
from catalog.database import Database
from plugins.rest.dialects import DIALECTS
from plugins.rest.version import VERSION
from tests.support.airflow import api_server
from tests.support.environment import PROJECT_ROOT
from tests.support.postgres import PostgresServer
from tests.support.scenes import arrive, load_example

pytestmark = pytest.mark.airflow
PREFIXES: Final = (
    "/scale/api",
    "/airscale",
    *(prefix for dialect in DIALECTS for prefix in dialect.prefixes),
)

_TO_SIGN_IN: Final = {
    ("POST", "/pai/api/v1/token"), ("POST", "/pai/rest-server/api/v1/token")
}  # fmt: skip


@pytest.fixture(scope="module")
def stored(
    postgres: PostgresServer, catalogue_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Return the URL of a catalogue with a text file of 10,000 bytes, the first source."""
    name = postgres.create(catalogue_template)
    database = Database(postgres.url(name))
    folder = tmp_path_factory.mktemp("stored")
    load_example(Catalogue(database), folder)
    path = folder / "text.txt"
    path.write_bytes(b"0123456789" * 1000)
    arrive(Catalogue(database), path)
    database.close()
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture(scope="module")
def airflow_server(user_tokens: Mapping[str, str], stored: str) -> Iterator[TestClient]:  # noqa: ARG001 - users must be there
    """Return a client of Airflow's application with the plugin in it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRSCALE_DATABASE_URL", stored)
        with TestClient(api_server(), base_url="http://airscale.test") as client:
            yield client


@pytest.fixture
def admin(user_tokens: Mapping[str, str]) -> dict[str, str]:
    """Return the headers of an administrator."""
    return {"Authorization": f"Bearer {user_tokens['admin']}"}


def mounted(client: TestClient) -> Iterator[tuple[str, FastAPI]]:
    """Yield our apps with their prefixes."""
    for route in client.app.routes:  # type: ignore[attr-defined]  # Starlette's routes
        if isinstance(route, Mount) and route.path in PREFIXES:
            assert isinstance(route.app, FastAPI)
            yield route.path, route.app


def operations(client: TestClient) -> Iterator[tuple[str, str]]:
    """Yield the method and path of everything our apps answer."""
    for prefix, app in mounted(client):
        for route in app.routes:
            assert isinstance(route, Route | Mount), f"{route} is not walked"
            path = prefix + route.path.replace("{name}", "swagger-ui.css")
            for parameter in route.param_convertors if isinstance(route, Route) else ():
                path = path.replace(f"{{{parameter}}}", "1")
            methods = (route.methods or set()) if isinstance(route, APIRoute | Route) else {"GET"}
            yield from ((method, path) for method in methods if (method, path) not in _TO_SIGN_IN)


def test_every_app_is_mounted(airflow_server: TestClient) -> None:
    assert {prefix for prefix, _ in mounted(airflow_server)} == set(PREFIXES)


def test_every_operation_demands_a_user(airflow_server: TestClient) -> None:
    walked = list(operations(airflow_server))

    assert len(walked) > 60
    let_in = [
        (method, path)
        for method, path in walked
        if airflow_server.request(method, path).status_code != 401
    ]
    assert let_in == []


def test_every_operation_demands_a_permission(
    airflow_server: TestClient, user_tokens: Mapping[str, str]
) -> None:
    stranger = {"Authorization": f"Bearer {user_tokens['stranger']}"}

    permitted = [
        (method, path)
        for method, path in operations(airflow_server)
        if airflow_server.request(method, path, headers=stranger).status_code != 403
    ]
    assert permitted == []


def test_the_dialect_answers_beside_airflows_own_interface(
    airflow_server: TestClient, admin: dict[str, str]
) -> None:
    version = airflow_server.get("/scale/api/version/", headers=admin)

    assert version.json() == {"version": VERSION}
    assert airflow_server.get("/api/v2/version").status_code == 200


def test_airflow_knows_the_pages(airflow_server: TestClient, admin: dict[str, str]) -> None:
    plugins: list[dict[str, Any]] = airflow_server.get("/api/v2/plugins", headers=admin).json()[
        "plugins"
    ]

    (ours,) = [each for each in plugins if each["name"] == "airscale"]
    view, *tabs = ours["external_views"]
    assert {each["destination"] for each in tabs} == {"dag_run", "task_instance"}
    assert (view["name"], view["destination"], view["category"]) == ("Airscale", "nav", "browse")
    for address in (view["href"], view["icon"], view["icon_dark_mode"]):
        assert airflow_server.get(address, headers=admin).status_code == 200


def test_a_download_keeps_its_size_though_airflow_compresses_answers(
    airflow_server: TestClient, admin: dict[str, str]
) -> None:
    headers = {**admin, "Accept-Encoding": "gzip"}

    answer = airflow_server.get("/scale/api/files/1/", headers=headers)

    assert answer.headers["Content-Length"] == "10000"
    assert answer.content == b"0123456789" * 1000


def test_nothing_of_the_web_is_loaded_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRSCALE_WEB")
    source = (PROJECT_ROOT / "plugins" / "airscale_plugin.py").read_text()
    namespace: dict[str, Any] = {"__name__": "airscale_plugin"}

    exec(compile(source, "airscale_plugin.py", "exec"), namespace)  # noqa: S102 - as Airflow does

    plugin = namespace["AirscalePlugin"]
    assert (plugin.fastapi_apps, plugin.external_views) == ([], [])
    assert "web" not in vars(plugin)


@pytest.mark.filterwarnings("ignore:GitWildMatchPattern")  # Airflow's own choice
def test_airflow_takes_one_file_of_the_folder_for_a_plugin() -> None:
    from airflow._shared.module_loading import find_path_from_directory  # noqa: PLC0415

    found = find_path_from_directory(str(PROJECT_ROOT / "plugins"), ".airflowignore", "glob")

    assert [Path(each).name for each in found if each.endswith(".py")] == ["airscale_plugin.py"]


def test_the_version_is_the_projects() -> None:
    project = (PROJECT_ROOT / "pyproject.toml").read_text()

    assert f'version = "{VERSION}"' in project
