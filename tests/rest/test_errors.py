"""Creating and editing errors over REST (seed 001, Error Services)."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

pytestmark = pytest.mark.airflow
URL = "/scale/api/errors/"
ERROR = {
    "name": "error1",
    "title": "Error 1",
    "description": "This is an algorithm error",
    "category": "ALGORITHM",
}


def test_a_created_error_is_answered_with_201_and_its_location(client: TestClient) -> None:
    answer = client.post(URL, json=ERROR)

    assert answer.status_code == 201, answer.text
    error = answer.json()
    assert list(error) == [
        "id", "name", "title", "description", "category", "created", "last_modified"
    ]  # fmt: skip
    assert error.items() >= ERROR.items()
    assert answer.headers["Location"] == f"http://airscale.test{URL}{error['id']}/"
    assert client.get(answer.headers["Location"]).json() == error


@pytest.mark.parametrize("missing", ERROR)
def test_every_field_of_a_new_error_is_required(client: TestClient, missing: str) -> None:
    answer = client.post(URL, json={k: v for k, v in ERROR.items() if k != missing})

    assert answer.status_code == 400
    assert missing in answer.json()["detail"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"category": "SYSTEM"}, "$.category"),
        ({"category": "OTHER"}, "$.category"),
        ({"name": ""}, "$.name"),
        ({"name": 3}, "$.name"),
        ({"name": "x" * 256}, "$.name"),
        ({"title": None}, "$.title"),
        ({"title": "a\x00"}, "$.title"),
        ({"description": []}, "$.description"),
        ({"name": "unknown"}, "already"),
    ],
)
def test_an_error_that_is_not_valid_is_400_with_its_place(
    client: TestClient, changes: dict[str, Any], says: str
) -> None:
    answer = client.post(URL, json=ERROR | changes)

    assert answer.status_code == 400
    assert says in answer.json()["detail"]


def test_a_second_error_of_the_same_name_is_refused(client: TestClient) -> None:
    client.post(URL, json=ERROR)

    answer = client.post(URL, json=ERROR)

    assert answer.status_code == 400
    assert "named 'error1' already" in answer.json()["detail"]


def test_an_edit_stays_and_leaves_what_it_does_not_name(client: TestClient) -> None:
    location = client.post(URL, json=ERROR).headers["Location"]

    answer = client.patch(location, json={"title": "My Error", "name": "other", "colour": "blue"})

    assert answer.status_code == 200, answer.text
    assert answer.json().items() >= {**ERROR, "title": "My Error"}.items()
    assert client.get(location).json() == answer.json()
    assert client.patch(location, json={"category": "DATA"}).json()["category"] == "DATA"


@pytest.mark.parametrize(
    "changes", [{"category": "SYSTEM"}, {"title": None}, {"category": "x"}, {"description": 1}]
)
def test_an_edit_that_is_not_valid_is_400_and_changes_nothing(
    client: TestClient, changes: dict[str, Any]
) -> None:
    location = client.post(URL, json=ERROR).headers["Location"]

    assert client.patch(location, json=changes).status_code == 400
    assert client.get(location).json().items() >= ERROR.items()


def test_a_builtin_error_cannot_be_edited(client: TestClient) -> None:
    error = client.get(URL).json()["results"][0]

    answer = client.patch(f"{URL}{error['id']}/", json={"title": "Mine"})

    assert answer.status_code == 400
    assert "built in" in answer.json()["detail"]
    assert client.get(f"{URL}{error['id']}/").json() == error


@pytest.mark.parametrize("error_id", ["9999", "x", "0"])
def test_an_error_that_does_not_exist_cannot_be_edited(client: TestClient, error_id: str) -> None:
    assert client.patch(f"{URL}{error_id}/", json={"title": "x"}).status_code == 404


@pytest.mark.parametrize("content", ["[]", "{", "3", ""])
def test_a_body_that_is_no_object_is_400(client: TestClient, content: str) -> None:
    answer = client.post(URL, content=content, headers={"Content-Type": "application/json"})

    assert answer.status_code == 400
