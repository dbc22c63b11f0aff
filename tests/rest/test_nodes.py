"""Nodes, the scheduler and the system's status over REST (contract section 3)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select

from catalog.catalogue import Catalogue
from catalog.database import Database
from catalog.records.execution import Held, NodeResources, Resources, Watched
from tests.support.processing import HOST, begin_next, complete_next, fail_next, scene_arrives
from tests.support.scenes import load_example

pytestmark = pytest.mark.airflow
SCALE = "/scale/api"
NODE = f"{SCALE}/nodes/1/"
SCHEDULER = f"{SCALE}/scheduler/"
TOTAL = Resources(16.0, 63305.0, 131485.0)
USED = Resources(2.5, 1024.0, 2048.0)


@pytest.fixture
def running(client: TestClient, catalogue: Catalogue, tmp_path: Path) -> TestClient:
    """Return a client of a catalogue with a node on which a job runs, one failed before."""
    load_example(catalogue, tmp_path)
    scene_arrives(catalogue, tmp_path)
    fail_next(catalogue, "node-lost")
    complete_next(catalogue, tmp_path)
    begin_next(catalogue)
    catalogue.executions.watch(HOST, Watched(), NodeResources(TOTAL, USED))
    return client


@pytest.fixture
def alive(airflow_database: None) -> Iterator[None]:  # noqa: ARG001 - only has to be there
    """Let Airflow have a scheduler and a triggerer on the node that gave a sign just now."""
    from airflow.jobs.job import Job, JobState  # noqa: PLC0415 - seconds to import
    from airflow.utils.session import create_session  # noqa: PLC0415 - the same

    kinds = ("SchedulerJob", "TriggererJob")
    with create_session() as session:
        for kind in kinds:
            job = Job(job_type=kind, state=JobState.RUNNING, latest_heartbeat=datetime.now(UTC))
            job.hostname = HOST
            session.add(job)
    yield
    with create_session() as session:
        for job in session.scalars(select(Job).where(Job.hostname == HOST)):
            session.delete(job)


def results(client: TestClient, path: str, **parameters: Any) -> list[dict[str, Any]]:
    """Return the results of a list."""
    answer = client.get(f"{SCALE}{path}", params=parameters)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def test_a_node_shows_what_it_has_and_what_runs_on_it(running: TestClient) -> None:
    node = running.get(NODE).json()

    assert (node["hostname"], node["slave_id"], node["is_paused"]) == (HOST, None, False)
    (execution,) = node["job_exes_running"]
    assert (execution["status"], execution["node"]) == ("RUNNING", {"id": 1})
    assert execution["job"]["job_type"]["name"] == "point-detector"
    assert node["resources"]["total"] == {"cpus": 16.0, "mem": 63305.0, "disk": 131485.0}
    assert node["resources"]["used"] == {"cpus": 2.5, "mem": 1024.0, "disk": 2048.0}
    assert node["resources"]["scheduled"] == {
        "cpus": execution["cpus_scheduled"],
        "mem": execution["mem_scheduled"],
        "disk": execution["disk_total_scheduled"],
    }


def test_a_node_that_has_not_told_has_no_resources(
    client: TestClient, catalogue: Catalogue, tmp_path: Path
) -> None:
    load_example(catalogue, tmp_path)
    scene_arrives(catalogue, tmp_path)
    begin_next(catalogue)

    assert "resources" not in client.get(NODE).json()


def test_an_active_node_without_a_triggerer_is_disconnected(running: TestClient) -> None:
    assert running.get(NODE).json()["disconnected"] is True


@pytest.mark.usefixtures("alive")
def test_a_node_with_a_triggerer_is_online(running: TestClient) -> None:
    assert "disconnected" not in running.get(NODE).json()
    assert results(running, "/nodes/status/")[0]["is_online"] is True


def test_nodes_are_listed_without_the_inactive_ones(running: TestClient) -> None:
    assert [each["hostname"] for each in results(running, "/nodes/")] == [HOST]
    running.patch(NODE, json={"is_active": False})

    assert results(running, "/nodes/") == []
    (node,) = results(running, "/nodes/", include_inactive="t", order="-hostname")
    assert node["is_active"] is False
    assert node["archived"]
    assert results(running, "/nodes/status/") == []


def test_the_status_of_a_node_counts_what_it_did_of_late(running: TestClient) -> None:
    (status,) = results(running, "/nodes/status/")

    counts = {
        each["status"]: (each["count"], each["category"]) for each in status["job_exe_counts"]
    }
    assert counts == {"COMPLETED": (1, None), "FAILED": (1, "SYSTEM"), "RUNNING": (1, None)}
    assert [each["status"] for each in status["job_exes_running"]] == ["RUNNING"]
    assert status["is_online"] is False
    (before,) = results(running, "/nodes/status/", started="P2D", ended="P1D")
    assert before["job_exe_counts"] == []


def test_a_paused_node_begins_nothing_until_it_is_resumed(
    running: TestClient, catalogue: Catalogue, tmp_path: Path
) -> None:
    complete_next_running(catalogue)
    answer = running.patch(NODE, json={"is_paused": True, "pause_reason": "Repair"})
    scene_arrives(catalogue, tmp_path, "other")

    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == f"http://airscale.test{NODE}"
    assert (answer.json()["is_paused"], answer.json()["pause_reason"]) == (True, "Repair")
    held = catalogue.executions.begin(3, HOST)
    assert held == Held("The node is paused.")

    resumed = running.patch(NODE, json={"is_paused": False, "pause_reason": "none"}).json()

    assert (resumed["pause_reason"], resumed["is_paused_errors"]) == (None, False)
    assert not isinstance(catalogue.executions.begin(3, HOST), Held)


def complete_next_running(catalogue: Catalogue) -> None:
    """End the job that runs."""
    catalogue.executions.cancel(2, "-")


def test_a_node_can_be_replaced(running: TestClient) -> None:
    answer = running.put(NODE, json={"hostname": "other.example", "port": 5051})

    assert answer.status_code == 201, answer.text
    assert (answer.json()["hostname"], answer.json()["port"]) == ("other.example", 5051)
    assert running.get(NODE).json() == answer.json()


@pytest.mark.parametrize(
    ("method", "body", "says"),
    [
        ("PUT", {}, "Missing required fields: hostname, port"),
        ("PUT", {"hostname": "x"}, "Missing required fields: port"),
        ("PUT", {"hostname": "x", "port": 1, "foo": 1}, "Unexpected fields: foo"),
        ("PATCH", {}, "No fields specified for update."),
        ("PATCH", {"foo": 1, "slave_id": 2}, "Unexpected fields: foo, slave_id"),
        ("PATCH", {"port": "x"}, "$.port"),
        ("PATCH", {"port": 10**30}, "$.port"),
        ("PATCH", {"port": True}, "$.port"),
        ("PATCH", {"hostname": ""}, "$.hostname"),
        ("PATCH", {"hostname": None}, "$.hostname"),
        ("PATCH", {"hostname": "a\x00"}, "$.hostname"),
        ("PATCH", {"is_paused": "yes"}, "$.is_paused"),
        ("PATCH", {"is_active": None}, "$.is_active"),
        ("PATCH", {"is_paused": True, "pause_reason": 7}, "$.pause_reason"),
        ("PATCH", [], "not a JSON object"),
    ],
)
def test_a_change_of_a_node_that_cannot_be_is_400_with_a_bare_string(
    running: TestClient, method: str, body: Any, says: str
) -> None:
    answer = running.request(method, NODE, json=body)

    assert answer.status_code == 400, answer.text
    assert isinstance(answer.json(), str)
    assert says in answer.json()


def test_two_nodes_cannot_have_one_hostname(running: TestClient, catalogue: Catalogue) -> None:
    catalogue.executions.watch("second.example", Watched(), NodeResources(TOTAL, USED))

    answer = running.patch(NODE, json={"hostname": "second.example"})

    assert answer.status_code == 400
    assert "second.example" in answer.json()


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH"])
@pytest.mark.parametrize("node_id", ["99", "x"])
def test_a_node_that_does_not_exist_is_404_with_a_bare_string(
    client: TestClient, method: str, node_id: str
) -> None:
    body = {"hostname": "x", "port": 1}
    answer = client.request(method, f"{SCALE}/nodes/{node_id}/", json=body)

    assert answer.status_code == 404
    assert isinstance(answer.json(), str)


def test_the_scheduler_can_be_paused_and_resumed(
    running: TestClient, catalogue: Catalogue, tmp_path: Path
) -> None:
    active = {"is_paused": False, "pause_reason": None}
    assert running.get(SCHEDULER).json() == active
    scene_arrives(catalogue, tmp_path, "other")

    paused = {"is_paused": True, "pause_reason": "A new disk."}
    answer = running.patch(SCHEDULER, json=paused)

    assert (answer.status_code, answer.json()) == (201, paused)
    assert answer.headers["Location"] == f"http://airscale.test{SCHEDULER}"
    assert catalogue.executions.begin(3, HOST) == Held("The scheduler is paused.")
    assert running.get(f"{SCALE}/status/").json()["scheduler"]["is_paused"] is True
    assert "paused (A new disk.)" in running.get(f"{SCALE}/jobs/3/why/").json()["why"]
    assert running.patch(SCHEDULER, json={"is_paused": False}).json() == active


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({}, "No fields specified for update."),
        ({"foo": 1}, "Unexpected fields: foo"),
        ({"is_paused": 1}, "$.is_paused"),
        ({"pause_reason": 1}, "$.pause_reason"),
        ([], "not a JSON object"),
    ],
)
def test_a_change_of_the_scheduler_that_cannot_be_is_400_with_a_bare_string(
    client: TestClient, body: Any, says: str
) -> None:
    answer = client.patch(SCHEDULER, json=body)

    assert answer.status_code == 400
    assert says in answer.json()
    assert isinstance(answer.json(), str)


def test_the_status_says_how_the_system_is(running: TestClient) -> None:
    status = running.get(f"{SCALE}/status/").json()

    assert status["master"] == {"is_online": True, "hostname": "airscale.test", "port": 80}
    assert status["scheduler"] == {"is_online": False, "is_paused": False, "hostname": ""}
    assert status["queue_depth"] == 0
    assert status["resources"]["total"] == {"cpus": 16.0, "mem": 63305.0, "disk": 131485.0}
    assert status["resources"]["scheduled"]["cpus"] > 0


@pytest.mark.usefixtures("alive")
def test_the_status_says_that_airflows_scheduler_is_alive(running: TestClient) -> None:
    scheduler = running.get(f"{SCALE}/status/").json()["scheduler"]

    assert scheduler == {"is_online": True, "is_paused": False, "hostname": HOST}


def test_the_status_never_fails(client: TestClient, scale: FastAPI) -> None:
    scale.state.catalogue = Catalogue(Database("postgresql+psycopg://127.0.0.1:1/nowhere"))

    answer = client.get(f"{SCALE}/status/")

    assert answer.status_code == 200
    assert (answer.json()["queue_depth"], "resources" in answer.json()) == (0, False)
