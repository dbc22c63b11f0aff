"""Jobs of OpenPAI's REST server, against the seed's own words (seed 004)."""

from typing import Any, Final

import pytest
from fastapi.testclient import TestClient

from tests.dialects.conftest import Bench
from tests.dialects.pai import API, as_user, config, detail, execute, role, submit

pytestmark = [pytest.mark.airflow, pytest.mark.usefixtures("pai_processes")]
LISTED: Final = {
    "name", "username", "state", "subState", "executionType", "retries", "createdTime",
    "completedTime", "appExitCode", "virtualCluster",
}  # fmt: skip


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
