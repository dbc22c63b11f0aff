"""Names of errors, addresses and numbers as clients of OpenPAI read them (seed 004)."""

from typing import Any, Final

import pytest
from fastapi.testclient import TestClient

from tests.dialects.pai import API, config, detail, role, submit

pytestmark = [pytest.mark.airflow, pytest.mark.usefixtures("pai_processes")]
INVALID: Final = "ParameterValidationError"
WRONG: Final[tuple[tuple[str, dict[str, Any], int, str], ...]] = (
    ("POST token", {"username": "a", "password": "b", "expiration": 5}, 400, INVALID),
    ("POST token", {"username": "a", "password": "b", "expiration": "x"}, 400, INVALID),
    ("POST token", {}, 401, "AuthenticationFailed"),
    ("PUT user", {"username": "a", "password": "secret", "admin": "maybe"}, 400, INVALID),
    ("GET jobs", {"limit": "x"}, 400, INVALID),
    ("PUT jobs/x/executionType", {"value": "PAUSE"}, 400, "JobExecuteError"),
    ("PUT jobs/x/executionType", {"value": "STOP"}, 404, "JobNotFound"),
    ("DELETE jobs/x", {}, 404, "JobNotFound"),
    ("PATCH jobs", {}, 405, "NoApiError"),
    ("GET nowhere", {}, 404, "NoApiError"),
)


@pytest.mark.parametrize(("operation", "body", "code", "name"), WRONG)
def test_an_error_has_its_name(
    client: TestClient, operation: str, body: dict[str, Any], code: int, name: str
) -> None:
    method, path = operation.split(" ")

    answer = client.request(method, f"{API}/{path}", json=body)

    assert (answer.status_code, answer.json()["error"]) == (code, name)
    assert list(answer.json()) == ["error", "message"]


def test_addresses_in_a_job_are_those_of_the_server(client: TestClient) -> None:
    submit(client, "exampleJob")

    found = detail(client, "exampleJob")

    (task,) = found["taskRoles"]["main"]["taskStatuses"]
    assert found["appTrackingUrl"].startswith("http://airscale.test/dags/")
    assert task["containerLog"].startswith("http://airscale.test/scale/api/job-executions/")
    assert client.get(task["containerLog"]).status_code == 200


def test_a_whole_number_may_be_written_with_a_point(client: TestClient) -> None:
    submit(client, "points", role("main", "true", 1, memoryMB=128.0), retryCount=1.0)

    answer = client.post(f"{API}/jobs", json=config("half", role("main", "true", cpuNumber=1.5)))

    assert (answer.status_code, answer.json()["error"]) == (400, INVALID)
