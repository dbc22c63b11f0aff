"""The whole system: up, crash, up again, down."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import psutil
import pytest

from airscale import keys, ports, postgres, processes, records, stack, status
from airscale.doctor.examination import examine_patiently
from airscale.doctor.findings import Verdict
from airscale.errors import StackError
from airscale.home import PROJECT_ROOT, Home
from airscale.local import local_deployment
from airscale.login import Login
from airscale.settings import environment
from airscale.stack import COMPONENT_NAMES
from tests.airscale.conftest import eventually, temporary_home

pytestmark = pytest.mark.stack

GRANT = """
from airscale.bootstrap import set_up_access
set_up_access("unused", (("can_read", "Test Resource"), ("can_edit", "Test Resource")))
"""


@pytest.fixture(scope="module")
def system() -> Iterator[Home]:
    """Return a home whose Airflow has one empty bundle, whatever the project holds."""
    with temporary_home() as home, pytest.MonkeyPatch.context() as patch:
        dags = home.root / "dags"
        dags.mkdir()
        local = "airflow.dag_processing.bundles.local.LocalDagBundle"
        bundle = {"name": "dags-folder", "classpath": local, "kwargs": {"path": str(dags)}}
        patch.setenv("AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST", json.dumps([bundle]))
        patch.delenv("AIRSCALE_PORT", raising=False)
        yield home


@pytest.fixture
def login(system: Home) -> Login:
    """Start what does not run, as every test here may have stopped it."""
    return stack.up(system)


def pids(home: Home) -> dict[str, int]:
    found = {name: records.read(home, name) for name in COMPONENT_NAMES}
    return {name: record.pid for name, record in found.items() if record and record.process()}


def kill(process: psutil.Process | None) -> None:
    assert process is not None
    process.kill()
    assert eventually(lambda: not records.is_alive(process))


def process_of(home: Home, name: str) -> psutil.Process | None:
    record = records.read(home, name)
    return record.process() if record else None


def variables(home: Home) -> dict[str, str]:
    chosen = ports.load(home)
    assert chosen is not None
    deployment = local_deployment(home, chosen, postgres.socket_folder(home))
    return environment(home, keys.load(home), deployment)


@contextmanager
def administrator(login: Login) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=login.address, trust_env=False) as client:
        name = {"username": login.user, "password": login.password}
        answer = client.post("/auth/token", json=name)
        assert answer.status_code == 201
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        yield client


def of_this_home(home: Home) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("AIRSCALE_HOME") == str(home.root):
                found.append(process)
        except psutil.Error:
            continue
    return found


def test_every_part_is_healthy_after_up(login: Login) -> None:
    report = httpx.get(f"{login.address}/api/v2/monitor/health", trust_env=False).json()
    assert {name: part["status"] for name, part in report.items()} == dict.fromkeys(
        ("metadatabase", "scheduler", "dag_processor", "triggerer"), "healthy"
    )


def test_the_login_works(login: Login) -> None:
    with administrator(login) as client:
        assert client.get("/api/v2/dags").status_code == 200


def test_the_doctor_finds_nothing_broken(system: Home, login: Login) -> None:
    assert login.address
    found = examine_patiently(variables(system), 60)
    assert [each for each in found if each.verdict is Verdict.BROKEN] == []
    subjects = {each.subject for each in found}
    assert {"catalogue", "scheduler", "recipes in Airflow", "versions"} <= subjects


def test_a_second_up_starts_nothing_anew(system: Home, login: Login) -> None:
    before = pids(system)
    assert stack.up(system) == login
    assert pids(system) == before


def test_together_the_processes_take_less_than_2_gib(system: Home, login: Login) -> None:
    assert login.address
    rows = status.status(system)
    assert {row.state for row in rows} == {status.State.RUNNING}
    assert 0 < sum(row.memory or 0 for row in rows) < 2048


@pytest.mark.parametrize("name", COMPONENT_NAMES)
def test_up_restarts_the_component_that_was_killed_and_no_other(
    system: Home, login: Login, name: str
) -> None:
    assert login.address
    before = pids(system)
    kill(process_of(system, name))
    stack.up(system)
    changed = {other for other, pid in pids(system).items() if pid != before[other]}
    assert changed == {name}


def test_up_works_after_everything_was_killed(system: Home, login: Login) -> None:
    before = pids(system)
    for process in [*processes.leftovers(system), *postgres.processes(system)]:
        process.kill()
    assert eventually(lambda: not pids(system) and not postgres.processes(system))
    assert stack.up(system).password == login.password
    assert not set(pids(system).values()) & set(before.values())


def test_down_leaves_no_process_of_this_home(system: Home, login: Login) -> None:
    assert login.address
    job = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(600)"],
        env=variables(system),
        start_new_session=True,
    )
    stack.down(system)
    assert job.wait(10) != 0
    assert of_this_home(system) == []
    assert postgres.processes(system) == []


def test_permissions_are_granted_by_role_and_survive_a_restart(system: Home, login: Login) -> None:
    assert login.address
    for _ in range(2):
        subprocess.run(
            [sys.executable, "-c", GRANT], cwd=PROJECT_ROOT, env=variables(system), check=True
        )
    kill(process_of(system, "api-server"))
    with administrator(stack.up(system)) as client:
        roles = client.get("/auth/fab/v1/roles", params={"limit": 100}).json()["roles"]
    granted = {
        role["name"]: sorted(
            pair["action"]["name"]
            for pair in role["actions"]
            if pair["resource"]["name"] == "Test Resource"
        )
        for role in roles
    }
    assert granted == {
        "Admin": ["can_edit", "can_read"],
        "Op": ["can_edit", "can_read"],
        "User": ["can_read"],
        "Viewer": ["can_read"],
        "Public": [],
    }


def test_a_component_that_cannot_start_is_reported_with_its_log(
    system: Home, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert login.address
    kill(process_of(system, "triggerer"))
    monkeypatch.setenv("AIRFLOW__TRIGGERER__CAPACITY", "plenty")
    with pytest.raises(StackError, match=r"(?s)triggerer ended while.*CAPACITY|capacity"):
        stack.up(system)


def test_a_port_that_is_taken_between_choice_and_use_is_replaced(
    system: Home, login: Login
) -> None:
    kill(process_of(system, "api-server"))
    remembered = ports.load(system)
    assert remembered is not None
    with socket.socket() as thief:
        thief.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)

        def steal(sentence: str) -> None:
            if sentence.startswith("Starting api-server") and not thief.getsockname()[1]:
                thief.bind((ports.HOST, remembered.api))
                thief.listen()

        again = stack.up(system, steal)
        assert again.address != login.address
        with administrator(again) as client:
            assert client.get("/api/v2/dags").status_code == 200


def test_two_bootstraps_at_once_both_succeed() -> None:
    with temporary_home() as home:
        folder = postgres.start(home)
        deployment = local_deployment(home, ports.choose(home, {}), folder)
        environ = environment(home, keys.load_or_create(home), deployment)
        command = [sys.executable, "-m", "airscale.bootstrap"]
        both = [
            subprocess.Popen(command, cwd=PROJECT_ROOT, env=environ, stdout=subprocess.DEVNULL)
            for _ in range(2)
        ]
        assert [process.wait(300) for process in both] == [0, 0]
