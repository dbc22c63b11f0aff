"""Users and virtual clusters of OpenPAI's REST server (seed 004)."""

from typing import Final

import pytest
from fastapi.testclient import TestClient

from tests.dialects.pai import API, as_user, config, role, submit
from tests.support.airflow import PASSWORD

pytestmark = [pytest.mark.airflow, pytest.mark.usefixtures("pai_processes")]
VIRTUAL_CLUSTER: Final = {
    "capacity": 100.0,
    "maxCapacity": 100.0,
    "usedCapacity": 0,
    "numActiveJobs": 0,
    "numJobs": 0,
    "numPendingJobs": 0,
    "resourcesUsed": {"memory": 0, "vCores": 0, "GPUs": 0},
}


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
