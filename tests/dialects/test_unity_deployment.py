"""Deployments as clients of Unity send them (seed 002; contract of the dialects, 2b)."""

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient

from tests.dialects.conftest import Bench
from tests.dialects.test_unity_processes import ADES, L1B, SEED_REQUEST, TOOL, deploy, deployment

pytestmark = pytest.mark.airflow


@pytest.fixture
def document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the address of a CWL document, which may be fetched."""
    monkeypatch.setenv("AIRSCALE_FETCH_SCHEMES", "file")
    path = tmp_path / "tool.cwl"
    path.write_text(json.dumps(TOOL))
    return path.as_uri()


def test_the_context_names_the_document_and_the_unit_the_image(
    client: TestClient, document: str
) -> None:
    body = deployment("l1b-cwl", "develop", {"href": "docker.registry/ndvims:latest"})
    context = {"offering": {"code": "cwl", "content": {"href": document}}}
    body["processDescription"]["process"]["owsContext"] = context

    answer = client.post(f"{ADES}/processes", json=body)

    assert answer.status_code == 201, answer.text
    process = client.get(f"{ADES}/processes/{L1B}").json()["process"]
    assert process["owsContextURL"] == document
    assert process["executionUnit"] == "docker.registry/ndvims:latest"


def test_a_unit_may_be_the_address_alone(client: TestClient, document: str) -> None:
    body = {**deployment("l1b-cwl", "develop", {}), "executionUnit": document}

    answer = client.post(f"{ADES}/processes", json=body)

    assert answer.status_code == 201, answer.text
    process = client.get(f"{ADES}/processes/{L1B}").json()["process"]
    assert process["executionUnit"] == document


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "text/plain", None])
def test_a_body_is_read_as_what_it_is(client: TestClient, kind: str | None) -> None:
    deploy(client, "l1b-cwl", "develop", TOOL)

    answer = client.post(
        f"{ADES}/processes/{L1B}/jobs",
        content=json.dumps(SEED_REQUEST),
        headers={} if kind is None else {"Content-Type": kind},
    )

    assert (answer.status_code, answer.json()) == (201, {})


def test_outputs_are_urls_also_in_the_jobs_database(client: TestClient, bench: Bench) -> None:
    deploy(client, "l1b-cwl", "develop", TOOL)
    location = client.post(f"{ADES}/processes/{L1B}/jobs", json=SEED_REQUEST).headers["Location"]

    bench.run()

    (output,) = client.get(f"{location}/result").json()["outputs"]
    assert urlsplit(output["href"]).scheme == "file"
    document = client.get(f"/es/jobs/_source/{location.rpartition('/')[2]}").json()
    assert document["outputs"] == {output["id"]: output["href"]}
