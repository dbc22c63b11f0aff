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


def test_a_workspace_can_be_archived_from_the_beginning(client: TestClient, tmp_path: Path) -> None:
    created = client.post(URL, json=body(tmp_path) | {"is_active": False}).json()

    assert not created["is_active"]
    assert created["archived"] is not None


def test_the_details_have_every_field_of_the_seed(client: TestClient, tmp_path: Path) -> None:
    location = client.post(URL, json=body(tmp_path)).headers["Location"]

    details = client.get(location).json()

    assert list(details) == [
        "id", "name", "title", "description", "base_url", "is_active", "is_move_enabled",
        "used_size", "total_size",
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


def test_an_edit_changes_what_it_names(client: TestClient, tmp_path: Path) -> None:
    location = client.post(URL, json=body(tmp_path)).headers["Location"]
    before = client.get(location).json()
    broker = {"type": "host", "host_path": str(tmp_path / "other")}
    changes = {
        "description": "Another",
        "base_url": "http://host.com/rs",
        "json_config": {"version": "1.0", "broker": broker},
        "colour": "blue",
        "name": "other",
    }

    answer = client.patch(location, json=changes)

    assert answer.status_code == 200, answer.text
    details = answer.json()
    assert client.get(location).json() == details
    assert (details["name"], details["title"]) == ("rs", "Raw Source")
    assert (details["description"], details["base_url"]) == ("Another", "http://host.com/rs")
    assert details["json_config"]["broker"] == broker
    assert details["last_modified"] > before["last_modified"]


def test_null_empties_and_the_title_is_the_name_again(client: TestClient, tmp_path: Path) -> None:
    location = client.post(URL, json=body(tmp_path) | {"description": "x"}).headers["Location"]

    details = client.patch(location, json={"title": None, "description": None}).json()

    assert (details["title"], details["description"]) == ("rs", None)


def test_an_empty_edit_changes_nothing(client: TestClient, tmp_path: Path) -> None:
    location = client.post(URL, json=body(tmp_path / "gone")).headers["Location"]
    before = client.get(location).json()

    assert client.patch(location, json={}).json() == before


def test_archiving_sets_the_time_and_an_archived_workspace_comes_back(
    client: TestClient, tmp_path: Path
) -> None:
    location = client.post(URL, json=body(tmp_path)).headers["Location"]

    archived = client.patch(location, json={"is_active": False}).json()
    back = client.patch(location, json={"is_active": True}).json()

    assert (archived["is_active"], archived["archived"] is None) == (False, False)
    assert (back["is_active"], back["archived"]) == (True, None)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"json_config": {"broker": {"type": "ftp"}}}, "$.broker"),
        ({"json_config": None}, "$.json_config"),
        ({"json_config": {}}, "broker"),
        ({"title": 3}, "$.title"),
        ({"description": "a\x00"}, "NUL"),
        ({"is_active": "no"}, "$.is_active"),
        ({"is_active": None}, "$.is_active"),
    ],
)
def test_an_edit_that_is_not_valid_is_400_and_changes_nothing(
    client: TestClient, tmp_path: Path, changes: dict[str, Any], says: str
) -> None:
    location = client.post(URL, json=body(tmp_path / "gone")).headers["Location"]
    before = client.get(location).json()

    answer = client.patch(location, json={"base_url": "http://host.com", **changes})

    assert answer.status_code == 400, answer.text
    assert says in answer.json()["detail"]
    assert client.get(location).json() == before


@pytest.mark.parametrize("workspace_id", ["9999", "x", "0"])
def test_a_workspace_that_does_not_exist_cannot_be_edited(
    client: TestClient, workspace_id: str
) -> None:
    assert client.patch(f"{URL}{workspace_id}/", json={"title": "x"}).status_code == 404


def test_validation_warns_of_storage_out_of_reach_and_saves_nothing(
    client: TestClient, tmp_path: Path
) -> None:
    fine = client.post(f"{URL}validation/", json=body(tmp_path))
    gone = client.post(f"{URL}validation/", json=body(tmp_path / "gone"))

    assert (fine.status_code, fine.json()) == (200, {"warnings": []})
    assert [each["id"] for each in gone.json()["warnings"]] == ["out-of-reach"]
    assert client.get(URL).json()["count"] == 0


@pytest.mark.parametrize(
    "changes", [{"json_config": {"broker": {"type": "ftp"}}}, {"name": ""}, {"name": None}]
)
def test_validation_refuses_what_creating_refuses(
    client: TestClient, tmp_path: Path, changes: dict[str, Any]
) -> None:
    for url in (URL, f"{URL}validation/"):
        assert client.post(url, json=body(tmp_path) | changes).status_code == 400
