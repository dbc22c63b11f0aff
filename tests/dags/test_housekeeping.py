"""The housekeeping DAG: cheap to parse, one run at a time, and it really looks at the clock."""

import subprocess
import sys

import pytest

from catalog.catalogue import Catalogue
from catalog.database import URL_VARIABLE
from catalog.states import EventType
from tests.support.environment import PROJECT_ROOT

pytestmark = pytest.mark.airflow
PARSE = """
import os, sys, time
import airflow.sdk
from airflow.sdk import DAG, BaseOperator, Context
started = time.process_time()
import dags.housekeeping
print(time.process_time() - started)
assert not [name for name in sys.modules if name.split(".")[0] in ("catalog", "schemas")]
"""


def test_it_is_parsed_in_no_time_and_without_the_catalogue() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PARSE],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stderr
    assert float(done.stdout.splitlines()[-1]) < 0.2


def test_there_is_a_run_each_minute_one_at_a_time_and_none_for_the_past() -> None:
    from dags.housekeeping import dag  # noqa: PLC0415 - Airflow takes seconds to import

    assert dag.schedule == "* * * * *"
    assert dag.max_active_runs == 1
    assert not dag.catchup
    (task,) = dag.tasks
    assert not task.do_xcom_push


def test_its_task_fires_what_is_due(
    catalogue: Catalogue, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dags.housekeeping import dag  # noqa: PLC0415 - Airflow takes seconds to import

    monkeypatch.setenv(URL_VARIABLE, database_url)

    dag.tasks[0].execute({})

    with catalogue.database.transaction() as tx:
        rules = tx.clock.rules()
        assert {each.name for each in rules} == {"scale-job-load", "scale-daily-metrics"}
        assert all(tx.clock.last_slot(each.id) for each in rules)


def test_its_task_fails_with_the_reason_when_a_rule_cannot_fire(
    catalogue: Catalogue, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dags.housekeeping import dag  # noqa: PLC0415 - Airflow takes seconds to import

    monkeypatch.setenv(URL_VARIABLE, database_url)
    with catalogue.database.transaction() as tx:
        configuration = {"event_type": "X", "schedule": "PT1S"}
        tx.rules.add(type=EventType.CLOCK, name="too-often", configuration=configuration)

    with pytest.raises(RuntimeError, match=r"too-often.*not between a minute and a day"):
        dag.tasks[0].execute({})
