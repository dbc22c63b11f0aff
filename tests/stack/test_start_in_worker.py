"""Jobs that start as ordinary tasks in a worker: pools, pause, priority, in a real Airflow."""

import pytest

from airscale.demo.client import ScaleClient
from tests.stack.system import System, eventually
from tests.support.queueing import configure, queue

pytestmark = pytest.mark.stack
POOL = "job.pooled.1.0"


def test_the_pool_of_a_type_that_starts_in_a_worker_follows_the_catalogue(
    system: System,
) -> None:
    with system.client() as client:
        job_type = configure(client, "pooled", "true", max_scheduled=1)
        eventually(lambda: _slots(system), lambda slots: slots == 1)
        client.patch(f"/job-types/{job_type}/", {"is_paused": True})
        eventually(lambda: _slots(system), lambda slots: slots == 0)
        client.patch(f"/job-types/{job_type}/", {"is_paused": False})
        eventually(lambda: _slots(system), lambda slots: slots == 1)


@pytest.mark.parametrize("start", ["worker", "triggerer"])
def test_the_priority_of_a_requeue_is_that_of_the_task_in_airflow(
    system: System, start: str
) -> None:
    name = f"failing-{start}"
    with system.client() as client:
        job_type = configure(client, name, "false", start=start, priority=50)
        job = queue(client, job_type)
        eventually(lambda: _statuses(client, [job]), lambda found: found == ["FAILED"])
        assert _weight(system, name, f"job-{job}") == 10_000 - 50

        client.post("/queue/requeue-jobs/", {"job_ids": [job], "priority": 7})

        eventually(lambda: _runs(system, name), lambda found: f"job-{job}-2" in found)
        assert _weight(system, name, f"job-{job}-2") == 10_000 - 7


def _statuses(client: ScaleClient, jobs: list[int]) -> list[str]:
    return [str(client.get(f"/jobs/{job}/")["status"]) for job in jobs]


def _slots(system: System) -> int | None:
    pools = system.airflow("/api/v2/pools?limit=100")["pools"]
    return {each["name"]: int(each["slots"]) for each in pools}.get(POOL)


def _runs(system: System, name: str) -> list[str]:
    runs = system.airflow(f"/api/v2/dags/job.{name}.1.0/dagRuns")["dag_runs"]
    return [each["dag_run_id"] for each in runs]


def _weight(system: System, name: str, run_id: str) -> int:
    path = f"/api/v2/dags/job.{name}.1.0/dagRuns/{run_id}/taskInstances"
    (task,) = system.airflow(path)["task_instances"]
    return int(task["priority_weight"])
