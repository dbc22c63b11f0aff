"""What a job prints is in Airflow's log of its task, while the job runs."""

import pytest

from tests.stack.system import System, eventually
from tests.support.airflow_rest import task_log
from tests.support.queueing import configure, queue

pytestmark = pytest.mark.stack


@pytest.mark.parametrize("start", ["worker", "triggerer"])
def test_a_running_job_is_heard_in_the_log_of_its_task(system: System, start: str) -> None:
    name = f"talking-{start}"
    with system.client() as client:
        program = "echo heard; echo other >&2; sleep 600"
        job_type = configure(client, name, "sh", start=start, arguments=f"-c '{program}'")
        job = queue(client, job_type)
        eventually(lambda: client.get(f"/jobs/{job}/")["status"], lambda found: found == "RUNNING")
        log = eventually(
            lambda: task_log(system.login, f"job.{name}.1.0", f"job-{job}"),
            lambda found: "heard" in found and "[stderr] other" in found,
        )
        assert client.get(f"/jobs/{job}/")["status"] == "RUNNING", log
        client.patch(f"/jobs/{job}/", {"status": "CANCELED"})
