"""Every operation's real answers against the contract: names, types, nesting and nulls."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient
from jsonschema import Draft202012Validator

from tests.rest.operations import operations_of_the_table
from tests.support.contract import expected, fields_beyond_the_seed
from tests.support.processing import strike_configuration
from tests.support.worlds import UNKNOWN_FILE

pytestmark = pytest.mark.airflow
SCALE: Final = "/scale/api"
EXPECTED: Final = expected()
ENDLESS: Final = "/stream/"  # ends with its execution; tests/rest/test_logs.py
READING: Final = [each for each in EXPECTED if each.startswith("GET") and ENDLESS not in each]
CHANGING: Final = [each for each in EXPECTED if not each.startswith("GET")]
LISTED: Final = {"/files/": "/sources/"}  # where the ids of files are


def test_every_operation_has_a_contract() -> None:
    assert sorted(EXPECTED) == sorted(operations_of_the_table())


@pytest.mark.parametrize("operation", READING)
def test_what_is_read_has_the_fields_of_the_contract(
    readonly_world: TestClient, operation: str
) -> None:
    addresses = list(addresses_of(readonly_world, operation.removeprefix("GET ")))

    assert addresses
    for address in addresses:
        assert_as_agreed(operation, readonly_world.get(f"{SCALE}{address}"))


def test_what_runs_and_what_failed_of_late_is_shown(readonly_world: TestClient) -> None:
    """The contract would also be met by an empty list."""
    for operation in READING:
        path = operation.removeprefix("GET ")
        if "{" not in path:
            answer = readonly_world.get(f"{SCALE}{path}").json()
            assert answer.get("results") != [], operation


@pytest.mark.parametrize("operation", CHANGING)
def test_what_is_answered_to_a_change_has_the_fields_of_the_contract(
    world: TestClient, operation: str
) -> None:
    assert_as_agreed(operation, CHANGES[operation](world))


@pytest.mark.parametrize(
    "change",
    [
        lambda error: error | {"colour": "blue"},
        lambda error: {k: v for k, v in error.items() if k != "title"},
        lambda error: error | {"id": "1"},
        lambda error: error | {"id": None},
        lambda error: error | {"category": "OTHER"},
        lambda error: error | {"created": "2015-03-11T00:00:00Z"},
    ],
)
def test_the_contract_is_not_met_by_anything_else(
    readonly_world: TestClient, change: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    error = readonly_world.get(f"{SCALE}/errors/1/").json()
    schema = EXPECTED["GET /errors/{id}/"].schema
    assert schema is not None

    assert Draft202012Validator(schema).is_valid(error)
    assert not Draft202012Validator(schema).is_valid(change(error))


def test_the_fields_beyond_the_seed_are_these() -> None:
    whole = {
        "group", "group_details", "ingest_conservation", "job_why", "move", "moving_file",
        "relative", "relatives", "rule", "retried_ingests", "retried_moves", "rule_target", "scan",
        "scan_details", "strike_choice", "version",
    }  # fmt: skip
    partly = {each for each in fields_beyond_the_seed() if each.partition(".")[0] not in whole}

    assert partly == {
        "execution_columns.detail",
        "execution_details.cpu_seconds_used",
        "execution_details.disk_out_used",
        "execution_details.mem_used",
        "ingest_columns.detail",
        "job_columns.reason",
        "product_details.output_name",
        "scheduler_state.pause_reason",
        "strike.is_active",
        "strike.is_paused",
        "strike.pause_reason",
        "strike.problem",
        "strike_brief.name",
        "strike_brief.title",
        "workspace.is_move_enabled",
    }


def assert_as_agreed(operation: str, answer: Any) -> None:
    """Compare an answer with the contract of its operation."""
    agreed = EXPECTED[operation]
    assert answer.status_code == agreed.status, answer.text
    if agreed.schema is None:
        assert not answer.headers["Content-Type"].startswith("application/json")
        return
    assert answer.headers["Content-Type"] == "application/json"
    faults = Draft202012Validator(agreed.schema).iter_errors(answer.json())
    assert [f"{each.json_path}: {each.message[:300]}" for each in faults] == []


def addresses_of(client: TestClient, path: str) -> Iterator[str]:
    """Yield the path for every row of the list it belongs to."""
    found = re.fullmatch(r"(/[a-z/-]+/)(\{\w+\}).*", path)
    if found is None:
        yield path
        return
    noun, place = found.groups()
    for row in client.get(f"{SCALE}{LISTED.get(noun, noun)}").json()["results"]:
        yield path.replace(place, str(row["name" if place == "{name}" else "id"]))


def listed(client: TestClient, path: str, **parameters: Any) -> dict[str, Any]:
    """Return the first row of a list."""
    answer = client.get(f"{SCALE}{path}", params=parameters)
    row: dict[str, Any] = answer.json()["results"][0]
    return row


def posted(path: str, body: dict[str, Any]) -> Callable[[TestClient], Any]:
    """Return what posts a body."""
    return lambda client: client.post(f"{SCALE}{path}", json=body)


def exported(client: TestClient) -> dict[str, Any]:
    """Return the configuration."""
    document: dict[str, Any] = client.get(f"{SCALE}/configuration/").json()
    return document


def imported(path: str) -> Callable[[TestClient], Any]:
    """Return what imports the configuration that is there already."""
    return lambda client: client.post(f"{SCALE}{path}", json={"import": exported(client)})


def uploaded(client: TestClient) -> Any:
    """Import the configuration as a file."""
    content = json.dumps(exported(client)).encode()
    return client.post(f"{SCALE}/configuration/upload/", files={"import": ("a.json", content)})


def made_anew(noun: str, address: str = "") -> Callable[[TestClient], Any]:
    """Return what makes or checks a copy of a type or error under another name."""

    def make(client: TestClient) -> Any:
        new = exported(client)[noun.replace("-", "_")][0] | {"name": "new"}
        new.pop("is_system", None)
        return client.post(f"{SCALE}/{noun}/{address}", json=new)

    return make


def edited(noun: str) -> Callable[[TestClient], Any]:
    """Return what makes a copy of a type or error and edits it."""

    def edit(client: TestClient) -> Any:
        made = made_anew(noun)(client)
        return client.patch(made.headers["Location"], json={"title": "Another"})

    return edit


def changed(
    method: str, noun: str, body: dict[str, Any], **wanted: Any
) -> Callable[[TestClient], Any]:
    """Return what changes the first row of a list."""

    def change(client: TestClient) -> Any:
        row = listed(client, f"/{noun}/", **wanted)
        return client.request(method, f"{SCALE}/{noun}/{row['id']}/", json=body)

    return change


def queued_job(client: TestClient) -> Any:
    """Queue a job for the first product."""
    job_type = listed(client, "/job-types/", name="point-detector")
    data = {
        "version": "1.0",
        "input_data": [{"name": "image", "file_id": listed(client, "/products/")["id"]}],
        "output_data": [{"name": "geo_image", "workspace_id": 2}],
    }
    body = {"job_type_id": job_type["id"], "job_data": data}
    return client.post(f"{SCALE}/queue/new-job/", json=body)


def retried(client: TestClient) -> Any:
    """Try the ingest again that was deferred."""
    ingest = listed(client, "/ingests/", status="DEFERRED")
    return client.post(f"{SCALE}/ingests/retry/", json={"ingest_ids": [ingest["id"]]})


RECIPE_DATA: Final = {
    "version": "1.0",
    "input_data": [{"name": "image", "file_id": 1}, {"name": "georeference_data", "file_id": 2}],
    "workspace_id": 2,
}
STRIKE: Final = {"name": "another", "configuration": strike_configuration()}
SCAN: Final = {"name": "another", "configuration": {"workspace_name": "raw"}}
WORKSPACE: Final = {
    "name": "another",
    "json_config": {"version": "1.0", "broker": {"type": "host", "host_path": "/nowhere"}},
}
CHANGES: Final[dict[str, Callable[[TestClient], Any]]] = {
    "POST /configuration/": imported("/configuration/"),
    "POST /configuration/upload/": uploaded,
    "POST /configuration/validation/": imported("/configuration/validation/"),
    "POST /errors/": made_anew("errors"),
    "PATCH /errors/{id}/": edited("errors"),
    "POST /file-moves/retry/": posted("/file-moves/retry/", {}),
    "POST /ingests/retry/": retried,
    "POST /job-types/": made_anew("job-types"),
    "POST /job-types/validation/": made_anew("job-types", "validation/"),
    "PATCH /job-types/{id}/": edited("job-types"),
    "PATCH /jobs/{id}/": changed("PATCH", "jobs", {"status": "CANCELED"}, status="QUEUED"),
    "PATCH /nodes/{id}/": changed("PATCH", "nodes", {"is_paused": True, "pause_reason": "x"}),
    "PUT /nodes/{id}/": changed("PUT", "nodes", {"hostname": "other.example", "port": 5051}),
    "POST /queue/new-job/": queued_job,
    "POST /queue/new-recipe/": posted(
        "/queue/new-recipe/", {"recipe_type_id": 1, "recipe_data": RECIPE_DATA}
    ),
    "POST /queue/requeue-jobs/": posted("/queue/requeue-jobs/", {"status": "FAILED"}),
    "POST /recipe-types/": made_anew("recipe-types"),
    "POST /recipe-types/validation/": made_anew("recipe-types", "validation/"),
    "PATCH /recipe-types/{id}/": edited("recipe-types"),
    "POST /scans/": posted("/scans/", SCAN),
    "POST /scans/{id}/process/": posted("/scans/1/process/", {"ingest": True}),
    "PATCH /scheduler/": lambda client: client.patch(
        f"{SCALE}/scheduler/", json={"is_paused": True}
    ),
    "POST /sources/": posted("/sources/", {"workspace_name": "raw", "file_path": UNKNOWN_FILE}),
    "POST /strike/create/": posted("/strike/create/", STRIKE),
    "PATCH /strikes/{id}/": changed("PATCH", "strikes", {"title": "Another"}),
    "POST /workspaces/": posted("/workspaces/", WORKSPACE),
    "POST /workspaces/validation/": posted("/workspaces/validation/", WORKSPACE),
    "PATCH /workspaces/{id}/": changed("PATCH", "workspaces", {"title": "Another"}),
}
