"""OpenPAI's REST server, against the seed's own words (seed 004)."""

import json
import secrets
import socket
import threading
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event

from tests.dialects.conftest import Bench
from tests.support.airflow import PASSWORD

pytestmark = pytest.mark.airflow
API: Final = "/pai/api/v1"
FLAT: Final = [
    "name", "state", "createdTime", "completedTime", "appId", "appProgress", "appTrackingUrl",
    "appLaunchedTime", "appCompletedTime", "appExitCode", "appExitDiagnostics",
]  # fmt: skip
LISTED: Final = {
    "name", "username", "state", "subState", "executionType", "retries", "createdTime",
    "completedTime", "appExitCode", "virtualCluster",
}  # fmt: skip
VIRTUAL_CLUSTER: Final = {
    "capacity": 100.0,
    "maxCapacity": 100.0,
    "usedCapacity": 0,
    "numActiveJobs": 0,
    "numJobs": 0,
    "numPendingJobs": 0,
    "resourcesUsed": {"memory": 0, "vCores": 0, "GPUs": 0},
}


@pytest.fixture(autouse=True)
def processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run tasks as processes of this host."""
    monkeypatch.setenv("AIRSCALE_PAI_RUNTIME", "process")


def role(name: str, command: str, number: int = 1, **more: Any) -> dict[str, Any]:
    return {"name": name, "taskNumber": number, "command": command, **more}


def config(name: str, *roles: dict[str, Any], **more: Any) -> dict[str, Any]:
    image = "pai.run.tensorflow"
    given = roles or (role("main", "true"),)
    return {"jobName": name, "image": image, "taskRoles": list(given), **more}


def submit(client: TestClient, name: str, *roles: dict[str, Any], **more: Any) -> None:
    """Submit a job, as the seed has it."""
    answer = client.post(f"{API}/jobs", json=config(name, *roles, **more))
    assert answer.status_code == 201, answer.text
    assert answer.json() == {"message": f"update job {name} successfully"}


def detail(client: TestClient, name: str) -> dict[str, Any]:
    answer = client.get(f"{API}/jobs/{name}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def execute(client: TestClient, name: str, value: str) -> Any:
    return client.put(f"{API}/jobs/{name}/executionType", json={"value": value})


def as_user(client: TestClient, name: str) -> Mapping[str, str]:
    """Make a user who is no administrator, and return the header that signs in."""
    password = secrets.token_urlsafe(8)
    body = {"username": name, "password": password, "admin": False, "modify": False}
    client.put(f"{API}/user", json=body)
    answer = client.post(f"{API}/token", data={"username": name, "password": password})
    return {"Authorization": f"Bearer {answer.json()['token']}"}


def test_a_token_is_got_with_a_form_and_lets_in(anonymous: TestClient) -> None:
    answer = anonymous.post(
        f"{API}/token", data={"username": "admin", "password": PASSWORD, "expiration": "600"}
    )

    assert answer.status_code == 200
    body = answer.json()
    assert body == {"token": body["token"], "user": "admin", "admin": True}
    header = {"Authorization": f"Bearer {body['token']}"}
    assert anonymous.get(f"{API}/jobs", headers=header).json() == []


def test_a_token_lasts_as_long_as_was_asked_for(anonymous: TestClient) -> None:
    import jwt  # noqa: PLC0415 - of Airflow

    body = {"username": "admin", "password": PASSWORD, "expiration": 600}
    text = anonymous.post(f"{API}/token", json=body).json()["token"]

    claims = jwt.decode(text, options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == 600


@pytest.mark.parametrize(
    "body", [{"username": "admin", "password": "wrong-one"}, {"username": "admin"}, {}]
)
def test_who_does_not_know_the_password_gets_no_token(
    anonymous: TestClient, body: dict[str, str]
) -> None:
    answer = anonymous.post(f"{API}/token", json=body)

    assert answer.status_code == 401
    assert answer.json() == {
        "error": "AuthenticationFailed",
        "message": "authentication failed",
    }


def test_a_token_of_no_time_is_refused(anonymous: TestClient) -> None:
    body = {"username": "admin", "password": PASSWORD, "expiration": 5}
    assert anonymous.post(f"{API}/token", json=body).status_code == 400


def test_nobody_comes_in_without_a_token(anonymous: TestClient) -> None:
    for method, path in (("GET", "jobs"), ("POST", "jobs"), ("PUT", "user"), ("GET", "")):
        answer = anonymous.request(method, f"{API}/{path}")
        assert answer.status_code == 401, path
        assert answer.json()["error"] == "NotAuthorized"


def test_users_are_made_changed_listed_and_removed(client: TestClient) -> None:
    user = {"username": "test_1", "password": "first-secret", "admin": False, "modify": False}

    made = client.put(f"{API}/user", json=user)
    assert (made.status_code, made.json()) == (201, {"message": "update successfully"})
    again = client.put(f"{API}/user", json=user)
    assert (again.status_code, again.json()["error"]) == (500, "UpdateFailed")

    changed = {**user, "password": "second-secret", "modify": True}
    assert client.put(f"{API}/user", json=changed).json() == {"message": "update successfully"}
    for password, status in (("first-secret", 401), ("second-secret", 200)):
        body = {"username": "test_1", "password": password}
        assert client.post(f"{API}/token", json=body).status_code == status

    listed = {each["username"]: each for each in client.get(f"{API}/user").json()}
    expected = {"username": "test_1", "admin": "false", "virtualCluster": "default"}
    assert listed["test_1"] == expected
    assert listed["admin"]["admin"] == "true"

    removed = client.request("DELETE", f"{API}/user", json={"username": "test_1"})
    assert (removed.status_code, removed.json()) == (200, {"message": "remove successfully"})
    for name in ("test_1", "admin"):
        failed = client.request("DELETE", f"{API}/user", json={"username": name})
        assert (failed.status_code, failed.json()["error"]) == (500, "RemoveFailed")


def test_a_user_may_change_only_the_own_password(client: TestClient) -> None:
    header = as_user(client, "test_2")
    own = {"username": "test_2", "password": "another-secret", "modify": True}

    assert client.put(f"{API}/user", json=own, headers=header).status_code == 201
    for body in (
        {**own, "username": "admin"},
        {**own, "admin": True},
        {**own, "username": "test_new", "modify": False},
    ):
        answer = client.put(f"{API}/user", json=body, headers=header)
        assert answer.status_code == 401
        assert answer.json() == {"error": "NotAuthorized", "message": "not authorized"}
    answer = client.request("DELETE", f"{API}/user", json=own, headers=header)
    assert answer.status_code == 401
    assert client.get(f"{API}/user", headers=header).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        {"username": "no-dash", "password": "long-enough"},
        {"username": "name", "password": "short"},
        {},
    ],
)
def test_users_that_cannot_be_are_refused(client: TestClient, body: dict[str, str]) -> None:
    answer = client.put(f"{API}/user", json=body)

    assert (answer.status_code, answer.json()["error"]) == (400, "ParameterValidationError")


def test_users_have_the_virtual_clusters_they_are_given(client: TestClient) -> None:
    header = as_user(client, "test_3")
    wanted = config("a", virtualCluster="vc1")
    unknown = client.post(f"{API}/jobs", json=wanted)
    assert unknown.json()["error"] == "JobUpdateWithInvalidVirtualCluster"
    client.put(f"{API}/virtual-clusters/vc1", json={"vcCapacity": 30})
    refused = client.post(f"{API}/jobs", json=wanted, headers=header)
    assert refused.status_code == 401
    assert refused.json()["error"] == "JobUpdateWithNoRightVirtualCluster"

    body = {"virtualClusters": "vc1"}
    path = f"{API}/user/test_3/virtualClusters"
    assert client.put(path, json=body, headers=header).status_code == 401
    given = client.put(path, json=body)

    assert given.status_code == 201
    assert given.json() == {"message": "update user virtual clusters successfully"}
    assert client.post(f"{API}/jobs", json=wanted, headers=header).status_code == 201
    listed = {each["username"]: each for each in client.get(f"{API}/user").json()}
    assert listed["test_3"]["virtualCluster"] == "default,vc1"
    none = client.put(path, json={"virtualClusters": "nowhere"})
    assert none.json()["error"] == "InvalidVirtualCluster"
    assert client.put(f"{API}/user/nobody/virtualClusters", json=body).status_code == 404


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


def test_a_job_is_listed_as_in_the_real_server(client: TestClient) -> None:
    for name in ("one", "two"):
        submit(client, name)

    listed = client.get(f"{API}/jobs").json()

    assert [each["name"] for each in listed] == ["two", "one"]
    assert all(set(each) == LISTED for each in listed)
    assert {each["state"] for each in listed} == {"WAITING"}
    assert client.get(f"{API}/jobs?username=nobody").json() == []
    assert len(client.get(f"{API}/jobs?username=admin").json()) == 2
    assert [each["name"] for each in client.get(f"{API}/jobs?limit=1&offset=1").json()] == ["one"]


def test_the_portal_submits_with_put(client: TestClient) -> None:
    document = config("byPut")
    answer = client.put(f"{API}/jobs/byPut", json=document)

    assert (answer.status_code, detail(client, "byPut")["name"]) == (201, "byPut")
    assert client.put(f"{API}/jobs/other", json=document).status_code == 400
    again = client.put(f"{API}/jobs/byPut", json=document)
    assert (again.status_code, again.json()["error"]) == (400, "JobUpdateError")


def test_the_aliases_lead_to_the_same_jobs(client: TestClient) -> None:
    client.put("/pai/rest-server/api/v1/user/admin/jobs/named", json=config("named"))

    for path in ("/pai/rest-server/api/v1/jobs/named", f"{API}/user/admin/jobs/named"):
        assert client.get(path).json()["name"] == "named"
    assert client.get(f"{API}/user/admin/jobs/named/config").json() == config("named")
    assert client.get(f"{API}/user/viewer/jobs/named").status_code == 404
    assert client.get(f"{API}/user/viewer/jobs").json() == []
    assert client.put(f"{API}/user/viewer/jobs/x", json=config("x")).status_code == 400


def test_a_name_can_be_used_once(client: TestClient) -> None:
    submit(client, "twice")

    answer = client.post(f"{API}/jobs", json=config("twice"))

    assert answer.status_code == 400
    assert answer.json()["error"] == "JobUpdateError"
    assert answer.json()["message"].startswith("job update error")


def test_the_configuration_comes_back_as_it_was_given(client: TestClient) -> None:
    submit(client, "test", retryCount=2)

    found = client.get(f"{API}/jobs/test/config")
    assert (found.status_code, found.json()) == (200, config("test", retryCount=2))


@pytest.mark.parametrize("path", ["", "/config", "/ssh"])
def test_a_job_that_does_not_exist_is_not_found(client: TestClient, path: str) -> None:
    for name in ("nothing", "0" * 32):
        answer = client.get(f"{API}/jobs/{name}{path}")
        assert answer.status_code == 404
        assert answer.json() == {
            "error": "JobNotFound",
            "message": f"could not find job {name}",
        }


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"jobName": "a b"}, "$.jobName"),
        ({"image": None}, "$.image"),
        ({"taskRoles": []}, "$.taskRoles"),
        ({"unknown": 1}, "$.unknown"),
        ({"retryCount": -3}, "$.retryCount"),
        ({"killAllOnCompletedTaskNumber": 2}, "should not be greater than tasks number"),
        ({"taskRoles": [role("a", "")]}, "$.taskRoles[0].command"),
        ({"taskRoles": [role("a-b", "true")]}, "$.taskRoles[0].name"),
        ({"taskRoles": [role("a", "true", 0)]}, "$.taskRoles[0].taskNumber"),
        ({"taskRoles": [role("a", "true"), role("a", "true")]}, "'a'"),
        ({"taskRoles": [role("a", "true", cpuNumber="2")]}, "$.taskRoles[0].cpuNumber"),
        ({"taskRoles": [role("a", "true", gpuNumber=1)]}, "no GPUs"),
        ({"authFile": "hdfs://a"}, "$.authFile"),
        ({"gpuType": "K80"}, "$.gpuType"),
        ({"codeDir": "file:///etc"}, "file"),
    ],
)
def test_a_configuration_that_is_not_valid_is_refused(
    client: TestClient, change: dict[str, Any], sentence: str
) -> None:
    answer = client.post(f"{API}/jobs", json={**config("bad"), **change})

    assert answer.status_code == 400, answer.text
    assert answer.json()["error"] in {"ParameterValidationError", "JobUpdateError"}
    assert sentence in answer.json()["message"]
    assert client.get(f"{API}/jobs/bad").status_code == 404


def test_a_stopped_job_never_runs_and_can_be_started_again(
    client: TestClient, bench: Bench
) -> None:
    submit(client, "paused", role("main", "true", 2), killAllOnCompletedTaskNumber=0)

    stopped = execute(client, "paused", "STOP")

    assert stopped.status_code == 200
    assert stopped.json() == {"message": "execute job paused successfully"}
    bench.run()
    found = detail(client, "paused")
    assert (found["state"], found["appExitCode"]) == ("STOPPED", 214)
    assert found["jobStatus"]["executionType"] == "STOP"
    assert execute(client, "paused", "START").status_code == 200
    assert detail(client, "paused")["state"] == "WAITING"
    bench.run()
    assert detail(client, "paused")["state"] == "SUCCEEDED"
    for value in ("START", "STOP"):
        refused = execute(client, "paused", value)
        assert (refused.status_code, refused.json()["error"]) == (400, "JobExecuteError")


@pytest.mark.parametrize("body", [None, {}, {"value": "stop"}, {"value": None}, {"value": [1]}])
def test_nothing_is_executed_without_start_or_stop(client: TestClient, body: Any) -> None:
    submit(client, "kept")

    answer = client.put(f"{API}/jobs/kept/executionType", json=body)

    assert (answer.status_code, answer.json()["error"]) in (
        (400, "JobExecuteError"), (400, "ParameterValidationError")
    )  # fmt: skip
    assert detail(client, "kept")["state"] == "WAITING"


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


def test_a_deleted_job_is_gone_and_its_name_free(client: TestClient, bench: Bench) -> None:
    submit(client, "gone", role("main", 'echo 1 > "$JOB_OUTPUT_DIR/one.txt"'))
    bench.run()

    answer = client.delete(f"{API}/jobs/gone")

    assert answer.status_code == 202
    assert answer.json() == {"message": "deleted job gone successfully"}
    assert client.get(f"{API}/jobs/gone").status_code == 404
    assert client.get(f"{API}/jobs").json() == []
    submit(client, "gone")


def test_others_may_not_touch_a_job(client: TestClient) -> None:
    header = as_user(client, "test_4")
    submit(client, "mine")

    stop = client.put(f"{API}/jobs/mine/executionType", json={"value": "STOP"}, headers=header)
    gone = client.delete(f"{API}/jobs/mine", headers=header)

    assert (stop.status_code, stop.json()["error"]) == (403, "JobExecuteError")
    assert (gone.status_code, gone.json()["error"]) == (403, "JobDeleteError")
    assert client.get(f"{API}/jobs/mine", headers=header).json()["state"] == "WAITING"


def test_virtual_clusters_have_shares_and_use(client: TestClient) -> None:
    assert client.get(f"{API}/virtual-clusters").json()["default"] == VIRTUAL_CLUSTER
    made = client.put(f"{API}/virtual-clusters/vc1", json={"vcCapacity": 30, "vcMaxCapacity": 50.5})
    assert made.status_code == 201
    submit(client, "a", role("main", "true", 3))
    submit(client, "b", virtualCluster="vc1")

    assert client.get(f"{API}/virtual-clusters/vc1").json() == {
        **VIRTUAL_CLUSTER, "capacity": 30, "maxCapacity": 50.5, "numJobs": 1, "numPendingJobs": 1
    }  # fmt: skip
    default = client.get(f"{API}/virtual-clusters").json()["default"]
    assert (default["numJobs"], default["numPendingJobs"]) == (1, 1)


def test_a_virtual_cluster_that_does_not_exist_is_not_found(client: TestClient) -> None:
    answer = client.get(f"{API}/virtual-clusters/vc9")

    assert answer.status_code == 404
    assert answer.json() == {
        "error": "VirtualClusterNotFound",
        "message": "could not find virtual cluster vc9",
    }


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


def test_jobs_are_seen_in_all_dialects(client: TestClient, bench: Bench) -> None:
    submit(client, "everywhere")
    made = client.put("/uws/api/v1/job", json={"command": "exit 4"}).json()["jobId"]

    names = {each["name"]: each["state"] for each in client.get(f"{API}/jobs").json()}
    assert names == {"everywhere": "WAITING", made: "WAITING"}
    runs = [each["runId"] for each in client.get("/uws/api/v1/job").json()]
    assert runs == [made, "everywhere.main.0"]
    scale = client.get("/scale/api/jobs/").json()["results"]
    assert {each["job_type"]["name"] for each in scale} == {"task", "shell-command"}
    assert len(client.get("/mozart/api/v0.1/job/list").json()["result"]) == 2

    bench.run()

    names = {each["name"]: each["state"] for each in client.get(f"{API}/jobs").json()}
    assert names == {"everywhere": "SUCCEEDED", made: "FAILED"}
    found = detail(client, made)
    assert (found["appExitCode"], list(found["taskRoles"])) == (4, ["main"])
    assert client.get(f"{API}/jobs/{made}/config").json()["taskRoles"][0]["command"] == "exit 4"
    assert execute(client, made, "START").status_code == 200
    assert execute(client, made, "STOP").status_code == 200
    assert detail(client, made)["state"] == "STOPPED"
    assert client.delete(f"{API}/jobs/{made}").status_code == 202
    assert client.get(f"{API}/jobs/{made}").status_code == 404


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
