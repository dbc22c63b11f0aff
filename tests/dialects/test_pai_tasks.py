"""The tasks of jobs of OpenPAI: what they are told, how they end, where they answer (seed 004)."""

import json
import socket
import threading
from collections.abc import Iterator
from typing import Final

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event

from tests.dialects.conftest import Bench
from tests.dialects.pai import API, config, detail, role, submit

pytestmark = [pytest.mark.airflow, pytest.mark.usefixtures("pai_processes")]
FLAT: Final = [
    "name", "state", "createdTime", "completedTime", "appId", "appProgress", "appTrackingUrl",
    "appLaunchedTime", "appCompletedTime", "appExitCode", "appExitDiagnostics",
]  # fmt: skip


def test_a_job_of_two_roles_runs_with_its_environment(client: TestClient, bench: Bench) -> None:
    say = 'env | grep ^PAI_ | sort; test "$PAI_WORK_DIR" = "$PWD"'
    submit(
        client,
        "exampleJob",
        role("server", say, 1, portList=[{"label": "grpc", "portNumber": 2}]),
        role("worker", say, 2, cpuNumber=1, memoryMB=128),
        killAllOnCompletedTaskNumber=3,
    )
    waiting = detail(client, "exampleJob")
    assert (waiting["state"], waiting["appProgress"]) == ("WAITING", 0)

    bench.run()

    done = detail(client, "exampleJob")
    assert [name for name in FLAT if name not in done] == []
    assert (done["state"], done["appExitCode"], done["appProgress"]) == ("SUCCEEDED", 0, 1)
    assert done["jobStatus"] == {**done["jobStatus"], **{name: done[name] for name in FLAT}}
    assert done["createdTime"] <= done["appLaunchedTime"] <= done["appCompletedTime"]
    roles = done["taskRoles"]
    assert {name: each["taskRoleStatus"] for name, each in roles.items()} == {
        "server": {"name": "server"}, "worker": {"name": "worker"}
    }  # fmt: skip
    tasks = [*roles["server"]["taskStatuses"], *roles["worker"]["taskStatuses"]]
    assert [each["taskIndex"] for each in tasks] == [0, 0, 1]
    ports = [
        port
        for each in tasks
        for given in each["containerPorts"].values()
        for port in given.split(",")
    ]
    assert len(set(ports)) == len(ports) == 2 + 3 * 2
    logs = client.get(tasks[2]["containerLog"]).json()
    told = dict(each.split("=", 1) for each in logs["stdout"].splitlines())
    assert told["PAI_JOB_NAME"] == "exampleJob"
    assert told["PAI_USER_NAME"] == "admin"
    assert told["PAI_JOB_TASK_ROLE_LIST"] == "server,worker"
    assert told["PAI_CURRENT_TASK_ROLE_NAME"] == "worker"
    assert told["PAI_CURRENT_TASK_ROLE_CURRENT_TASK_INDEX"] == "1"
    assert told["PAI_CURRENT_TASK_ROLE_MEM_MB"] == "128"
    assert len(told["PAI_TASK_ROLE_worker_HOST_LIST"].split(",")) == 2
    http = tasks[0]["containerPorts"]["http"]
    assert told["PAI_TASK_ROLE_server_HOST_LIST"] == f"127.0.0.1:{http}"


def test_a_task_keeps_nothing_that_grows_with_the_number_of_tasks(
    client: TestClient, bench: Bench
) -> None:
    submit(client, "few", role("worker", "true", 2))
    submit(client, "many", role("worker", "true", 60))

    lengths = [len(json.dumps(job.environment)) for job in bench.world.all_jobs()]
    assert max(lengths) - min(lengths) < 10, "more than the digits of an index and a count"


def test_one_failed_task_fails_the_job(client: TestClient, bench: Bench) -> None:
    submit(
        client,
        "broken",
        role("bad", "echo no such star >&2; exit 3"),
        role("slow", "sleep 600"),
    )

    bench.run()

    found = detail(client, "broken")
    assert (found["state"], found["appExitCode"]) == ("FAILED", 3)
    assert "no such star" in found["appExitDiagnostics"]
    (slow,) = found["taskRoles"]["slow"]["taskStatuses"]
    assert slow["taskState"] == "STOPPED"


def test_the_others_are_stopped_when_enough_have_completed(
    client: TestClient, bench: Bench
) -> None:
    submit(
        client,
        "enough",
        role("quick", "true", 2),
        role("endless", "sleep 600"),
        killAllOnCompletedTaskNumber=2,
    )

    bench.run()

    found = detail(client, "enough")
    assert found["state"] == "SUCCEEDED"
    assert found["taskRoles"]["endless"]["taskStatuses"][0]["taskState"] == "STOPPED"


def test_a_job_is_tried_as_often_as_it_says(client: TestClient, bench: Bench) -> None:
    submit(client, "stubborn", role("main", "exit 1"), retryCount=2)

    bench.run()

    found = detail(client, "stubborn")
    assert (found["state"], found["jobStatus"]["retries"]) == ("FAILED", 2)


def test_a_task_that_was_cancelled_stops_the_job(client: TestClient) -> None:
    submit(client, "cut", role("main", "true", 2))
    (first, *_) = client.get("/uws/api/v1/job").json()

    client.delete(f"/uws/api/v1/job/{first['jobId']}")

    assert detail(client, "cut")["state"] == "STOPPED"


@pytest.fixture
def ssh_server() -> Iterator[int]:
    """Return a port at which something answers as an SSH server does."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.sendall(b"SSH-2.0-test\r\n")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


def test_ssh_information_is_what_answers(ssh_server: int) -> None:
    import asyncio  # noqa: PLC0415 - here only

    from plugins.rest.pai.ssh import _answering  # noqa: PLC0415 - imports Airflow

    with socket.create_server(("127.0.0.1", 0)) as closed:
        other = closed.getsockname()[1]
    assert asyncio.run(_answering([ssh_server, other])) == {ssh_server}


def test_a_job_without_ssh_says_so(client: TestClient) -> None:
    submit(client, "noSsh")

    answer = client.get(f"{API}/jobs/noSsh/ssh")

    assert (answer.status_code, answer.json()["error"]) == (404, "SshInfoNotFound")


def test_a_detail_takes_the_same_statements_for_any_number_of_tasks(
    client: TestClient, bench: Bench
) -> None:
    submit(client, "small", role("main", "true", 2))
    submit(client, "big", role("main", "true", 60))
    statements: list[str] = []
    event.listen(
        bench.world.database.engine,
        "before_cursor_execute",
        lambda *arguments: statements.append(arguments[2]),
    )

    counts = []
    for name in ("small", "big"):
        statements.clear()
        detail(client, name)
        counts.append(len([each for each in statements if each.startswith("SELECT")]))
    assert counts == [2, 2]


def test_a_fixed_port_belongs_to_one_job(client: TestClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        taken = busy.getsockname()[1]
        wanted = [{"label": "a", "beginAt": taken}]
        answer = client.post(f"{API}/jobs", json=config("x", role("main", "true", portList=wanted)))
        assert answer.status_code == 400
    submit(client, "x", role("main", "true", portList=wanted))
    for name, number in (("y", 1), ("z", 2)):
        again = config(name, role("main", "true", number, portList=wanted))
        assert client.post(f"{API}/jobs", json=again).status_code == 400
