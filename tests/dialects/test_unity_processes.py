"""The WPS-T of Unity, against the seed's own requests (seed 002)."""

import json
from pathlib import Path
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient

from tests.dialects.conftest import Bench

pytestmark = pytest.mark.airflow
ADES: Final = "/ades"
L1B: Final = "l1b-cwl:develop"
SEED_REQUEST: Final[dict[str, Any]] = {
    "mode": "async",
    "response": "document",
    "inputs": [
        {"id": "input_collection_id", "data": "SNDR_SNPP_ATMS_L1A___1"},
        {"id": "start_datetime", "data": "2016-01-14T08:00:00Z"},
        {"id": "stop_datetime", "data": "2016-01-14T11:59:59Z"},
        {"id": "output_collection_id", "data": "SNDR_SNPP_ATMS_L1B_OUTPUT___1"},
    ],
    "outputs": [{"id": "output", "transmissionMode": "reference"}],
    "labels": ["re-processing-3", "release23.3", "08-08-23"],
}
TOOL: Final[dict[str, Any]] = {
    "cwlVersion": "v1.2",
    "class": "CommandLineTool",
    "baseCommand": ["echo"],
    "inputs": {
        each["id"]: {"type": "string", "inputBinding": {"prefix": f"--{each['id']}"}}
        for each in SEED_REQUEST["inputs"]
    },
    "outputs": {"output": "stdout"},
    "stdout": "said.txt",
}
WORKFLOW: Final[dict[str, Any]] = {
    "cwlVersion": "v1.2",
    "class": "Workflow",
    "inputs": {"greeting": "string"},
    "outputs": {"shouted": {"type": "File", "outputSource": "shout/loud"}},
    "steps": {
        "say": {
            "run": {
                "class": "CommandLineTool",
                "baseCommand": "echo",
                "inputs": {"words": {"type": "string", "inputBinding": {}}},
                "outputs": {"said": "stdout"},
            },
            "in": {"words": "greeting"},
            "out": ["said"],
        },
        "shout": {
            "run": {
                "class": "CommandLineTool",
                "baseCommand": ["tr", "a-z", "A-Z"],
                "arguments": [],
                "inputs": {"quiet": {"type": "File", "inputBinding": {}}},
                "outputs": {"loud": {"type": "File", "outputBinding": {"glob": "loud.txt"}}},
            },
            "in": {"quiet": "say/said"},
            "out": ["loud"],
        },
    },
}
WORKFLOW["steps"]["shout"]["run"] |= {
    "baseCommand": ["/bin/sh", "-c"],
    "arguments": ['tr a-z A-Z < "$0" > loud.txt'],
}


def deployment(name: str, version: str, unit: dict[str, Any]) -> dict[str, Any]:
    """Return the body of a deployment of a CWL document, or of its address."""
    return {
        "processDescription": {
            "process": {
                "id": name,
                "title": f"The process {name}",
                "abstract": "Makes L1B of L1A.",
                "keywords": ["L1B", "sounder"],
                "inputs": [],
                "outputs": [],
                "owsContext": {"offering": {"code": "cwl", "content": {"href": ""}}},
            },
            "processVersion": version,
            "jobControlOptions": ["async-execute"],
            "outputTransmission": ["reference"],
        },
        "immediateDeployment": True,
        "executionUnit": [unit],
        "deploymentProfileName": "http://www.opengis.net/profiles/eoc/dockerizedApplication",
    }


def deploy(client: TestClient, name: str, version: str, cwl: dict[str, Any]) -> dict[str, Any]:
    """Deploy a process by value and return the answer."""
    answer = client.post(f"{ADES}/processes", json=deployment(name, version, {"unit": cwl}))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def execute(client: TestClient, process: str, body: dict[str, Any]) -> str:
    """Execute a process and return the address of the job."""
    answer = client.post(f"{ADES}/processes/{process}/jobs", json=body)
    assert answer.status_code == 201, answer.text
    assert answer.json() == {}
    assert answer.headers["code"] == "201"
    location = answer.headers["Location"]
    assert location.startswith(f"http://airscale.test{ADES}/processes/{process}/jobs/")
    return location


def test_a_deployed_process_is_listed_and_described(client: TestClient) -> None:
    result = deploy(client, "l1b-cwl", "develop", TOOL)

    summary = result["deploymentResult"]["processSummary"]
    url = f"http://airscale.test{ADES}/processes/{L1B}"
    assert summary == {
        "id": L1B,
        "title": "The process l1b-cwl",
        "abstract": "Makes L1B of L1A.",
        "keywords": "L1B,sounder",
        "version": "develop",
        "jobControlOptions": ["async-execute"],
        "processDescriptionURL": url,
    }
    process = client.get(url).json()["process"]
    assert [each["id"] for each in process["inputs"]] == [e["id"] for e in SEED_REQUEST["inputs"]]
    assert (process["processVersion"], process["immediateDeployment"]) == ("develop", "true")
    assert process in client.get(f"{ADES}/processes").json()["processes"]


def test_the_job_of_the_seed_runs_and_has_a_result(client: TestClient, bench: Bench) -> None:
    deploy(client, "l1b-cwl", "develop", TOOL)
    location = execute(client, L1B, SEED_REQUEST)
    job_id = location.rpartition("/")[2]
    assert client.get(location).json() == {
        "jobID": job_id,
        "status": "accepted",
        "message": f"Status of job {job_id}",
    }
    assert client.get(f"/es/jobs/_doc/{job_id}").json()["_source"]["status"] == "submitted"
    assert client.get(f"{location}/result").status_code == 404

    bench.run()

    assert client.get(location).json()["status"] == "succeeded", client.get(location).json()
    (output,) = client.get(f"{location}/result").json()["outputs"]
    assert (output["id"], output["mimeType"]) == ("output", "text/plain")
    given = sorted((each["id"], each["data"]) for each in SEED_REQUEST["inputs"])
    said = " ".join(f"--{name} {value}" for name, value in given)  # in the order of CWL
    assert Path(output["href"].removeprefix("file://")).read_text() == f"{said}\n"
    document = client.get(f"/es/jobs/_source/{job_id}").json()
    assert document["status"] == "succeeded"
    assert document["labels"] == SEED_REQUEST["labels"]
    assert document["inputs"] == {each["id"]: each["data"] for each in SEED_REQUEST["inputs"]}
    assert document["outputs"] == {"output": output["href"]}
    refused = client.delete(location)
    assert refused.status_code == 200
    assert refused.json() == {"statusInfo": {"error": "Can not dismiss a job in state succeeded."}}


def test_a_workflow_is_a_recipe_whose_last_job_is_the_execution(
    client: TestClient, bench: Bench
) -> None:
    deploy(client, "loud", "1", WORKFLOW)
    location = execute(client, "loud:1", {"inputs": {"greeting": "hello"}, "labels": ["w"]})
    assert client.get(location).json()["status"] == "accepted"

    bench.run()

    assert client.get(location).json()["status"] == "succeeded", client.get(location).json()
    (output,) = client.get(f"{location}/result").json()["outputs"]
    assert output["id"] == "shouted"
    assert Path(output["href"].removeprefix("file://")).read_text() == "HELLO\n"


def test_a_step_that_fails_fails_the_workflow(client: TestClient, bench: Bench) -> None:
    workflow = json.loads(json.dumps(WORKFLOW))
    workflow["steps"]["say"]["run"]["baseCommand"] = "false"
    deploy(client, "loud", "1", workflow)
    location = execute(client, "loud:1", {"inputs": {"greeting": "hello"}})

    bench.run()

    assert client.get(location).json()["status"] == "failed"


def test_a_dismissed_job_is_dismissed_with_its_steps(client: TestClient) -> None:
    deploy(client, "loud", "1", WORKFLOW)
    location = execute(client, "loud:1", {"inputs": {"greeting": "hello"}})

    answer = client.delete(location)

    job_id = location.rpartition("/")[2]
    gone = {"job_id": job_id, "status": "dismissed", "error": None}
    assert (answer.status_code, answer.json()) == (200, {"statusInfo": gone})
    assert client.get(location).json()["status"] == "dismissed"
    assert (
        client.post("/es/jobs/_count", json={"query": {"term": {"status": "failed"}}}).json()[
            "count"
        ]
        == len(WORKFLOW["steps"]) + 1
    )
    jobs = client.get(f"{ADES}/processes/loud:1/jobs").json()["jobs"]
    assert [(each["jobID"], each["status"]) for each in jobs] == [(job_id, "dismissed")]


def test_an_undeployed_process_is_gone_and_may_come_back(client: TestClient) -> None:
    for cwl in (TOOL, WORKFLOW):
        deploy(client, "l1b-cwl", "develop", cwl)
        answer = client.delete(f"{ADES}/processes/{L1B}")
        assert answer.status_code == 200
        assert answer.json()["undeploymentResult"]["id"] == L1B
        assert client.get(f"{ADES}/processes/{L1B}").status_code == 404
        assert client.delete(f"{ADES}/processes/{L1B}").status_code == 404
        assert client.post(f"{ADES}/processes/{L1B}/jobs", json=SEED_REQUEST).status_code == 404


def test_a_document_is_fetched_from_its_address(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workflow = json.loads(json.dumps(WORKFLOW))
    tool = {"cwlVersion": "v1.2", **workflow["steps"]["say"]["run"]}
    (tmp_path / "say.cwl").write_text(json.dumps(tool))
    workflow["steps"]["say"]["run"] = "say.cwl"
    (tmp_path / "loud.cwl").write_text(json.dumps(workflow))
    body = deployment("loud", "1", {"href": (tmp_path / "loud.cwl").as_uri()})

    refused = client.post(f"{ADES}/processes", json=body)
    monkeypatch.setenv("AIRSCALE_FETCH_SCHEMES", "file")
    answer = client.post(f"{ADES}/processes", json=body)

    assert refused.status_code == 400
    assert "AIRSCALE_FETCH_SCHEMES" in refused.json()["detail"]
    assert answer.status_code == 201, answer.text
    process = client.get(f"{ADES}/processes/loud:1").json()["process"]
    assert process["executionUnit"] == body["executionUnit"][0]["href"]


def test_a_file_with_an_address_is_fetched_for_the_tool(
    client: TestClient, bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRSCALE_FETCH_SCHEMES", "file")
    (tmp_path / "words.txt").write_text("words")
    tool = {
        "cwlVersion": "v1.2",
        "class": "CommandLineTool",
        "baseCommand": "cat",
        "inputs": {"input": {"type": "File", "inputBinding": {}}},
        "outputs": {"copy": "stdout"},
    }
    deploy(client, "cat", "1", tool)
    file = {"class": "File", "location": (tmp_path / "words.txt").as_uri()}
    location = execute(client, "cat:1", {"inputs": [{"id": "input", "data": file}]})

    bench.run()

    (output,) = client.get(f"{location}/result").json()["outputs"]
    assert Path(output["href"].removeprefix("file://")).read_text() == "words"


@pytest.mark.parametrize(
    ("change", "feature"),
    [
        (
            {"class": "ExpressionTool", "expression": "$({})", "inputs": {}, "outputs": {}},
            "ExpressionTool",
        ),
        ({"stdin": "words.txt"}, "stdin"),
        ({"requirements": {"ShellCommandRequirement": {}}}, "ShellCommandRequirement"),
        ({"requirements": {"DockerRequirement": {"dockerFile": "FROM x"}}}, "dockerFile"),
        ({"arguments": ["$(1 + 1)"]}, "expression"),
    ],
)
def test_what_cannot_be_expressed_is_refused_by_its_name(
    client: TestClient, change: dict[str, Any], feature: str
) -> None:
    base = {"cwlVersion": "v1.2"} if "class" in change else TOOL
    body = deployment("odd", "1", {"unit": {**base, **change}})

    answer = client.post(f"{ADES}/processes", json=body)

    assert answer.status_code == 400, answer.text
    assert feature in answer.json()["detail"]


def test_scatter_is_refused_by_its_name(client: TestClient) -> None:
    workflow = json.loads(json.dumps(WORKFLOW))
    workflow["requirements"] = {"ScatterFeatureRequirement": {}}
    workflow["steps"]["say"]["scatter"] = "words"

    answer = client.post(f"{ADES}/processes", json=deployment("odd", "1", {"unit": workflow}))

    assert answer.status_code == 400
    assert "ScatterFeatureRequirement" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"labels": "one"}, "array of strings"),
        ({"labels": [1]}, "array of strings"),
        ({"inputs": []}, "required input"),
        ({"inputs": {"nothing": 1}}, "no input 'nothing'"),
        ({"mode": "sync"}, "async"),
    ],
)
def test_a_wrong_request_is_refused(
    client: TestClient, body: dict[str, Any], sentence: str
) -> None:
    deploy(client, "l1b-cwl", "develop", TOOL)

    answer = client.post(f"{ADES}/processes/{L1B}/jobs", json={**SEED_REQUEST, **body})

    assert answer.status_code == 400
    assert sentence in answer.json()["detail"]


def test_no_labels_are_the_same_as_an_empty_list(client: TestClient) -> None:
    deploy(client, "l1b-cwl", "develop", TOOL)
    without = {name: each for name, each in SEED_REQUEST.items() if name != "labels"}

    found = [
        client.get(f"/es/jobs/_source/{execute(client, L1B, body).rpartition('/')[2]}").json()
        for body in (without, {**without, "labels": []})
    ]

    assert [each["labels"] for each in found] == [[], []]
