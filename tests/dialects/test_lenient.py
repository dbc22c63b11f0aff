"""What programs of the field send to the servers of the dialects besides what the seeds say."""

from typing import Final

import pytest
from fastapi.testclient import TestClient

pytestmark = pytest.mark.airflow
READ: Final = (
    "/mozart/api/v0.1/job/list",
    "/mozart/api/v0.2/queue/list",
    "/mozart/api/v0.1/doc",
    "/grq/api/v0.1/grq/on-demand",
    "/ades/processes",
    "/es/jobs/_search",
    "/es/_cluster/health",
    "/uws/api/v1/job",
    "/pai/api/v1/jobs",
    "/pai/api/v1/virtual-clusters",
)


@pytest.mark.parametrize("path", READ)
def test_a_slash_at_the_end_makes_no_difference(client: TestClient, path: str) -> None:
    plain, slashed = client.get(path), client.get(f"{path}/")

    assert (plain.status_code, slashed.status_code) == (200, 200), slashed.text
    assert slashed.json() == plain.json() if "doc" not in path else slashed.text == plain.text


@pytest.mark.parametrize("path", READ)
def test_head_answers_as_get_without_a_body(client: TestClient, path: str) -> None:
    answer = client.head(path)

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Type"] == client.get(path).headers["Content-Type"]


def test_a_job_is_submitted_at_an_address_with_a_slash(client: TestClient) -> None:
    answer = client.put("/uws/api/v1/job/", json={"command": "true"})

    assert answer.status_code == 200, answer.text
    job_id = answer.json()["jobId"]
    assert client.get(f"/uws/api/v1/job/{job_id}/phase/").json() == "queued"
