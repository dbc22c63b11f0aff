"""How programs of the field sign in: with a token, or with user and password (RFC 7617)."""

import base64
from collections.abc import Mapping
from typing import Final

import pytest
from fastapi.testclient import TestClient

from tests.support.airflow import PASSWORD

pytestmark = pytest.mark.airflow
READ: Final = (
    "/mozart/api/v0.1/job/list", "/grq/api/v0.1/grq/on-demand", "/ades/processes",
    "/es/jobs/_search", "/uws/api/v1/job", "/pai/api/v1/jobs",
)  # fmt: skip
CHANGES: Final = "/uws/api/v1/job"
COMMAND: Final = {"command": "true"}


@pytest.mark.parametrize("path", READ)
def test_user_and_password_let_in_and_a_wrong_password_does_not(
    anonymous: TestClient, path: str
) -> None:
    right = anonymous.get(path, auth=("admin", PASSWORD))
    wrong = anonymous.get(path, auth=("admin", f"{PASSWORD}x"))

    assert (right.status_code, wrong.status_code) == (200, 401)
    # A challenge with Basic would make browsers keep the password for pages of others.
    assert wrong.headers["WWW-Authenticate"] == "Bearer"


def test_a_user_with_a_password_may_do_what_the_user_may_do(anonymous: TestClient) -> None:
    as_admin = anonymous.put(CHANGES, json=COMMAND, auth=("admin", PASSWORD))
    as_viewer = anonymous.put(CHANGES, json=COMMAND, auth=("viewer", PASSWORD))
    as_stranger = anonymous.get(CHANGES, auth=("stranger", PASSWORD))

    codes = [each.status_code for each in (as_admin, as_viewer, as_stranger)]
    assert codes == [200, 403, 403]


@pytest.mark.parametrize(
    "credentials",
    ["", "nonsense", "=", base64.b64encode(b"admin").decode(), base64.b64encode(b":").decode(),
     base64.b64encode(b"\xff:\xfe").decode(), base64.b64encode(b"no\x00body:x").decode()],
)  # fmt: skip
def test_what_is_no_user_and_password_is_refused(anonymous: TestClient, credentials: str) -> None:
    answer = anonymous.get(CHANGES, headers={"Authorization": f"Basic {credentials}"})

    assert answer.status_code == 401


def test_a_password_of_a_proxy_in_front_does_not_hide_the_cookie(
    anonymous: TestClient, user_tokens: Mapping[str, str]
) -> None:
    anonymous.cookies.set("_token", user_tokens["viewer"])

    assert anonymous.get(CHANGES, auth=("of-the-proxy", "secret")).status_code == 200


def test_the_interface_of_scale_takes_no_passwords(anonymous: TestClient) -> None:
    assert anonymous.get("/scale/api/workspaces/", auth=("admin", PASSWORD)).status_code == 401


PURGE: Final = "/mozart/api/v0.1/job/purge"


@pytest.mark.parametrize(
    ("site", "code"), [("cross-site", 403), ("same-origin", 404), ("none", 404), (None, 404)]
)
def test_a_page_of_another_site_changes_nothing_in_the_name_of_a_person(
    anonymous: TestClient, user_tokens: Mapping[str, str], site: str | None, code: int
) -> None:
    anonymous.cookies.set("_token", user_tokens["admin"])
    headers = {} if site is None else {"Sec-Fetch-Site": site}

    answer = anonymous.get(PURGE, params={"id": "nothing"}, headers=headers)

    assert answer.status_code == code
    assert anonymous.get(READ[0], headers=headers).status_code == 200


def test_a_program_in_a_page_of_another_site_changes_things_with_a_token(
    anonymous: TestClient, user_tokens: Mapping[str, str]
) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Authorization": f"Bearer {user_tokens['admin']}"}

    assert anonymous.put(CHANGES, json=COMMAND, headers=headers).status_code == 200
