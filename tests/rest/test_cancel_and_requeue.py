"""Cancelling and requeueing jobs over REST (contract sections 1 and 3)."""

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from catalog.catalogue import Catalogue
from tests.support.processing import complete_next, fail_next, scene_arrives
from tests.support.scenes import load_example

pytestmark = pytest.mark.airflow
SCALE = "/scale/api"
REQUEUE = f"{SCALE}/queue/requeue-jobs/"
CANCEL = {"status": "CANCELED"}


@pytest.fixture
def scene(client: TestClient, catalogue: Catalogue, tmp_path: Path) -> TestClient:
    """Return a client of a catalogue with a scene: job 1 is queued, job 2 waits for it."""
    load_example(catalogue, tmp_path)
    scene_arrives(catalogue, tmp_path)
    return client


@pytest.fixture
def failed(scene: TestClient, catalogue: Catalogue) -> TestClient:
    """Return a client of a catalogue whose job 1 has failed, which blocks job 2."""
    fail_next(catalogue, "bad-image")
    return scene


def statuses(client: TestClient) -> dict[int, str]:
    """Return the status of every job, by id."""
    found = client.get(f"{SCALE}/jobs/").json()["results"]
    return {each["id"]: each["status"] for each in found}


def test_a_cancelled_job_is_answered_with_its_details_and_blocks_its_children(
    scene: TestClient,
) -> None:
    answer = scene.patch(f"{SCALE}/jobs/1/", json=CANCEL)

    assert answer.status_code == 200, answer.text
    job = answer.json()
    assert (job["id"], job["status"], job["reason"]) == (1, "CANCELED", "Cancelled by admin.")
    assert job["job_exes"][0]["status"] == "CANCELED"
    assert job.keys() == scene.get(f"{SCALE}/jobs/1/").json().keys()
    assert statuses(scene) == {1: "CANCELED", 2: "BLOCKED"}


@pytest.mark.parametrize("job_id", [1, 2])
def test_a_job_that_failed_or_waits_can_be_cancelled(failed: TestClient, job_id: int) -> None:
    assert failed.patch(f"{SCALE}/jobs/{job_id}/", json=CANCEL).status_code == 200
    assert statuses(failed)[job_id] == "CANCELED"


def test_a_job_that_has_completed_or_is_cancelled_cannot_be_cancelled(
    scene: TestClient, catalogue: Catalogue, tmp_path: Path
) -> None:
    complete_next(catalogue, tmp_path)
    scene.patch(f"{SCALE}/jobs/2/", json=CANCEL)

    for job_id in (1, 2):
        answer = scene.patch(f"{SCALE}/jobs/{job_id}/", json=CANCEL)
        assert answer.status_code == 400
        assert f"Job {job_id} is" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({}, "No fields"),
        ({"status": "QUEUED"}, "CANCELED"),
        ({"status": None}, "CANCELED"),
        ({"status": ["CANCELED"]}, "CANCELED"),
        ({"status": "CANCELED", "priority": 1, "colour": 2}, "Unexpected fields: colour, priority"),
        ([], "not a JSON object"),
    ],
)
def test_any_other_change_of_a_job_is_400(scene: TestClient, body: Any, says: str) -> None:
    answer = scene.patch(f"{SCALE}/jobs/1/", json=body)

    assert answer.status_code == 400
    assert says in answer.json()["detail"]
    assert statuses(scene)[1] == "QUEUED"


@pytest.mark.parametrize("job_id", [99, "x"])
def test_a_job_that_does_not_exist_cannot_be_cancelled(scene: TestClient, job_id: Any) -> None:
    assert scene.patch(f"{SCALE}/jobs/{job_id}/", json=CANCEL).status_code == 404


def test_failed_jobs_are_requeued_and_answered_as_a_list(failed: TestClient) -> None:
    answer = failed.post(REQUEUE, json={"status": "FAILED", "priority": 3})

    assert answer.status_code == 200, answer.text
    page = answer.json()
    assert (page["count"], page["next"], page["previous"]) == (1, None, None)
    (job,) = page["results"]
    assert (job["id"], job["status"], job["priority"]) == (1, "QUEUED", 3)
    listed = failed.get(f"{SCALE}/jobs/", params={"job_id": 1}).json()["results"]
    assert listed == [job]
    assert statuses(failed) == {1: "QUEUED", 2: "PENDING"}


@pytest.mark.parametrize(
    ("body", "ids"),
    [
        ({}, [1, 2]),
        ({"status": ["FAILED", "BLOCKED"]}, [1, 2]),
        ({"job_ids": [2]}, [2]),
        ({"job_ids": []}, [1, 2]),
        ({"job_type_names": ["geotiff-maker"]}, [1]),
        ({"job_type_categories": ["example"], "status": "FAILED"}, [1]),
        ({"started": "PT1H"}, [1, 2]),
        ({"job_ids": [1, 2], "ended": "2999-01-01T00:00:00Z", "colour": "blue"}, [1, 2]),
    ],
)
def test_jobs_to_requeue_can_be_filtered(
    failed: TestClient, body: dict[str, Any], ids: list[int]
) -> None:
    answer = failed.post(REQUEUE, json=body)

    assert answer.status_code == 200, answer.text
    assert [each["id"] for each in answer.json()["results"]] == ids
    assert statuses(failed)[1] == ("QUEUED" if 1 in ids else "FAILED")


@pytest.mark.parametrize(
    "body",
    [
        {"job_ids": [99]},
        {"status": "EXPLODED"},
        {"job_type_ids": [99]},
        {"ended": "PT1H"},
        {"job_ids": [1], "status": "CANCELED"},
    ],
)
def test_nothing_to_requeue_is_404_with_a_bare_string(
    failed: TestClient, body: dict[str, Any]
) -> None:
    answer = failed.post(REQUEUE, json=body)

    assert answer.status_code == 404
    assert "No job matches" in answer.json()


@pytest.mark.parametrize(
    "body",
    [
        {"started": "2015-01-01T00:00:00"},
        {"started": "PT1H", "ended": "PT2H"},
        {"job_ids": ["x"]},
        {"job_ids": 1},
        {"job_ids": [10**30]},
        {"job_type_names": ["\x00"]},
        {"status": 7},
        {"priority": "high"},
        {"priority": 10**30},
        [],
    ],
)
def test_a_requeue_that_cannot_be_read_is_400_with_a_bare_string(
    failed: TestClient, body: Any
) -> None:
    answer = failed.post(REQUEUE, json=body)

    assert answer.status_code == 400
    assert isinstance(answer.json(), str)
    assert statuses(failed)[1] == "FAILED"
