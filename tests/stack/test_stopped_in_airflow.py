"""Jobs that a person stops in Airflow, with a trigger or before there is one."""

import pytest

from airscale.demo.client import ScaleClient
from tests.stack.system import System, eventually
from tests.support.airflow_rest import airflow_request
from tests.support.queueing import configure, queue

pytestmark = pytest.mark.stack


MARKED = ("CANCELED", "Cancelled by admin, who marked its task failed in Airflow.")
DELETED = ("CANCELED", "Cancelled by admin, who deleted its run in Airflow.")


def test_a_job_that_is_stopped_in_airflow_is_cancelled_and_says_by_whom(system: System) -> None:
    with system.client() as client:
        waits = configure(client, "waits-for-a-worker", "true")
        client.patch(f"/job-types/{waits}/", {"is_paused": True})
        marked, deleted = queue(client, waits), queue(client, waits)
        sleeps = configure(client, "sleeps", "sleep", start="triggerer")
        running = queue(client, sleeps, seconds="600")
        eventually(lambda: _statuses(client, running), lambda found: found[0][0] == "RUNNING")
        eventually(lambda: _runs(system), {f"job-{marked}", f"job-{deleted}"}.issubset)

        _mark(system, f"job.waits-for-a-worker.1.0/dagRuns/job-{marked}")
        _mark(system, f"job.sleeps.1.0/dagRuns/job-{running}")
        runs = f"/api/v2/dags/job.waits-for-a-worker.1.0/dagRuns/job-{deleted}"
        airflow_request(system.login, "DELETE", runs)

        eventually(
            lambda: _statuses(client, marked, running, deleted),
            lambda found: found == [MARKED, MARKED, DELETED],
        )


def _statuses(client: ScaleClient, *jobs: int) -> list[tuple[str, str | None]]:
    found = [client.get(f"/jobs/{job}/") for job in jobs]
    return [(each["status"], each["reason"]) for each in found]


def _runs(system: System) -> set[str]:
    runs = system.airflow("/api/v2/dags/job.waits-for-a-worker.1.0/dagRuns")["dag_runs"]
    return {each["dag_run_id"] for each in runs}


def _mark(system: System, run: str) -> None:
    path = f"/api/v2/dags/{run}/taskInstances/job"
    airflow_request(system.login, "PATCH", path, {"new_state": "failed"})
