"""Every field of every response in seed 001, with its type.

``seed_responses.json`` holds the JSON examples of the seed as skeletons: names and types. Free
documents (data, interfaces, configurations) are only required to be objects.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient

from catalog.catalogue import Catalogue
from catalog.records.execution import NodeResources, Resources, Watched
from tests.support.processing import (
    HOST,
    begin_next,
    counted,
    fail_next,
    ingested,
    processed_scene,
    scene_arrives,
    strike_configuration,
)

pytestmark = pytest.mark.airflow
SCALE: Final = "/scale/api"
SKELETONS: Final = json.loads((Path(__file__).parent / "seed_responses.json").read_text())
PATTERNS: Final = {
    "time": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"),
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "url": re.compile(r"http://airscale\.test/scale/api/.*"),
}
TYPES: Final = {
    "string": str, "integer": int, "number": float, "boolean": bool, "object": dict, "array": list
}  # fmt: skip
MAY_BE_NULL: Final = {
    "base_url", "completed", "data_ended", "data_started", "description", "ended", "job_completed",
    "job_started", "max_scheduled", "node", "parsed", "post_completed", "post_started",
    "pre_completed", "pre_started", "queued", "rule", "slave_id", "started", "trigger_rule",
}  # fmt: skip

OF_BUSY: Final = ("GET /job-types/running/", "GET /job-types/system-failures/")


def misfits(skeleton: Any, value: Any, path: str = "$") -> Iterator[str]:
    """Yield every place of `value` that lacks what the skeleton has, or has another type."""
    if skeleton is None or (value is None and path.rpartition(".")[2] in MAY_BE_NULL):
        return
    if isinstance(skeleton, dict):
        if not isinstance(value, dict):
            yield f"{path}: {value!r} is no object"
            return
        for name, below in skeleton.items():
            if name in value:
                yield from misfits(below, value[name], f"{path}.{name}")
            else:
                yield f"{path}.{name} is missing"
    elif isinstance(skeleton, list):
        if not isinstance(value, list) or not value:
            yield f"{path}: {value!r} is no list with something in it"
            return
        for index, each in enumerate(value):
            yield from misfits(skeleton[0], each, f"{path}[{index}]")
    elif not fits(skeleton, value):
        yield f"{path}: {value!r} is no {skeleton}"


def fits(kind: str, value: Any) -> bool:
    """Say whether a leaf has the type of the seed."""
    if kind in PATTERNS:
        return isinstance(value, str) and PATTERNS[kind].fullmatch(value) is not None
    return type(value) is TYPES[kind]


@pytest.fixture
def world(client: TestClient, catalogue: Catalogue, tmp_path: Path) -> TestClient:
    """Return a client of a catalogue with one of everything."""
    processed_scene(catalogue, tmp_path)
    ingested(catalogue, 1)
    counted(catalogue)
    return client


@pytest.mark.parametrize(
    "operation", [each for each in SKELETONS if each.startswith("GET") and each not in OF_BUSY]
)
def test_a_response_has_every_field_of_the_seed(world: TestClient, operation: str) -> None:
    path = operation.removeprefix("GET ")

    answer = world.get(f"{SCALE}{path.format(id=1)}")

    assert answer.status_code == 200, answer.text
    assert list(misfits(SKELETONS[operation], answer.json())) == []


@pytest.mark.parametrize("operation", [each for each in SKELETONS if each.startswith("RUNNING")])
def test_a_response_about_what_runs_has_every_field_of_the_seed(
    world: TestClient, catalogue: Catalogue, tmp_path: Path, operation: str
) -> None:
    scene_arrives(catalogue, tmp_path, "other")
    begin_next(catalogue)
    resources = Resources(16.0, 63305.0, 131485.0)
    catalogue.executions.watch(HOST, Watched(), NodeResources(resources, resources))

    answer = world.get(f"{SCALE}{operation.removeprefix('RUNNING ').format(id=1)}")

    assert answer.status_code == 200, answer.text
    assert list(misfits(SKELETONS[operation], answer.json())) == []


def test_a_queued_recipe_is_answered_with_its_details(world: TestClient) -> None:
    data = {
        "version": "1.0",
        "input_data": [
            {"name": "image", "file_id": 1},
            {"name": "georeference_data", "file_id": 2},
        ],
        "workspace_id": 2,
    }

    answer = world.post(
        f"{SCALE}/queue/new-recipe/", json={"recipe_type_id": 1, "recipe_data": data}
    )

    assert answer.status_code == 201, answer.text
    assert list(misfits(SKELETONS["POST /queue/new-recipe/"], answer.json())) == []
    recipe_id = answer.json()["id"]
    assert answer.headers["Location"] == f"http://airscale.test{SCALE}/recipes/{recipe_id}/"


def test_a_queued_job_is_answered_with_its_details(world: TestClient) -> None:
    product_id = world.get(f"{SCALE}/products/").json()["results"][0]["id"]
    data = {
        "version": "1.0",
        "input_data": [{"name": "image", "file_id": product_id}],
        "output_data": [{"name": "geo_image", "workspace_id": 2}],
    }
    types = world.get(f"{SCALE}/job-types/", params={"name": "point-detector"}).json()

    answer = world.post(
        f"{SCALE}/queue/new-job/",
        json={"job_type_id": types["results"][0]["id"], "job_data": data},
    )

    assert answer.status_code == 201, answer.text
    job = answer.json()
    skeleton = SKELETONS["POST /queue/new-job/"]
    later = ("recipes", "products")  # a new job of its own has neither
    assert list(misfits({k: v for k, v in skeleton.items() if k not in later}, job)) == []
    assert (job["status"], job["recipes"], job["products"]) == ("QUEUED", [], [])
    execution_id = job["job_exes"][0]["id"]
    location = f"http://airscale.test{SCALE}/job-executions/{execution_id}/"
    assert answer.headers["Location"] == location


def test_a_created_strike_process_is_answered_with_its_id_alone(world: TestClient) -> None:
    answer = world.post(
        f"{SCALE}/strike/create/",
        json={"name": "my-strike", "configuration": strike_configuration()},
    )

    assert answer.status_code == 200
    assert answer.json() == {"strike_id": 2}


@pytest.mark.parametrize("operation", OF_BUSY)
def test_what_jobs_do_now_has_every_field_of_the_seed(
    world: TestClient, catalogue: Catalogue, tmp_path: Path, operation: str
) -> None:
    scene_arrives(catalogue, tmp_path, "failing")
    failed = fail_next(catalogue, "unknown")
    while world.get(f"{SCALE}/jobs/{failed}/").json()["status"] == "QUEUED":
        assert fail_next(catalogue, "unknown") == failed
    scene_arrives(catalogue, tmp_path, "running")
    begin_next(catalogue)

    answer = world.get(f"{SCALE}{operation.removeprefix('GET ')}")

    assert answer.status_code == 200, answer.text
    assert list(misfits(SKELETONS[operation], answer.json())) == []


@pytest.mark.parametrize("noun", ["errors", "job-types", "recipe-types"])
def test_what_is_created_or_edited_is_answered_with_its_details(
    world: TestClient, noun: str
) -> None:
    section = noun.replace("-", "_")
    new = world.get(f"{SCALE}/configuration/").json()[section][0] | {"name": "new"}
    new.pop("is_system", None)

    made = world.post(f"{SCALE}/{noun}/", json=new)
    edited = world.patch(made.headers["Location"], json={"title": "Another"})

    assert (made.status_code, edited.status_code) == (201, 200), made.text
    assert list(misfits(SKELETONS[f"POST /{noun}/"], made.json())) == []
    assert list(misfits(SKELETONS[f"PATCH /{noun}/{{id}}/"], edited.json())) == []
    assert made.headers["Location"] == f"http://airscale.test{SCALE}/{noun}/{made.json()['id']}/"
    assert edited.json()["title"] == "Another"
