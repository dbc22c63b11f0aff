"""Why a job waits, and changing Strike processes, over REST (beyond the seed)."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from catalog.catalogue import Catalogue
from catalog.states import JobStatus
from catalog.tables import Outbox
from tests.support.processing import (
    HOST,
    begin_next,
    complete_next,
    fail_next,
    scene_arrives,
    strike_configuration,
)
from tests.support.scenes import load_example

pytestmark = pytest.mark.airflow
SCALE = "/scale/api"
STRIKE = f"{SCALE}/strikes/1/"


@pytest.fixture
def scene(client: TestClient, catalogue: Catalogue, tmp_path: Path) -> TestClient:
    """Return a client of a catalogue with a scene: job 1 is queued, job 2 waits for it."""
    load_example(catalogue, tmp_path)
    scene_arrives(catalogue, tmp_path)
    return client


def why(client: TestClient, job_id: int) -> str:
    """Return why a job is not running."""
    answer = client.get(f"{SCALE}/jobs/{job_id}/why/")
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["id"], body["status"]) == (
        job_id, client.get(f"{SCALE}/jobs/{job_id}/").json()["status"],
    )  # fmt: skip
    sentence: str = body["why"]
    return sentence


def dispatch(catalogue: Catalogue) -> None:
    """Note that every run exists."""
    with catalogue.database.transaction() as tx:
        for each in tx.outbox.claim(10):
            tx.outbox.dispatched(each.id)


def test_a_pending_job_names_the_parents_it_waits_for(scene: TestClient) -> None:
    assert why(scene, 2) == "It waits for job 1 (make_geotiff), which is QUEUED."


def test_a_blocked_job_names_the_parent_that_failed(
    scene: TestClient, catalogue: Catalogue
) -> None:
    fail_next(catalogue, "bad-image", "The image is truncated.")

    assert "job 1 (make_geotiff), which is FAILED" in why(scene, 2)
    assert "The image is truncated." in why(scene, 1)


def test_a_queued_job_says_that_airflow_has_not_made_its_run(
    scene: TestClient, catalogue: Catalogue, components: Callable[..., None]
) -> None:
    components("DagProcessorJob")
    with catalogue.database.transaction() as tx:
        (wanted,) = tx.outbox.claim(10)
        tx.outbox.postpone(wanted.id, 1.0, "Airflow has not read the DAG yet.")

    sentence = why(scene, 1)

    assert "recipe-1" in sentence
    assert "Airflow has not read the DAG yet." in sentence


@pytest.fixture
def components(airflow_database: None) -> Iterator[Callable[..., None]]:  # noqa: ARG001
    """Return what lets components of Airflow have been alive so many seconds ago."""
    from airflow.jobs.job import Job  # noqa: PLC0415 - seconds to import
    from airflow.utils.session import create_session  # noqa: PLC0415 - as above

    def forget() -> None:
        with create_session() as session:
            session.query(Job).delete()

    def alive(*job_types: str, seconds_ago: float = 0.0) -> None:
        with create_session() as session:
            for job_type in job_types:
                heartbeat = datetime.now(UTC) - timedelta(seconds=seconds_ago)
                job = Job(state="running", latest_heartbeat=heartbeat)
                job.job_type, job.hostname = job_type, HOST
                session.add(job)

    forget()
    yield alive
    forget()


ALL = ("SchedulerJob", "TriggererJob", "DagProcessorJob")


def test_a_queued_job_says_which_component_of_airflow_is_down(
    scene: TestClient, catalogue: Catalogue, components: Callable[..., None]
) -> None:
    assert "Airflow's dag-processor has never run here" in why(scene, 1)
    components(ALL[2])
    assert "recipe-1 yet" in why(scene, 1)
    dispatch(catalogue)
    components(ALL[0], seconds_ago=600)
    sentence = why(scene, 1)
    assert "Airflow's scheduler gives no sign of life since" in sentence
    assert HOST in sentence


def test_a_queued_job_says_that_airflow_lost_or_paused_its_dag(
    scene: TestClient, catalogue: Catalogue, components: Callable[..., None]
) -> None:
    from airflow.models import DagModel  # noqa: PLC0415 - seconds to import
    from airflow.models.dagbundle import DagBundleModel  # noqa: PLC0415 - as above
    from airflow.utils.session import create_session  # noqa: PLC0415 - as above

    dispatch(catalogue)
    components(*ALL)
    assert "Airflow does not have the DAG" in why(scene, 1)
    (dag_id,) = dag_ids(catalogue)
    with create_session() as session:
        session.merge(DagBundleModel(name="airscale"))
        session.flush()
        session.merge(
            DagModel(dag_id=dag_id, bundle_name="airscale", is_stale=False, is_paused=True)
        )
    try:
        assert "is paused in Airflow" in why(scene, 1)
        with create_session() as session:
            session.get(DagModel, dag_id).is_paused = False
        assert "waits until Airflow starts its task of the run recipe-1" in why(scene, 1)
    finally:
        with create_session() as session:
            session.query(DagModel).filter(DagModel.dag_id == dag_id).delete()


def dag_ids(catalogue: Catalogue) -> list[str]:
    """Return the DAGs of the runs that are asked for."""
    with catalogue.database.reading() as connection:
        return list(connection.execute(select(Outbox.dag_id)).scalars())


def test_a_queued_job_says_what_is_paused(scene: TestClient, catalogue: Catalogue) -> None:
    dispatch(catalogue)
    with catalogue.database.transaction() as tx:
        node = tx.nodes.seen(HOST)
        tx.nodes.update(node.id, {"is_paused": True})
    assert f"Every node is paused ({HOST})" in why(scene, 1)

    with catalogue.database.transaction() as tx:
        tx.job_types.update(tx.jobs.get(1).job_type_id, {"is_paused": True})
    assert "job type 'geotiff-maker' version" in why(scene, 1)

    with catalogue.database.transaction() as tx:
        tx.scheduler.pause(is_paused=True)
    assert "scheduler is paused" in why(scene, 1)


def test_a_job_that_does_not_wait_says_how_it_is(
    scene: TestClient, catalogue: Catalogue, tmp_path: Path
) -> None:
    complete_next(catalogue, tmp_path)
    begin_next(catalogue)
    assert why(scene, 1) == "It has completed."
    assert why(scene, 2) == "It is running."

    catalogue.executions.cancel(2, "Nobody wants it.")
    assert "Nobody wants it." in why(scene, 2)


@pytest.mark.parametrize("job_id", ["99", "x"])
def test_a_job_that_does_not_exist_has_no_reason(client: TestClient, job_id: str) -> None:
    assert client.get(f"{SCALE}/jobs/{job_id}/why/").status_code == 404


@pytest.fixture
def strike(scene: TestClient) -> TestClient:
    """Return a client of a catalogue with a Strike process."""
    body = {"name": "incoming", "configuration": strike_configuration()}
    assert scene.post(f"{SCALE}/strike/create/", json=body).status_code == 200
    return scene


def test_a_strike_process_can_be_changed(strike: TestClient) -> None:
    changed = strike_configuration("products") | {"transfer_suffix": "_part"}
    body = {"title": "New", "description": None, "configuration": changed}

    answer = strike.patch(STRIKE, json=body)

    assert answer.status_code == 200, answer.text
    details = answer.json()
    assert (details["title"], details["description"]) == ("New", None)
    assert details["configuration"]["transfer_suffix"] == "_part"
    assert strike.get(STRIKE).json() == details


def test_a_strike_process_can_be_paused_and_resumed(
    strike: TestClient, catalogue: Catalogue
) -> None:
    assert strike.patch(STRIKE, json={"is_active": False}).json()["is_active"] is False
    with catalogue.database.transaction() as tx:
        job_id = tx.strikes.get(1).job_id
    catalogue.executions.cancel(job_id, "as the process does when it notices")

    assert strike.patch(STRIKE, json={"is_active": True}).json()["is_active"] is True

    assert catalogue.executions.status_of(job_id) is JobStatus.QUEUED


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({}, "No fields"),
        ({"name": "other"}, "Unexpected fields: name"),
        ({"configuration": strike_configuration("nowhere")}, "no workspace 'nowhere'"),
        ({"configuration": {"version": "1.0"}}, "$.mount"),
        ({"configuration": None}, "$.configuration"),
        ({"is_active": "perhaps"}, "$.is_active"),
        ({"title": 7}, "$.title"),
        ([], "not a JSON object"),
    ],
)
def test_a_change_of_a_strike_process_that_cannot_be_is_400(
    strike: TestClient, body: Any, says: str
) -> None:
    before = strike.get(STRIKE).json()

    answer = strike.patch(STRIKE, json=body)

    assert answer.status_code == 400, answer.text
    assert says in answer.json()["detail"]
    assert strike.get(STRIKE).json() == before


def test_a_strike_process_that_does_not_exist_cannot_be_changed(strike: TestClient) -> None:
    assert strike.patch(f"{SCALE}/strikes/99/", json={"title": "x"}).status_code == 404


def test_a_strike_process_can_be_paused_and_resumed_without_being_stopped(
    strike: TestClient, catalogue: Catalogue
) -> None:
    assert strike.patch(STRIKE, json={"is_paused": True}).json()["is_paused"] is True
    assert strike.get(STRIKE).json()["is_active"] is True
    with catalogue.database.transaction() as tx:
        job_id = tx.strikes.get(1).job_id
    assert catalogue.executions.status_of(job_id) is JobStatus.QUEUED

    assert strike.patch(STRIKE, json={"is_paused": False}).json()["is_paused"] is False
