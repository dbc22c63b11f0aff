"""What a job prints is in Airflow's log of its task, while the job runs."""

import json

import pytest

from tests.stack.system import System, eventually
from tests.stack.test_start_in_worker import configure, queue

pytestmark = pytest.mark.stack


@pytest.mark.parametrize("start", ["worker", "triggerer"])
def test_a_running_job_is_heard_in_the_log_of_its_task(system: System, start: str) -> None:
    name = f"talking-{start}"
    with system.client() as client:
        program = "echo heard; echo other >&2; sleep 600"
        job_type = configure(client, name, "sh", start=start, arguments=f"-c '{program}'")
        job = queue(client, job_type)
        eventually(lambda: client.get(f"/jobs/{job}/")["status"], lambda found: found == "RUNNING")
        path = f"/api/v2/dags/job.{name}.1.0/dagRuns/job-{job}/taskInstances/job/logs/1"
        log = eventually(
            lambda: log_of(system, path),
            lambda found: "heard" in found and "[stderr] other" in found,
        )
        assert client.get(f"/jobs/{job}/")["status"] == "RUNNING", log
        client.patch(f"/jobs/{job}/", {"status": "CANCELED"})


def log_of(system: System, path: str) -> list[str]:
    """Return the messages of a task's log so far."""
    content = system.airflow(f"{path}?full_content=true").get("content", [])
    return [str(each.get("event", json.dumps(each))) for each in content]
