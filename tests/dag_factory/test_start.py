"""Where jobs start, their pools and priorities, with Airflow's own models."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from catalog.tables import Node
from tests.support.catalogues import World, interface, job_type

pytestmark = pytest.mark.airflow


def tasks_of(world: World) -> dict[str, Any]:
    """Return the tasks of the catalogue's DAGs, by DAG id."""
    from dag_factory.dags import build  # noqa: PLC0415 - Airflow takes seconds to import

    service = world.catalogue.definitions
    files = service.files_of(service.current_version()).values()
    return {
        dag_id: dag.tasks[0]
        for file in files
        if file.content["kind"] == "jobs"
        for dag_id, dag in build(file.content).items()
    }


def test_a_task_starts_where_its_type_says_else_where_the_deployment_says(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.configure(
        [
            job_type("worker", {**interface(), "start": "worker"}),
            job_type("triggerer", {**interface(), "start": "triggerer"}),
            job_type("unsaid"),
        ]
    )
    for default, unsaid in (("", True), ("worker", False)):
        monkeypatch.setenv("AIRSCALE_START", default)
        tasks = tasks_of(world)
        starts = {dag_id: task.start_from_trigger for dag_id, task in tasks.items()}
        assert starts == {
            "job.worker.1.0": False, "job.triggerer.1.0": True, "job.unsaid.1.0": unsaid,
        }  # fmt: skip
        assert tasks["job.worker.1.0"].pool == "job.worker.1.0"
        assert tasks["job.triggerer.1.0"].pool == "default_pool"


def test_a_task_that_starts_in_a_worker_defers_to_the_trigger_unless_its_job_has_failed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.sdk.exceptions import (  # noqa: PLC0415 - as above
        AirflowFailException,
        TaskDeferred,
    )

    url = world.database.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("AIRSCALE_DATABASE_URL", url)
    world.configure([job_type("mine", {**interface(), "start": "worker"})])
    job = world.queue_job("mine", {})
    task = tasks_of(world)["job.mine.1.0"]
    assert task.retries > 0
    task.job_id = str(job.id)
    with pytest.raises(TaskDeferred) as deferred:
        task.execute({})
    assert deferred.value.trigger.serialize() == (
        "dag_factory.trigger.JobTrigger",
        {"job_id": str(job.id)},
    )
    world.catalogue.executions.cancel(job.id, "Enough.")
    with pytest.raises(AirflowFailException, match="is CANCELED"):
        task.execute({})
    task.job_id = "999999"
    with pytest.raises(AirflowFailException, match="999999"):
        task.execute({})


def test_a_deployment_cannot_start_jobs_anywhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    from dag_factory.start import default_start  # noqa: PLC0415 - beside its use

    monkeypatch.setenv("AIRSCALE_START", "moon")
    with pytest.raises(ValueError, match="moon"):
        default_start()


@pytest.mark.usefixtures("airflow_database")
def test_pools_follow_the_catalogue_and_other_pools_are_left_alone(world: World) -> None:
    from airflow.models import Pool  # noqa: PLC0415 - Airflow takes seconds to import

    from dag_factory.dispatcher import synchronise_pools  # noqa: PLC0415 - beside its use

    name = "job.pooled.1.0"
    others = {pool.pool for pool in Pool.get_pools()}
    world.configure([job_type("pooled", {**interface(), "start": "worker"}, max_scheduled=2)])
    try:
        assert synchronise_pools(world.catalogue) == 1
        assert synchronise_pools(world.catalogue) == 0
        pool = Pool.get_pool(name)
        assert (pool.slots, pool.include_deferred) == (2, True)
        world.catalogue.scheduler.update({"is_paused": True})
        synchronise_pools(world.catalogue)
        assert Pool.get_pool(name).slots == 0
        world.catalogue.scheduler.update({"is_paused": False})
        Pool.create_or_update_pool(
            name=name, slots=9, description="edited by hand", include_deferred=False
        )
        synchronise_pools(world.catalogue)
        pool = Pool.get_pool(name)
        assert (pool.slots, pool.include_deferred) == (2, True)
        assert {pool.pool for pool in Pool.get_pools()} == others | {name}
    finally:
        Pool.delete_pool(name)


def test_a_lower_priority_number_weighs_more() -> None:
    from dag_factory.dags import weight_of  # noqa: PLC0415 - Airflow takes seconds to import

    weights = [weight_of(priority) for priority in (0, 1, 100, 9_999, 20_000)]
    assert weights == [10_000, 9_999, 9_900, 1, 1]


@pytest.mark.usefixtures("airflow_database")
def test_hosts_with_a_live_triggerer_are_nodes(world: World) -> None:
    from airflow.jobs.job import Job  # noqa: PLC0415 - Airflow takes seconds to import
    from airflow.utils.session import create_session  # noqa: PLC0415 - as above

    from dag_factory.sweep import sweep  # noqa: PLC0415 - beside its use

    def clear() -> None:
        with create_session() as session:
            session.query(Job).delete()

    clear()
    try:
        with create_session() as session:
            for hostname, age in (("alive", 0), ("silent", 600)):
                heartbeat = datetime.now(UTC) - timedelta(seconds=age)
                job = Job(state="running", latest_heartbeat=heartbeat)
                job.job_type, job.hostname = "TriggererJob", hostname
                session.add(job)
        sweep(world.catalogue)
    finally:
        clear()
    with world.database.reading() as connection:
        assert list(connection.execute(select(Node.hostname)).scalars()) == ["alive"]
