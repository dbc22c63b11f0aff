"""Every order of every list (contract section 3)."""

from collections.abc import Callable
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient

from tests.rest.reading import address_of, rows_of, value_at
from tests.support.contract import lists

pytestmark = pytest.mark.airflow
MEASURED: Final = frozenset({"used_size", "total_size"})  # a disk's own, anew for each answer


@pytest.mark.parametrize("path", lists())
def test_a_list_can_be_ordered_by_each_of_its_fields(
    readonly_world: TestClient, parameters: Callable[[str], set[str]], path: str
) -> None:
    if "order" not in parameters(path):
        pytest.skip("This list has an order of its own.")
    checked = 0
    for field in fields_to_order_by(readonly_world, path):
        upwards = values_by(readonly_world, path, field)
        downwards = values_by(readonly_world, path, f"-{field}")
        assert upwards == downwards[::-1], field
        if not any(isinstance(each, str) and "T" not in each for each in upwards):
            known = [each for each in upwards if each is not None]
            assert known == sorted(known), field
        checked += 1
    assert checked


@pytest.mark.parametrize("path", lists())
def test_an_order_may_be_repeated(
    readonly_world: TestClient, parameters: Callable[[str], set[str]], path: str
) -> None:
    everything = rows_of(readonly_world, path, page_size=1000)
    if "order" not in parameters(path) or "id" not in everything[0]:
        pytest.skip("This list has an order of its own.")
    (tied, *_) = [
        name
        for name in everything[0]
        if isinstance(everything[0][name], str | bool)
        and name in known_fields(readonly_world, path)
    ]

    rows = rows_of(readonly_world, path, order=[tied, "-id"], page_size=1000)

    first = [row["id"] for row in rows if row[tied] == rows[0][tied]]
    assert first == sorted(first, reverse=True)
    assert [row[tied] for row in rows] == values_by(readonly_world, path, tied)


@pytest.mark.parametrize("path", lists())
def test_an_order_that_is_none_is_400(
    readonly_world: TestClient, parameters: Callable[[str], set[str]], path: str
) -> None:
    if "order" not in parameters(path):
        pytest.skip("This list has an order of its own.")
    for order in ("nonsense", "", "--id", "id__name", "a\x00"):
        assert readonly_world.get(address_of(path), params={"order": order}).status_code == 400, (
            order
        )


@pytest.mark.parametrize(
    ("path", "example", "field"),
    [
        ("/jobs/", "name", "job_type.name"),
        ("/jobs/", "version", "job_type.version"),
        ("/jobs/updates/", "name", "job_type.name"),
        ("/jobs/executions/", "name", "job_type.name"),
        ("/sources/{id}/jobs/", "name", "job_type.name"),
        ("/job-executions/", "job_type__name", "job.job_type.name"),
        ("/nodes/", "host_name", "hostname"),
        ("/recipes/", "name", "recipe_type.name"),
        ("/recipes/", "version", "recipe_type.version"),
    ],
)
def test_the_seeds_examples_of_an_order_are_understood(
    readonly_world: TestClient, path: str, example: str, field: str
) -> None:
    upwards = rows_of(readonly_world, path, order=[example, "id"])
    downwards = rows_of(readonly_world, path, order=[f"-{example}", "-id"])

    assert upwards == downwards[::-1]
    assert [value_at(row, field) for row in upwards] == sorted(
        value_at(row, field) for row in upwards
    )


def values_by(client: TestClient, path: str, order: str) -> list[Any]:
    """Return the values of a field in an order by it."""
    rows = rows_of(client, path, order=order, page_size=1000)
    return [value_at(row, order.removeprefix("-"), "__") for row in rows]


def known_fields(client: TestClient, path: str) -> list[str]:
    """Return the fields that a list says it can be ordered by."""
    refused = client.get(address_of(path), params={"order": "nonsense"}).json()
    sentence = refused if isinstance(refused, str) else refused["detail"]
    return sentence.partition("The fields are: ")[2].rstrip(".").split(", ")


def fields_to_order_by(client: TestClient, path: str) -> list[str]:
    """Return the fields a list shows that it can be ordered by: all plain ones, three nested."""
    row = rows_of(client, path)[0]
    shown = [
        field
        for field in known_fields(client, path)
        if is_shown(row, field) and field not in MEASURED
    ]
    nested = [field for field in shown if "__" in field]
    return [field for field in shown if "__" not in field] + nested[:3]


def is_shown(row: dict[str, Any], field: str) -> bool:
    """Say whether a row has a plain value under a name for an order."""
    try:
        return not isinstance(value_at(row, field, "__"), dict | list)
    except KeyError:
        return False
