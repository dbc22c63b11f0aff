"""What the database cannot hold is a fault of the caller in every dialect, wherever it stands."""

import json
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient

from tests.dialects import test_unity_processes as unity
from tests.dialects.pai import config, role

pytestmark = [pytest.mark.airflow, pytest.mark.usefixtures("pai_processes")]
MOZART: Final = "/mozart/api/v0.1"
UNSTORABLE: Final = {
    "NUL": '"a\\u0000"',
    "half a surrogate pair": '"\\ud800"',
    "NUL within": '{"a": [{"b": "\\u0000"}]}',
    "NUL in a key": '{"a\\u0000": 1}',
    "no number": "NaN",
    "infinity": "-Infinity",
    "too large a number": "1e999",
}
TAKES_JSON: Final = (
    ("POST", f"{MOZART}/job/submit", "params"),
    ("POST", f"{MOZART}/job/submit", "disk_usage"),
    ("POST", f"{MOZART}/jobspec/add", "spec"),
    ("POST", f"{MOZART}/container/add", "url"),
    ("POST", f"{MOZART}/job/user_tag_add", "user_tag"),
    ("GET", f"{MOZART}/job/status", "id"),
    ("PUT", "/uws/api/v1/job", "command"),
    ("PUT", "/uws/api/v1/job", "environment"),
    ("POST", "/ades/processes", "executionUnit"),
    ("POST", "/es/jobs/_search", "query"),
    ("POST", "/es/jobs/_mget", "ids"),
    ("POST", "/pai/api/v1/jobs", "image"),
    ("PUT", "/pai/api/v1/user/viewer/virtualClusters", "virtualClusters"),
    ("GET", "/pai/api/v1/jobs", "username"),
)
NAMED: Final = (
    f"{MOZART}/job/products/%00", "/ades/processes/%00",
    "/ades/processes/%00:1/jobs", "/es/jobs/_doc/%00", "/uws/api/v1/job/%00",
    "/uws/api/v1/job/result/%FF", "/uws/api/v1/job/result/%C2%B2", "/pai/api/v1/jobs/%00",
    "/pai/api/v1/jobs/%00/ssh", "/pai/api/v1/virtual-clusters/%00",
)  # fmt: skip


@pytest.mark.parametrize(("method", "path", "name"), TAKES_JSON)
def test_json_that_cannot_be_kept_is_refused(
    client: TestClient, method: str, path: str, name: str
) -> None:
    for what, value in UNSTORABLE.items():
        body = f'{{"{name}": {value}}}'.encode()
        answer = client.request(
            method, path, content=body, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code == 400, what


def test_json_in_a_form_that_cannot_be_kept_is_refused(client: TestClient) -> None:
    for what, value in UNSTORABLE.items():
        form = {"type": "job-x:1", "queue": "default", "params": f'{{"who": {value}}}'}
        answer = client.post(f"{MOZART}/jobspec/add", data={"spec": form["params"]})
        assert answer.status_code == 400, what


def test_nul_in_a_query_or_form_is_refused(client: TestClient) -> None:
    assert client.get(f"{MOZART}/job/list?offset=%00").status_code == 400
    assert client.put("/uws/api/v1/job", data={"command": "a\0"}).status_code == 400
    assert client.get("/pai/api/v1/jobs?username=%00").status_code == 400


@pytest.mark.parametrize("path", NAMED)
def test_nothing_has_a_name_that_cannot_be_kept(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_nobody_has_a_name_that_cannot_be_kept(client: TestClient) -> None:
    assert client.get(f"{MOZART}/job/user/%00").json() == {"success": True, "result": []}
    assert client.get("/pai/api/v1/user/%00/jobs").json() == []


def test_an_index_of_a_result_that_is_no_number_of_one_is_not_found(client: TestClient) -> None:
    job_id = client.put("/uws/api/v1/job", json={"command": "true"}).json()["jobId"]

    for index in ("9" * 5000, "²", "%C3%A9"):
        assert client.get(f"/uws/api/v1/job/result/{job_id}/{index}").status_code == 404


@pytest.mark.parametrize("field", ["retryCount", "cpuNumber", "memoryMB", "gpuNumber"])
def test_a_number_of_a_job_of_openpai_that_is_too_large_is_refused(
    client: TestClient, field: str
) -> None:
    many = {field: 10**30}
    given = (
        config("big", **many) if field == "retryCount" else config("big", role("a", "x", **many))
    )

    answer = client.post("/pai/api/v1/jobs", json=given)

    assert (answer.status_code, answer.json()["error"]) == (400, "ParameterValidationError")
    assert field in answer.json()["message"]


@pytest.mark.parametrize(
    "body",
    [
        {"_source": [1]},
        {"_source": [[]]},
        {"_source": {"includes": True}},
        {"_source": {"excludes": [{}]}},
        {"track_total_hits": 10**30},
        {"track_total_hits": "9" * 5000},
    ],
)
def test_a_search_of_another_shape_is_refused(client: TestClient, body: dict[str, Any]) -> None:
    client.put("/uws/api/v1/job", json={"command": "true"})

    answer = client.post("/es/jobs/_search", json=body)

    assert answer.status_code == 400, answer.text
    assert client.post("/es/jobs/_mget", json={"ids": 3}).status_code == 400


@pytest.mark.parametrize(
    "context", ["text", 3, [1], {"offering": "x"}, {"offering": {"content": 1}}]
)
def test_a_context_of_another_shape_does_not_hide_the_processes(
    client: TestClient, context: Any
) -> None:
    body = unity.deployment("odd", "1", {"unit": unity.TOOL})
    body["processDescription"]["process"]["owsContext"] = context

    answer = client.post("/ades/processes", json=body)

    assert answer.status_code == 201, answer.text
    (process,) = client.get("/ades/processes").json()["processes"]
    assert (process["id"], process["owsContextURL"]) == ("odd:1", "")


def test_a_character_beyond_the_first_plane_is_read_in_a_document(client: TestClient) -> None:
    tool = {**unity.TOOL, "doc": "\N{GRINNING FACE}"}

    answer = client.post(
        "/ades/processes", content=json.dumps(unity.deployment("smile", "1", {"unit": tool}))
    )

    assert answer.status_code == 201, answer.text
    process = client.get("/ades/processes/smile:1").json()["process"]
    assert process["id"] == "smile:1"
