"""A list of a hundred rows costs at most three statements: every list there is."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Connection, event, text

from catalog.catalogue import Catalogue
from catalog.tables import Base
from tests.support.contract import lists

pytestmark = [pytest.mark.airflow, pytest.mark.slow]
MOST_STATEMENTS: Final = 3
COPIES: Final = 100
COPIED: Final[dict[str, tuple[str, ...]]] = {  # table to the columns that must differ
    "error": ("name",),
    "file_move": (),
    "ingest": ("file_path", "transfer_path"),
    "job": (),
    "job_exe": (),
    "job_type": ("name",),
    "load_measurement": ("measured",),
    "node": ("hostname",),
    "recipe": (),
    "recipe_type": ("name",),
    "scan": ("name",),
    "scale_file": ("file_path", "uuid"),
    "strike": ("name",),
    "trigger_event": (),
    "trigger_group": ("key",),
    "trigger_rule": (),
    "workspace": ("name",),
}
OF_THESE: Final = {"job_exe": "ended IS NOT NULL"}  # a job has one open execution
FEW: Final = {  # of these there are not a hundred
    "/metrics/", "/metrics/{name}/plot-data/", "/job-types/running/",
    "/job-types/system-failures/", "/load/",
}  # fmt: skip


@pytest.fixture
def many(world: TestClient, worldly: Catalogue) -> TestClient:
    """Return a client of a catalogue with a hundred of everything."""
    with worldly.database.engine.begin() as connection:
        for table, different in COPIED.items():
            copy(connection, table, different)
        connection.execute(
            text(
                "INSERT INTO file_ancestry SELECT new.id, known.ancestor_id, known.is_direct,"
                " known.job_exe_id FROM scale_file AS new, file_ancestry AS known"
                " WHERE new.kind = 'PRODUCT' AND known.ancestor_id = 1 ON CONFLICT DO NOTHING"
            )
        )
    return world


def copy(connection: Connection, table: str, different: tuple[str, ...]) -> None:
    """Insert copies of a table's rows, changed in the columns that must differ."""
    columns = Base.metadata.tables[table].columns
    names = [each.name for each in columns if each.name not in ("id", "uid")]
    values = [
        name
        if name not in different
        else f"{name} - n * interval '1 minute'"
        if name == "measured"
        else f"{name} || '~' || n"
        for name in names
    ]
    which = OF_THESE.get(table, "true")
    connection.execute(
        text(
            f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(values)}"  # noqa: S608 - the test's own names
            f" FROM (SELECT * FROM {table} WHERE {which} ORDER BY id LIMIT 10) AS known,"
            f" generate_series(1, {COPIES}) AS n"
        )
    )


@contextmanager
def statements(catalogue: Catalogue) -> Iterator[list[str]]:
    """Collect the statements that a block sends."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    event.listen(catalogue.database.engine, "before_cursor_execute", note)
    yield sent
    event.remove(catalogue.database.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("path", lists())
def test_a_list_of_a_hundred_rows_is_at_most_three_statements(
    many: TestClient, worldly: Catalogue, path: str
) -> None:
    address = path.format(id=1, name="job-types")
    with statements(worldly) as sent:
        answer = many.get(f"/scale/api{address}", params={"page_size": 100})

    assert answer.status_code == 200, answer.text
    assert len(answer.json()["results"]) == 100 or path in FEW
    assert len(sent) <= MOST_STATEMENTS, "\n\n".join(sent)
