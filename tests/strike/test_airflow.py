"""The Strike process as Airflow sees it: a DAG that never ends, a sensor, a trigger."""

import asyncio
import json
import os
from typing import Any

import pytest

from catalog.database import URL_VARIABLE
from catalog.states import IngestStatus
from strike.settings import STABILITY_VARIABLE
from tests.strike.bench import StrikeBench

pytestmark = pytest.mark.airflow


@pytest.fixture(autouse=True)
def airflow_home(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Give Airflow a home before it is imported."""
    os.environ.setdefault("AIRFLOW_HOME", str(tmp_path_factory.mktemp("airflow")))


def definition(bench: StrikeBench) -> dict[str, Any]:
    """Return the definition of the DAG, as the bundle has it."""
    service = bench.catalogue.definitions
    (found,) = (
        file.content
        for file in service.files_of(service.current_version()).values()
        if file.content["kind"] == "strike"
    )
    return dict(found)


def test_the_dag_runs_continuously_and_once_at_a_time(bench: StrikeBench) -> None:
    from strike.dag import build  # noqa: PLC0415  # Airflow takes seconds to import

    dag = build(definition(bench))

    assert dag.dag_id == "strike.strike"
    assert dag.schedule == "@continuous"
    assert dag.max_active_runs == 1
    assert not dag.catchup


def test_the_sensor_starts_in_the_triggerer(bench: StrikeBench) -> None:
    from strike.dag import build  # noqa: PLC0415  # Airflow takes seconds to import

    (task,) = build(definition(bench)).tasks

    assert task.start_from_trigger
    assert task.start_trigger_args is not None
    assert task.start_trigger_args.trigger_cls == "strike.trigger.StrikeTrigger"
    assert task.start_trigger_args.trigger_kwargs == {"strike_id": bench.strike.id}


def test_the_same_definition_gives_the_same_dag_to_the_byte(bench: StrikeBench) -> None:
    from airflow.serialization.serialized_objects import DagSerialization  # noqa: PLC0415

    from strike.dag import build  # noqa: PLC0415

    content = definition(bench)
    first, second = (
        json.dumps(DagSerialization.to_dict(build(content)), sort_keys=True) for _ in range(2)
    )

    assert first == second


def test_the_trigger_can_be_made_again_elsewhere(bench: StrikeBench) -> None:
    from strike.trigger import StrikeTrigger  # noqa: PLC0415

    path, arguments = StrikeTrigger(strike_id=bench.strike.id).serialize()

    assert path == "strike.trigger.StrikeTrigger"
    assert StrikeTrigger(**arguments).serialize() == (path, arguments)


def test_the_trigger_ingests_and_ends_its_task_with_success(
    bench: StrikeBench, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.triggers.base import TaskSuccessEvent  # noqa: PLC0415

    from strike.trigger import StrikeTrigger  # noqa: PLC0415

    monkeypatch.setenv(URL_VARIABLE, database_url)
    monkeypatch.setenv(STABILITY_VARIABLE, "0")
    bench.send("scene.h5")

    async def events() -> list[object]:
        trigger = StrikeTrigger(strike_id=bench.strike.id, seconds=1.0)
        return [event async for event in trigger.run()]

    (event,) = asyncio.run(events())

    assert isinstance(event, TaskSuccessEvent)
    assert bench.ingest("scene.h5").status is IngestStatus.INGESTED
