"""Queueing over REST (seed 001, Queue Services; contract section 3)."""

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from catalog.catalogue import Catalogue
from tests.support.processing import scene_arrives
from tests.support.scenes import load_example

pytestmark = pytest.mark.airflow
SCALE = "/scale/api"
JOB = f"{SCALE}/queue/new-job/"
RECIPE = f"{SCALE}/queue/new-recipe/"


@pytest.fixture
def example(client: TestClient, catalogue: Catalogue, tmp_path: Path) -> TestClient:
    """Return a client of a catalogue with the example and a scene of it."""
    load_example(catalogue, tmp_path)
    scene_arrives(catalogue, tmp_path)
    return client


def type_id(client: TestClient, name: str) -> int:
    """Return the id of a job type."""
    answer = client.get(f"{SCALE}/job-types/", params={"name": name}).json()
    found: int = answer["results"][0]["id"]
    return found


def inputs(image: int, georeference: int) -> list[dict[str, Any]]:
    """Return the inputs of a geotiff-maker job."""
    return [
        {"name": "image", "file_id": image},
        {"name": "georeference_data", "file_id": georeference},
    ]


def job_data(**changes: Any) -> dict[str, Any]:
    """Return data of a geotiff-maker job on the scene."""
    return {
        "version": "1.0",
        "input_data": inputs(1, 2),
        "output_data": [{"name": "geo_image", "workspace_id": 2}],
        **changes,
    }


def test_a_queued_job_is_on_the_queue_with_its_inputs(example: TestClient) -> None:
    body = {"job_type_id": type_id(example, "geotiff-maker"), "job_data": job_data()}

    job = example.post(JOB, json=body).json()

    assert [(each["name"], each["value"]["file_name"]) for each in job["inputs"]] == [
        ("image", "scene.png"), ("georeference_data", "scene.csv"),
    ]  # fmt: skip
    assert job["outputs"] == [{"name": "geo_image", "type": "file", "value": None}]
    assert [each["id"] for each in job["input_files"]] == [1, 2]
    assert job["event"]["description"] == {"user": "admin"}


def test_the_queue_counts_jobs_by_type_with_the_paused_ones_last(
    example: TestClient, catalogue: Catalogue
) -> None:
    maker = type_id(example, "geotiff-maker")
    example.post(JOB, json={"job_type_id": maker, "job_data": job_data()})
    with catalogue.database.transaction() as tx:
        tx.job_types.update(maker, {"is_paused": True})
        detector = tx.job_types.find("point-detector", "4.5.6")
        assert detector is not None
        tx.job_types.update(detector.id, {"priority": 500})
    image = {"input_data": [{"name": "image", "file_id": 3}]}
    with catalogue.database.transaction() as tx:
        file = tx.files.get(1)
        tx.files.add(
            kind=file.kind,
            workspace_id=1,
            file_name="t.tif",
            file_path="t.tif",
            media_type="image/tiff",
            file_size=1,
            sha256="",
            data_type=[],
            countries=[],
            uuid="",
            meta_data={},
        )
    example.post(JOB, json={"job_type_id": detector.id, "job_data": job_data(**image)})

    status = example.get(f"{SCALE}/queue/status/").json()["queue_status"]

    assert [each["job_type_name"] for each in status] == ["point-detector", "geotiff-maker"]
    assert [each["count"] for each in status] == [1, 2]
    assert [each["is_job_type_paused"] for each in status] == [False, True]
    assert [each["highest_priority"] for each in status] == [500, 100]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (job_data(input_data=[]), "required input"),
        (job_data(input_data=inputs(2, 2)), "text/csv"),
        (job_data(input_data=inputs(99, 2)), "file 99"),
        (job_data(input_data=inputs(10**30, 2)), "file"),
        (job_data(output_data=[{"name": "geo_image", "workspace_id": 99}]), "workspace 99"),
        (job_data(output_data=[{"name": "geo_image", "workspace_id": 10**30}]), "workspace"),
        (job_data(colour="blue"), "colour"),
        (job_data(version="9.9"), "9.9"),
        ({"input_data": "x"}, "input_data"),
    ],
)  # fmt: skip
def test_data_that_does_not_fit_is_400_with_a_bare_string(
    example: TestClient, data: dict[str, Any], says: str
) -> None:
    answer = example.post(
        JOB, json={"job_type_id": type_id(example, "geotiff-maker"), "job_data": data}
    )

    assert answer.status_code == 400, answer.text
    sentence = answer.json()
    assert isinstance(sentence, str)
    assert sentence.startswith("Invalid job information.")
    assert says in sentence


@pytest.mark.parametrize(
    ("url", "body"),
    [
        (JOB, {"job_type_id": 999, "job_data": {}}),
        (RECIPE, {"recipe_type_id": 999, "recipe_data": {}}),
    ],
)
def test_a_type_that_does_not_exist_is_404_with_a_bare_string(
    example: TestClient, url: str, body: dict[str, Any]
) -> None:
    answer = example.post(url, json=body)

    assert answer.status_code == 404
    assert "999" in answer.json()
    assert isinstance(answer.json(), str)


@pytest.mark.parametrize(
    ("url", "content", "says"),
    [
        (JOB, "{}", "Missing required fields: job_type_id, job_data"),
        (RECIPE, '{"recipe_type_id": 1}', "Missing required fields: recipe_data"),
        (JOB, '{"job_type_id": "x", "job_data": {}}', "$.job_type_id: "),
        (JOB, f'{{"job_type_id": {10**30}, "job_data": {{}}}}', "$.job_type_id: "),
        (JOB, "{", "not JSON"),
    ],
)
def test_a_body_that_is_not_one_is_400_with_a_bare_string(
    example: TestClient, url: str, content: str, says: str
) -> None:
    answer = example.post(url, content=content, headers={"Content-Type": "application/json"})

    assert answer.status_code == 400
    assert says in answer.json()
    assert isinstance(answer.json(), str)


def test_recipe_data_that_does_not_fit_is_400_with_a_bare_string(example: TestClient) -> None:
    answer = example.post(
        RECIPE, json={"recipe_type_id": 1, "recipe_data": {"version": "1.0", "input_data": []}}
    )

    assert answer.status_code == 400
    assert answer.json().startswith("Invalid recipe information.")


def test_nothing_is_queued_when_the_data_is_refused(
    example: TestClient, catalogue: Catalogue
) -> None:
    before = example.get(f"{SCALE}/jobs/").json()["count"]

    example.post(RECIPE, json={"recipe_type_id": 1, "recipe_data": {"workspace_id": 2}})

    assert example.get(f"{SCALE}/jobs/").json()["count"] == before
    assert catalogue.queries.queue.status()[0].count == 1


def test_a_system_job_type_cannot_be_queued(example: TestClient) -> None:
    answer = example.post(
        JOB, json={"job_type_id": type_id(example, "scale-strike"), "job_data": {}}
    )

    assert answer.status_code == 400
