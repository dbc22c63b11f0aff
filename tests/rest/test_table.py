"""docs/rest.md lists every operation with a test of it."""

import re

import pytest
from fastapi.testclient import TestClient

from tests.rest.operations import PROJECT, operations_of_the_table, rows_of_the_table

pytestmark = pytest.mark.airflow


def test_the_table_lists_every_operation_once(client: TestClient) -> None:
    paths = client.get("/scale/api/openapi.json").json()["paths"]
    operations = sorted(
        f"{method.upper()} {re.sub(r'{[a-z_]+_id}', '{id}', path)}"
        for path, methods in paths.items()
        for method in methods
    )
    assert sorted(operations_of_the_table()) == operations


def test_every_test_of_the_table_is_there() -> None:
    for row in rows_of_the_table():
        source = (PROJECT / row["path"]).read_text(encoding="utf-8")
        assert f"def {row['test']}(" in source, row["operation"]
