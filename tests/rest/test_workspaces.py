"""Workspaces over REST (seed 001, Workspace Services)."""

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

pytestmark = pytest.mark.airflow
URL = "/scale/api/workspaces/"


def body(folder: Path, name: str = "rs") -> dict[str, Any]:
    """Return what a workspace is made from."""
    broker = {"type": "host", "host_path": str(folder)}
    return {
        "name": name,
        "title": "Raw Source",
        "json_config": {"version": "1.0", "broker": broker},
    }


def test_a_created_workspace_is_answered_with_201_and_its_location(
    client: TestClient, tmp_path: Path
) -> None:
    answer = client.post(URL, json=body(tmp_path))

    assert answer.status_code == 201
    assert answer.headers["Location"] == f"http://airscale.test{URL}{answer.json()['id']}/"
    assert client.get(answer.headers["Location"]).json()["name"] == "rs"


def test_the_details_have_every_field_of_the_seed(client: TestClient, tmp_path: Path) -> None:
    location = client.post(URL, json=body(tmp_path)).headers["Location"]

    details = client.get(location).json()

    assert list(details) == [
        "id", "name", "title", "description", "base_url", "is_active", "used_size", "total_size",
        "created", "archived", "last_modified", "json_config",
    ]  # fmt: skip
    assert details["total_size"] > details["used_size"] > 0
    assert details["json_config"]["broker"] == {"type": "host", "host_path": str(tmp_path)}


def test_workspaces_are_listed_by_name_and_can_be_filtered_by_several_names(
    client: TestClient, tmp_path: Path
) -> None:
    for name in ("c", "a", "b"):
        client.post(URL, json=body(tmp_path, name))

    assert [each["name"] for each in client.get(URL).json()["results"]] == ["a", "b", "c"]
    filtered = client.get(URL, params={"name": ["c", "b"]}).json()
    assert [each["name"] for each in filtered["results"]] == ["b", "c"]
    assert "json_config" not in filtered["results"][0]


def test_the_sizes_are_null_while_the_storage_is_out_of_reach(
    client: TestClient, tmp_path: Path
) -> None:
    client.post(URL, json=body(tmp_path / "gone"))

    workspace = client.get(URL).json()["results"][0]

    assert (workspace["used_size"], workspace["total_size"]) == (None, None)


def test_a_second_workspace_of_the_same_name_is_refused(client: TestClient, tmp_path: Path) -> None:
    client.post(URL, json=body(tmp_path))

    answer = client.post(URL, json=body(tmp_path))

    assert answer.status_code == 400
    assert "named 'rs' already" in answer.json()["detail"]


def test_a_configuration_that_is_not_one_is_refused_with_its_place(
    client: TestClient, tmp_path: Path
) -> None:
    answer = client.post(URL, json=body(tmp_path) | {"json_config": {"broker": {"type": "ftp"}}})

    assert answer.status_code == 400
    assert "$.broker" in answer.json()["detail"]
