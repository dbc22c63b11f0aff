"""Jobs that a person stops in Airflow, with a trigger or before there is one."""

import pytest

from airscale.demo.client import ScaleClient
from tests.stack.system import System, eventually
from tests.support.airflow_rest import airflow_request
from tests.support.queueing import configure, queue

pytestmark = pytest.mark.stack
TASK = "taskInstances/job"
MARKED = ("CANCELED", "Cancelled by admin, who marked its task failed in Airflow.")
MARKED_RUN = ("CANCELED", "Cancelled by admin, who marked its run failed in Airflow.")


def test_a_job_that_is_stopped_in_airflow_is_cancelled_and_says_by_whom(system: System) -> None:
    with system.client() as client:
        waits = configure(client, "waits-for-a-worker", "true")
        client.patch(f"/job-types/{waits}/", {"is_paused": True})
        task, run = queue(client, waits), queue(client, waits)
        sleeps = configure(client, "sleeps", "sleep", start="triggerer")
        running = queue(client, sleeps, seconds="600")
        eventually(lambda: _statuses(client, running), lambda found: found[0][0] == "RUNNING")
        eventually(lambda: _runs(system), {f"job-{task}", f"job-{run}"}.issubset)

        _change(system, f"waits-for-a-worker.1.0/dagRuns/job-{task}/{TASK}", new_state="failed")
        _change(system, f"waits-for-a-worker.1.0/dagRuns/job-{run}", state="failed")
        _change(system, f"sleeps.1.0/dagRuns/job-{running}/{TASK}", new_state="failed")

        eventually(
            lambda: _statuses(client, task, run, running),
            lambda found: found == [MARKED, MARKED_RUN, MARKED],
        )


def _statuses(client: ScaleClient, *jobs: int) -> list[tuple[str, str | None]]:
    found = [client.get(f"/jobs/{job}/") for job in jobs]
    return [(each["status"], each["reason"]) for each in found]


def _runs(system: System) -> set[str]:
    runs = system.airflow("/api/v2/dags/job.waits-for-a-worker.1.0/dagRuns")["dag_runs"]
    return {each["dag_run_id"] for each in runs}


def _change(system: System, path: str, **change: str) -> None:
    airflow_request(system.login, "PATCH", f"/api/v2/dags/job.{path}", change)
