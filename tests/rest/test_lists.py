"""Pages and times of every list (contract section 3)."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.rest.reading import address_of, identity, rows_of
from tests.support.contract import lists

pytestmark = pytest.mark.airflow


@pytest.mark.parametrize("path", lists())
def test_pages_of_one_row_make_up_the_list(readonly_world: TestClient, path: str) -> None:
    expected = list(map(identity, rows_of(readonly_world, path, page_size=1000)))[:4]

    found: list[Any] = []
    answer = readonly_world.get(address_of(path), params={"page_size": 1}).json()
    while len(found) < len(expected):
        (row,) = answer["results"]
        found.append(identity(row))
        if answer["next"] is None:
            break
        answer = readonly_world.get(answer["next"]).json()

    assert found == expected


@pytest.mark.parametrize("path", lists())
def test_no_page_of_a_list_lies_beyond_its_end(readonly_world: TestClient, path: str) -> None:
    for page in (0, -1, 10**6, 10**30):
        assert readonly_world.get(address_of(path), params={"page": page}).status_code == 404, page
    for size in (0, -5, 10**30):
        assert rows_of(readonly_world, path, page_size=size), size


@pytest.mark.parametrize("path", lists())
def test_times_of_a_list_that_cannot_be_read_are_400(
    readonly_world: TestClient, parameters: Callable[[str], set[str]], path: str
) -> None:
    if "started" not in parameters(path):
        pytest.skip("This list has no times.")
    for times in (
        {"started": "2015-01-01T00:00:00"},
        {"ended": "yesterday"},
        {"started": "P1Y"},
        {"ended": "PT"},
        {"started": f"P{'9' * 19}D"},
        {"started": "PT1H", "ended": "PT2H"},
        {"started": "2015-01-02T00:00:00Z", "ended": "2015-01-01T00:00:00Z"},
        {"started": "9" * 5000},
    ):
        answer = readonly_world.get(address_of(path), params=times)
        assert answer.status_code == 400, times
        assert answer.json()


@pytest.mark.parametrize("path", lists())
def test_times_at_the_ends_of_the_calendar_are_no_fault(
    readonly_world: TestClient, path: str
) -> None:
    for times in (
        {"started": "0001-01-01T00:00:00Z"},
        {"ended": "9999-12-31T23:59:59Z"},
        {"ended": "0001-01-02T00:00:00Z"},
        {"started": "9999-12-30T00:00:00Z", "ended": "9999-12-31T23:59:59Z"},
    ):
        assert readonly_world.get(address_of(path), params=times).status_code in (200, 400), times


@pytest.mark.parametrize("path", lists())
def test_times_of_a_list_of_rows_are_of_their_last_change(
    readonly_world: TestClient, parameters: Callable[[str], set[str]], path: str
) -> None:
    everything = rows_of(readonly_world, path, page_size=1000)
    if "started" not in parameters(path) or "last_modified" not in everything[0]:
        pytest.skip("The times of this list are not those of changes.")
    every = sorted(map(identity, everything))
    latest = max(row["last_modified"] for row in everything)

    assert (
        sorted(map(identity, rows_of(readonly_world, path, started="P1D", page_size=1000))) == every
    )
    assert rows_of(readonly_world, path, ended="P1D") == []
    assert (
        sorted(map(identity, rows_of(readonly_world, path, ended="PT0S", page_size=1000))) == every
    )
    assert rows_of(readonly_world, path, started=latest)
