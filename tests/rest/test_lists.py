"""Every parameter of every list: pages, times, order and filters (contract section 3)."""

from collections.abc import Callable
from typing import Any, Final

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.rest.operations import PROJECT
from tests.support.contract import lists

pytestmark = pytest.mark.airflow
SCALE: Final = "/scale/api"
COMMON: Final = {"page", "page_size", "started", "ended", "order"}
JOB_TYPE: Final = {
    "job_type_id": "job_type.id",
    "job_type_name": "job_type.name",
    "job_type_category": "job_type.category",
}
FILES: Final = {"file_name": "file_name"}
OF_JOBS: Final = {"status": "status", **JOB_TYPE}
FILTERS: Final[dict[str, dict[str, str]]] = {  # parameter to the field that has its values
    "/file-moves/": {},
    "/ingests/": {"status": "status", "strike_id": "strike.id"},
    "/job-executions/": {
        "status": "status",
        "job_id": "job.id",
        "node_id": "node.id",
        **{name: f"job.{field}" for name, field in JOB_TYPE.items()},
    },
    "/job-types/": {"name": "name", "category": "category"},
    "/jobs/": {"job_id": "id", **OF_JOBS},
    "/jobs/executions/": OF_JOBS,
    "/jobs/updates/": OF_JOBS,
    "/products/": {"is_operational": "is_operational", **FILES, **JOB_TYPE},
    "/products/updates/": {"is_operational": "is_operational", **FILES, **JOB_TYPE},
    "/recipes/": {"type_id": "recipe_type.id", "type_name": "recipe_type.name"},
    "/scans/": {"name": "name"},
    "/sources/": {"is_parsed": "is_parsed", **FILES},
    "/sources/updates/": {"is_parsed": "is_parsed", **FILES},
    "/sources/{id}/jobs/": {"job_id": "id", **OF_JOBS},
    "/sources/{id}/products/": {"is_operational": "is_operational", **FILES, **JOB_TYPE},
    "/strikes/": {"name": "name"},
    "/triggers/events/": {"type": "type", "rule_id": "rule.id"},
    "/triggers/groups/": {"rule_id": "rule.id", "key": "key", "is_waiting": "is_waiting"},
    "/triggers/rules/": {"type": "type", "name": "name", "is_active": "is_active"},
    "/workspaces/": {"name": "name"},
}
ELSEWHERE: Final = {  # parameters whose meaning no field shows, and their tests
    "choice_id": "test_metrics.py::test_the_values_of_several_choices_have_ids",
    "column": "test_metrics.py",
    "group": "test_metrics.py",
    "has_problem": "test_triggers.py",
    "include_inactive": "test_nodes.py",
    "is_superseded": "test_files.py",
    "use_ingest_time": "test_updates.py",
}
OF_LOAD: Final = {*JOB_TYPE, "job_type_priority"}  # each in test_metrics.py
Rows = list[dict[str, Any]]


def rows_of(client: TestClient, path: str, **parameters: Any) -> Rows:
    """Return the results of a list."""
    answer = client.get(address_of(path), params=parameters)
    assert answer.status_code == 200, answer.text
    results: Rows = answer.json()["results"]
    return results


def address_of(path: str) -> str:
    """Return the address of a list."""
    return f"{SCALE}{path.format(id=1, name='job-types')}"


def identity(row: dict[str, Any]) -> Any:
    """Return what tells a row from others."""
    own = [str(row[name]) for name in ("id", "name", "time") if name in row]
    parts = ("strike", "job_type", "node", "column")
    return own or [identity(row[name]) for name in parts if name in row]


def value_at(row: dict[str, Any], field: str, separator: str = ".") -> Any:
    """Return a field of a row, nested with the separator."""
    value: Any = row
    for name in field.split(separator):
        value = None if value is None else value[name]
    return value


@pytest.fixture
def parameters(scale: FastAPI) -> Callable[[str], set[str]]:
    """Return what tells the query parameters of a list."""
    paths = scale.openapi()["paths"]

    def of(path: str) -> set[str]:
        (found,) = (
            operations["get"]
            for each, operations in paths.items()
            if shape(each) == shape(path) and "get" in operations
        )
        return {each["name"] for each in found.get("parameters", ()) if each["in"] == "query"}

    return of


def shape(path: str) -> list[str]:
    """Return the parts of a path, whatever its parameters are called."""
    return ["{}" if part.startswith("{") else part for part in path.split("/")]


@pytest.mark.parametrize("path", lists())
def test_every_parameter_of_a_list_is_tested(
    parameters: Callable[[str], set[str]], path: str
) -> None:
    own = parameters(path) - COMMON - set(FILTERS.get(path, ())) - set(ELSEWHERE)

    assert own == (OF_LOAD if path == "/load/" else set())


def test_parameters_without_a_field_are_tested_where_it_is_said() -> None:
    for name, place in ELSEWHERE.items():
        file, _, test = place.partition("::")
        source = (PROJECT / "tests" / "rest" / file).read_text(encoding="utf-8")
        assert name in source
        assert f"def {test}" in source


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


def filters() -> list[tuple[str, str, str]]:
    """Return path, parameter and field of every filter."""
    return [(path, name, field) for path, known in FILTERS.items() for name, field in known.items()]


@pytest.mark.parametrize(("path", "name", "field"), filters())
def test_a_filter_gives_the_rows_with_its_value_and_repeated_with_any(
    readonly_world: TestClient, path: str, name: str, field: str
) -> None:
    everything = rows_of(readonly_world, path, page_size=1000)
    values = sorted({value_at(row, field) for row in everything} - {None})
    assert values

    for wanted in [[value] for value in values[:2]] + [values[:2]]:
        if len(wanted) > 1 and isinstance(wanted[0], bool):
            continue
        expected = [identity(row) for row in everything if value_at(row, field) in wanted]
        shown = [str(each).lower() if isinstance(each, bool) else each for each in wanted]
        assert list(map(identity, rows_of(readonly_world, path, **{name: shown}))) == expected, (
            wanted
        )


@pytest.mark.parametrize(("path", "name", "field"), filters())
def test_a_value_that_no_row_has_gives_an_empty_list(
    readonly_world: TestClient, path: str, name: str, field: str
) -> None:
    values = {value_at(row, field) for row in rows_of(readonly_world, path, page_size=1000)} - {
        None
    }
    (kind,) = {type(each) for each in values}
    (other, *_) = (str(not each).lower() for each in values)
    unknown = {bool: other, int: 2**63 - 1, str: "no such"}

    found = readonly_world.get(address_of(path), params={name: unknown[kind]}).json()

    assert found["count"] == 0 or len(values) > 1
    assert kind is bool or found == {"count": 0, "next": None, "previous": None, "results": []}
    if kind is not str:
        assert readonly_world.get(address_of(path), params={name: "x"}).status_code == 400
    if kind is int:
        assert readonly_world.get(address_of(path), params={name: 2**63}).status_code == 400


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
    shown = [field for field in known_fields(client, path) if is_shown(row, field)]
    nested = [field for field in shown if "__" in field]
    return [field for field in shown if "__" not in field] + nested[:3]


def is_shown(row: dict[str, Any], field: str) -> bool:
    """Say whether a row has a plain value under a name for an order."""
    try:
        return not isinstance(value_at(row, field, "__"), dict | list)
    except KeyError:
        return False
