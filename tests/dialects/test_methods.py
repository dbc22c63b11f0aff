"""What an address answers is said to OPTIONS, and to who sends another method (RFC 9110, 9.3.7)."""

from typing import Final

import pytest
from fastapi.testclient import TestClient

pytestmark = pytest.mark.airflow
METHODS: Final = {
    "/mozart/api/v0.1/job/submit": {"GET", "HEAD", "POST"},
    "/mozart/api/v0.2/user-tags": {"PUT", "DELETE"},
    "/ades/processes": {"GET", "HEAD", "POST"},
    "/uws/api/v1/job": {"GET", "HEAD", "PUT"},
    "/uws/api/v1/job/x/phase/": {"GET", "HEAD"},
    "/pai/api/v1/jobs/x": {"GET", "HEAD", "PUT", "DELETE"},
    "/pai/api/v1/token": {"POST"},
}


@pytest.mark.parametrize("path", METHODS)
def test_options_says_what_an_address_answers(client: TestClient, path: str) -> None:
    answer = client.options(path)

    assert (answer.status_code, answer.content) == (204, b"")
    assert {*answer.headers["Allow"].split(", ")} == METHODS[path] | {"OPTIONS"}


@pytest.mark.parametrize("path", METHODS)
def test_another_method_is_told_all_that_are_possible(client: TestClient, path: str) -> None:
    answer = client.patch(path)

    assert answer.status_code == 405
    assert {*answer.headers["Allow"].split(", ")} == METHODS[path] | {"OPTIONS"}


def test_options_of_nothing_is_not_found(client: TestClient) -> None:
    assert client.options("/mozart/api/v0.1/nowhere").status_code == 404


def test_a_stranger_does_not_learn_what_there_is(anonymous: TestClient) -> None:
    for path in ("/uws/api/v1/job", "/uws/api/v1/nowhere"):
        assert anonymous.options(path).status_code == 401
