"""Bodies as programs of 2016 send them: without a content type, as curl does, and forms."""

import json
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient

pytestmark = pytest.mark.airflow
SCALE: Final = "/scale/api"
ERROR: Final = {"name": "7", "title": "Bad & worse", "description": "true", "category": "DATA"}
FORM: Final = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("content_type", [None, FORM, "text/plain", "application/octet-stream"])
def test_json_is_json_whatever_the_content_type_says(
    client: TestClient, content_type: str | None
) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}

    answer = client.post(f"{SCALE}/errors/", content=json.dumps(ERROR), headers=headers)

    assert answer.status_code == 201, answer.text
    assert {name: answer.json()[name] for name in ERROR} == ERROR


def test_a_form_stands_for_an_object_whose_texts_stay_texts(client: TestClient) -> None:
    answer = client.post(f"{SCALE}/errors", data=ERROR)

    assert answer.status_code == 201, answer.text
    assert {name: answer.json()[name] for name in ERROR} == ERROR


def test_a_form_has_truths_numbers_and_lists_where_they_belong(world: TestClient) -> None:
    paused = world.patch(f"{SCALE}/scheduler/", data={"is_paused": "True", "pause_reason": "1"})
    assert (paused.status_code, paused.json()) == (201, {"is_paused": True, "pause_reason": "1"})

    node = world.put(f"{SCALE}/nodes/1/", data={"hostname": "9", "port": "5051"})
    assert (node.json()["hostname"], node.json()["port"]) == ("9", 5051)

    failed = world.get(f"{SCALE}/jobs/", params={"status": "FAILED"}).json()["results"][0]["id"]
    form = {"job_ids": [failed, 10**6], "status": ["FAILED", "CANCELED"], "priority": "3"}
    requeued = world.post(f"{SCALE}/queue/requeue-jobs/", data=form)
    assert requeued.status_code == 200, requeued.text
    assert [(each["id"], each["priority"]) for each in requeued.json()["results"]] == [(failed, 3)]


@pytest.mark.parametrize(
    "form",
    [
        {"is_paused": "perhaps"},
        {"colour": "blue"},
        {},
        {"is_paused": ["true", "false"], "pause_reason": "\0"},
    ],
)
def test_a_form_that_cannot_be_is_400(client: TestClient, form: dict[str, Any]) -> None:
    headers = {"Content-Type": FORM}
    answer = client.patch(f"{SCALE}/scheduler/", data=form, headers=headers)

    assert answer.status_code == 400, answer.text
    assert isinstance(answer.json(), str)


def test_what_may_come_from_another_site_has_to_say_that_it_is_json(
    client: TestClient,
) -> None:
    token = str(client.headers.pop("Authorization")).partition(" ")[2]
    client.cookies.set("_token", token)

    refused = client.post(
        f"{SCALE}/errors/", content=json.dumps(ERROR), headers={"Content-Type": "text/plain"}
    )
    accepted = client.post(f"{SCALE}/errors/", json=ERROR)

    assert (refused.status_code, accepted.status_code) == (400, 201), accepted.text


@pytest.mark.parametrize("path", ["/jobs/", "/jobs", "/jobs/1/", "/sources/1/", "/version/"])
def test_head_answers_as_get_without_a_body(readonly_world: TestClient, path: str) -> None:
    head = readonly_world.head(f"{SCALE}{path}")
    full = readonly_world.get(f"{SCALE}{path}")

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Type"] == full.headers["Content-Type"]
    assert readonly_world.head(f"{SCALE}/jobs/999999/").status_code == 404
