"""The environment of a job of OCPS, as programs give it and find it (seed 003, Jobs)."""

import pytest
from fastapi.testclient import TestClient

from tests.dialects.conftest import Bench
from tests.dialects.test_ocps import API, create, show, variables

pytestmark = pytest.mark.airflow


def test_a_job_always_finds_its_own_id(client: TestClient, bench: Bench) -> None:
    job = create(
        client, 'echo "$JOB_ID" > id.txt', environment=[{"name": "JOB_ID", "value": "other"}]
    )

    bench.run()

    (result,) = show(client, job)["results"]
    assert client.get(f"{API}/job/result/{result['id']}").text == f"{job['jobId']}\n"


def test_the_parameters_of_a_job_can_be_submitted_again(client: TestClient) -> None:
    first = create(client, "true", environment=[{"name": "DATA_DIR", "value": "/data"}])
    given = [*first["parameters"]["environment"], {"name": "GIT_COMMIT_REF", "value": None}]

    again = create(client, first["parameters"]["command"][-1], environment=given)

    assert given[1] == {"name": "JOB_OUTPUT_DIR", "value": None}
    assert variables(again) == variables(first)
