"""Nobody gets anything from the apps without being known and permitted."""

from collections.abc import Mapping

import pytest
from fastapi.testclient import TestClient

pytestmark = pytest.mark.airflow
URL = "/scale/api/workspaces/"


def test_the_cookie_of_the_user_interface_lets_a_user_in(
    anonymous: TestClient, user_tokens: Mapping[str, str]
) -> None:
    anonymous.cookies.set("_token", user_tokens["viewer"])

    assert anonymous.get(URL).status_code == 200


def test_a_token_that_is_not_one_is_not_let_in(anonymous: TestClient) -> None:
    answer = anonymous.get(URL, headers={"Authorization": "Bearer nonsense"})

    assert answer.status_code == 401


def test_a_viewer_may_read_and_not_create(
    anonymous: TestClient, user_tokens: Mapping[str, str]
) -> None:
    anonymous.headers["Authorization"] = f"Bearer {user_tokens['viewer']}"

    assert anonymous.get(URL).status_code == 200
    answer = anonymous.post(URL, json={})
    assert answer.status_code == 403
    assert "'can_create' on 'Scale'" in answer.json()["detail"]


def test_a_user_without_a_permission_may_not_even_read(
    anonymous: TestClient, user_tokens: Mapping[str, str]
) -> None:
    anonymous.headers["Authorization"] = f"Bearer {user_tokens['stranger']}"

    assert anonymous.get(URL).status_code == 403


def test_a_stranger_learns_nothing_about_a_body_or_an_address(anonymous: TestClient) -> None:
    broken = anonymous.post(URL, content="{", headers={"Content-Type": "application/json"})

    assert broken.status_code == 401
    assert anonymous.get("/scale/api/nowhere/").status_code == 401
