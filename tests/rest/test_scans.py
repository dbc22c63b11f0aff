"""Scans, and registering of sources, over REST."""

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from catalog.catalogue import Catalogue
from tests.support.catalogues import World

pytestmark = pytest.mark.airflow
URL = "/scale/api"


@pytest.fixture
def world(catalogue: Catalogue, tmp_path: Path) -> World:
    """Return a catalogue with a file in the workspace ``raw`` that it does not know."""
    world = World.over(catalogue, tmp_path)
    (tmp_path / "raw" / "in").mkdir(parents=True)
    (tmp_path / "raw" / "in" / "a.tif").write_bytes(b"pixels")
    return world


def created(client: TestClient) -> dict[str, Any]:
    body = {"name": "all", "configuration": {"workspace_name": "raw"}}
    answer = client.post(f"{URL}/scans/", json=body)
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"].endswith(f"/scans/{answer.json()['id']}/")
    found: dict[str, Any] = answer.json()
    return found


def test_a_scan_is_created_run_and_shown_with_its_counts(client: TestClient, world: World) -> None:
    scan = created(client)

    answer = client.post(f"{URL}/scans/{scan['id']}/process/", json={"ingest": True})
    assert (answer.status_code, answer.json()["status"]) == (202, "QUEUED")
    world.catalogue.scans.run(scan["id"])

    details = client.get(f"{URL}/scans/{scan['id']}/").json()
    assert (details["status"], details["found"], details["registered"]) == ("INGESTED", 1, 1)
    (listed,) = client.get(f"{URL}/scans/", params={"name": "all"}).json()["results"]
    assert listed["id"] == scan["id"]
    assert client.get(f"{URL}/sources/").json()["count"] == 1


def test_a_wrong_scan_is_400_and_an_unknown_one_404(client: TestClient, world: World) -> None:
    del world
    body = {"name": "x", "configuration": {"workspace_name": "nowhere"}}
    assert client.post(f"{URL}/scans/", json=body).status_code == 400
    assert client.get(f"{URL}/scans/77/").status_code == 404
    assert client.post(f"{URL}/scans/77/process/", json={}).status_code == 404


def test_a_file_of_a_workspace_becomes_a_source(client: TestClient, world: World) -> None:
    del world
    body = {"workspace_name": "raw", "file_path": "in/a.tif", "data_types": ["x"]}

    first = client.post(f"{URL}/sources/", json=body)
    again = client.post(f"{URL}/sources/", json=body)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["data_type"] == ["x"]
    assert first.headers["Location"].endswith(f"/sources/{first.json()['id']}/")


def test_a_file_that_is_not_there_becomes_none(client: TestClient, world: World) -> None:
    del world
    for file_path in ("in/gone.tif", "../raw/in/a.tif", ""):
        body = {"workspace_name": "raw", "file_path": file_path}
        assert client.post(f"{URL}/sources/", json=body).status_code == 400
