"""The housekeeping DAG in the real system: it looks at the clock, and leaves little behind."""

import pytest

from tests.stack.system import System, eventually

pytestmark = pytest.mark.stack
DAG = "/api/v2/dags/airscale.housekeeping"


def test_the_clock_is_looked_at_and_the_load_measured(system: System) -> None:
    with system.client() as client:
        measured = eventually(lambda: list(client.list("/load/")), len, 300)

    assert set(measured[0]) == {"time", "pending_count", "queued_count", "running_count"}
    hours = [each["time"][:13] for each in measured]
    assert len(hours) == len(set(hours)), "each hour is measured once"
    assert system.airflow("/api/v2/importErrors")["import_errors"] == []


def test_a_run_of_housekeeping_succeeds_with_one_task(system: System) -> None:
    (run, *_) = eventually(
        lambda: system.airflow(f"{DAG}/dagRuns?order_by=run_after")["dag_runs"],
        lambda runs: runs and runs[0]["state"] in ("success", "failed"),
        300,
    )

    assert run["state"] == "success"
    tasks = system.airflow(f"{DAG}/dagRuns/{run['dag_run_id']}/taskInstances")
    assert [each["task_id"] for each in tasks["task_instances"]] == ["check-clock"]
