"""Jobs, executions, recipes, ingests and configuration over REST."""

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from catalog.catalogue import Catalogue
from tests.support.processing import (
    begin_next,
    fail_next,
    ingested,
    processed_scene,
    scene_arrives,
    strike_configuration,
)
from tests.support.scenes import configuration, load_example

pytestmark = pytest.mark.airflow
SCALE = "/scale/api"


def results(client: TestClient, path: str, **parameters: Any) -> list[dict[str, Any]]:
    """Return the results of a list."""
    answer = client.get(f"{SCALE}{path}", params=parameters)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


@pytest.fixture
def failed(client: TestClient, catalogue: Catalogue, tmp_path: Path) -> TestClient:
    """Return a client of a catalogue with a job that failed and one that it blocks."""
    load_example(catalogue, tmp_path)
    scene_arrives(catalogue, tmp_path)
    fail_next(catalogue, "bad-image", "The image is truncated.")
    return client


def test_jobs_can_be_filtered_by_status_type_and_id(failed: TestClient) -> None:
    def ids(**parameters: Any) -> list[int]:
        return sorted(each["id"] for each in results(failed, "/jobs/", **parameters))

    assert ids() == [1, 2]
    assert ids(status="FAILED") == [1]
    assert ids(status=["BLOCKED", "FAILED"]) == [1, 2]
    assert ids(status="EXPLODED") == []
    assert ids(job_id=[2, 77]) == [2]
    assert ids(job_type_name="point-detector") == [2]
    assert ids(job_type_category="system") == []
    assert ids(order="-error__name", status="FAILED") == [1]


def test_a_failed_job_says_which_error_and_why(failed: TestClient) -> None:
    job = failed.get(f"{SCALE}/jobs/1/").json()

    assert (job["status"], job["error"]["name"], job["error"]["category"]) == (
        "FAILED", "bad-image", "DATA",
    )  # fmt: skip
    assert job["reason"] == "The image is truncated."
    execution = job["job_exes"][0]
    assert (execution["job_exit_code"], execution["detail"]) == (3, "The image is truncated.")


def test_the_executions_of_a_job_are_shown_newest_first(
    client: TestClient, catalogue: Catalogue, tmp_path: Path
) -> None:
    load_example(catalogue, tmp_path)
    scene_arrives(catalogue, tmp_path)
    fail_next(catalogue, "node-lost")
    fail_next(catalogue, "node-lost")

    job = client.get(f"{SCALE}/jobs/1/").json()

    ids = [each["id"] for each in job["job_exes"]]
    assert ids == sorted(ids, reverse=True)
    assert len(ids) == job["num_exes"] == 3


def test_the_log_of_an_execution_has_what_it_printed(failed: TestClient) -> None:
    logs = failed.get(f"{SCALE}/job-executions/1/logs/").json()

    assert (logs["is_finished"], logs["stdout"], logs["stderr"]) == (True, "out", "err")
    details = failed.get(f"{SCALE}/job-executions/1/").json()
    assert failed.get(details["current_stdout_url"]).text == "out"
    assert failed.get(details["current_stderr_url"]).text == "err"
    assert details["disk_total_scheduled"] == (
        details["disk_in_scheduled"] + details["disk_out_scheduled"]
    )


def test_the_log_of_a_running_execution_is_not_finished(
    client: TestClient, catalogue: Catalogue, tmp_path: Path
) -> None:
    load_example(catalogue, tmp_path)
    scene_arrives(catalogue, tmp_path)
    begin_next(catalogue)

    logs = client.get(f"{SCALE}/job-executions/1/logs/").json()

    assert (logs["status"], logs["is_finished"], logs["stdout"]) == ("RUNNING", False, "")


def test_executions_can_be_filtered(failed: TestClient) -> None:
    def ids(**parameters: Any) -> list[int]:
        return [each["id"] for each in results(failed, "/job-executions/", **parameters)]

    assert ids(status="FAILED", job_type_name="geotiff-maker", node_id=1) == [1]
    assert ids(node_id=2) == []
    assert ids(job_id=1) == [1]


def test_a_recipe_shows_its_jobs_by_name(failed: TestClient) -> None:
    recipe = failed.get(f"{SCALE}/recipes/1/").json()

    assert [(each["job_name"], each["job"]["status"]) for each in recipe["jobs"]] == [
        ("make_geotiff", "FAILED"), ("detect_points", "BLOCKED"),
    ]  # fmt: skip
    assert recipe["completed"] is None
    assert [each["file_name"] for each in recipe["input_files"]] == ["scene.png", "scene.csv"]
    assert recipe["event"]["rule"]["configuration"]


def test_recipes_can_be_filtered_by_type(failed: TestClient) -> None:
    assert len(results(failed, "/recipes/", type_name="geotiff-points")) == 1
    assert results(failed, "/recipes/", type_name="other") == []
    assert len(results(failed, "/recipes/", type_id=1, order="-recipe_type__name")) == 1


def test_the_details_of_a_job_type_have_its_errors_and_counts(failed: TestClient) -> None:
    (listed,) = results(failed, "/job-types/", name="geotiff-maker", category="example")

    details = failed.get(f"{SCALE}/job-types/{listed['id']}/").json()

    assert [each["name"] for each in details["errors"]] == ["bad-georeference", "bad-image"]
    (count,) = details["job_counts_6h"]
    assert (count["status"], count["category"], count["count"]) == ("FAILED", "DATA", 1)
    assert details["job_counts_24h"] == details["job_counts_6h"]


def test_the_details_of_a_recipe_type_have_the_job_types_it_uses(failed: TestClient) -> None:
    details = failed.get(f"{SCALE}/recipe-types/1/").json()

    assert [each["name"] for each in details["job_types"]] == ["geotiff-maker", "point-detector"]
    assert details["job_types"][0]["interface"]["command"] == "make_geotiff.py"


def test_ingests_can_be_filtered_and_ordered_by_their_source(
    client: TestClient, catalogue: Catalogue, tmp_path: Path
) -> None:
    processed_scene(catalogue, tmp_path)
    ingested(catalogue, 1)

    assert len(results(client, "/ingests/", status="INGESTED", strike_id=1)) == 1
    assert results(client, "/ingests/", status="ERRORED") == []
    assert len(results(client, "/ingests/", order="source_file__created")) == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": ""}, "empty"),
        ({"configuration": strike_configuration("nowhere")}, "no workspace 'nowhere'"),
        ({"configuration": {"version": "1.0"}}, "$.mount"),
        ({"configuration": None}, "$.configuration"),
    ],
)
def test_a_strike_process_that_cannot_work_is_refused(
    failed: TestClient, change: dict[str, Any], says: str
) -> None:
    body = {"name": "incoming", "configuration": strike_configuration()} | change

    answer = failed.post(f"{SCALE}/strike/create/", json=body)

    assert answer.status_code == 400
    assert says in answer.json()["detail"]


def test_a_second_strike_process_of_the_same_name_is_refused(failed: TestClient) -> None:
    body = {"name": "incoming", "configuration": strike_configuration()}
    failed.post(f"{SCALE}/strike/create/", json=body)

    assert failed.post(f"{SCALE}/strike/create/", json=body).status_code == 400
    assert [each["name"] for each in results(failed, "/strikes/")] == ["incoming"]
    assert failed.get(f"{SCALE}/strikes/1/").json()["configuration"]["mount"] == "host:/my/path"


def test_an_import_answers_with_its_warnings(failed: TestClient) -> None:
    document = json.loads(json.dumps(configuration()))
    document["job_types"][0]["id"] = 7

    answer = failed.post(f"{SCALE}/configuration/", json={"import": document})

    assert answer.status_code == 200, answer.text
    assert [each["id"] for each in answer.json()["warnings"]] == ["read-only"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({}, "$.import: this field is required"),
        ({"import": []}, "$.import"),
        ({"import": {"job_types": [{"name": "x"}]}}, "$.job_types[0]"),
        ({"import": {"version": "7"}}, "7"),
    ],
)
def test_an_import_that_is_not_valid_is_400_and_saves_nothing(
    failed: TestClient, body: dict[str, Any], says: str
) -> None:
    before = failed.get(f"{SCALE}/job-types/").json()

    answer = failed.post(f"{SCALE}/configuration/", json=body)

    assert answer.status_code == 400
    assert says in answer.json()["detail"]
    assert failed.get(f"{SCALE}/job-types/").json() == before
