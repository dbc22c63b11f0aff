"""Every filter of every list (contract section 3)."""

from collections.abc import Callable
from typing import Final

import pytest
from fastapi.testclient import TestClient

from tests.rest.operations import PROJECT
from tests.rest.reading import address_of, identity, rows_of, value_at
from tests.support.contract import lists

pytestmark = pytest.mark.airflow
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
