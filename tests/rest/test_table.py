"""docs/rest.md lists every operation with a test of it."""

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

pytestmark = pytest.mark.airflow
PROJECT = Path(__file__).parents[2]
ROW = re.compile(r"^\| `(?P<operation>[A-Z]+ /[^`]*)` \| `(?P<path>[^:`]+)::(?P<test>\w+)` \|$")


def test_the_table_lists_every_operation_once(client: TestClient) -> None:
    paths = client.get("/scale/api/openapi.json").json()["paths"]
    operations = sorted(
        f"{method.upper()} {re.sub(r'{[a-z_]+_id}', '{id}', path)}"
        for path, methods in paths.items()
        for method in methods
    )
    assert sorted(row["operation"] for row in rows()) == operations


def test_every_test_of_the_table_is_there() -> None:
    for row in rows():
        source = (PROJECT / row["path"]).read_text(encoding="utf-8")
        assert f"def {row['test']}(" in source, row["operation"]


def rows() -> list[re.Match[str]]:
    """Return the rows of the table."""
    text = (PROJECT / "docs" / "rest.md").read_text(encoding="utf-8")
    return [found for line in text.splitlines() if (found := ROW.match(line))]
