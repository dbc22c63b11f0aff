"""Counts out of tallies are those of count(*), whatever happened to the rows, and who folded."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from catalog.catalogue import Catalogue
from catalog.queries.files import ProductFilter
from catalog.queries.job_executions import ExecutionFilter
from catalog.queries.jobs import JobFilter
from catalog.queries.listing import Page, PageRequest
from catalog.queries.parts import JobTypeFilter
from catalog.queries.queries import Queries
from tests.support.catalogues import at_once
from tests.support.processing import ingested, processed_scene

MIDNIGHT: Final = datetime(2016, 3, 1, tzinfo=UTC)
TIMES: Final = tuple(
    MIDNIGHT + timedelta(hours=hours) for hours in (-50, -24, -1, 0, 1, 23, 24, 25, 47, 48, 100)
)
TABLES: Final = ("job", "job_exe", "recipe", "ingest", "scale_file")
OPEN: Final = "('QUEUED', 'RUNNING', 'TRANSFERRING', 'TRANSFERRED', 'DEFERRED')"
STATUSES: Final = ("FAILED", "COMPLETED", "CANCELED")

times = st.sampled_from(TIMES)
chosen = st.integers(0, 5)
changes = st.one_of(
    st.tuples(st.just("copy"), st.sampled_from(TABLES), chosen, times),
    st.tuples(st.just("move"), st.sampled_from(TABLES), chosen, times),
    st.tuples(st.just("status"), st.sampled_from(("job", "job_exe")), chosen, times),
    st.tuples(st.just("publish"), st.just("scale_file"), chosen, times),
    st.tuples(st.just("delete"), st.sampled_from(("ingest", "scale_file")), chosen, times),
    st.tuples(st.just("undo"), st.sampled_from(TABLES), chosen, times),
    st.tuples(st.just("fold"), st.just(""), chosen, times),
)
Read = Callable[[Queries, PageRequest], Page[Any]]
LISTS: Final[dict[str, tuple[Read, str, str]]] = {  # how it is read, its table, which rows
    "jobs": (lambda q, r: q.jobs.page(r, JobFilter()), "job", "true"),
    "failed jobs": (
        lambda q, r: q.jobs.page(r, JobFilter(statuses=("FAILED", "NEVER"))),
        "job",
        "status = 'FAILED'",
    ),
    "jobs of types": (
        lambda q, r: q.jobs.page(
            r, JobFilter(JobTypeFilter(ids=(1, 2), names=("none", "scale-strike")))
        ),
        "job",
        "job_type_id = 1",
    ),
    "executions": (lambda q, r: q.executions.page(r, ExecutionFilter()), "job_exe", "true"),
    "executions of a type and status": (
        lambda q, r: q.executions.page(
            r, ExecutionFilter(JobTypeFilter(ids=(2,)), statuses=STATUSES[:2])
        ),
        "job_exe",
        "job_type_id = 2 AND status IN ('FAILED', 'COMPLETED')",
    ),
    "executions on a node": (
        lambda q, r: q.executions.page(r, ExecutionFilter(node_ids=(1,))),
        "job_exe",
        "node_id = 1",
    ),
    "recipes": (lambda q, r: q.recipes.page(r, (1, 7)), "recipe", "recipe_type_id IN (1, 7)"),
    "ingests": (lambda q, r: q.ingests.page(r, (), (1,)), "ingest", "strike_id = 1"),
    "sources": (
        lambda q, r: q.files.sources(r, is_parsed=False),
        "scale_file",
        "kind = 'SOURCE' AND NOT is_parsed",
    ),
    "products": (
        lambda q, r: q.files.products(r, ProductFilter(is_operational=True)),
        "scale_file",
        (
            "kind = 'PRODUCT' AND published IS NOT NULL AND is_operational AND (is_published OR NOT"
            " EXISTS (SELECT FROM scale_file AS newer WHERE newer.uuid = scale_file.uuid"
            " AND newer.is_published AND newer.id > scale_file.id))"
        ),
    ),
    "products ever": (
        lambda q, r: q.file_updates.products(r, ProductFilter()),
        "scale_file",
        "kind = 'PRODUCT' AND published IS NOT NULL",
    ),
}


@pytest.fixture
def some(catalogue: Catalogue, tmp_path: Path) -> Catalogue:
    """Return a catalogue with a few rows of everything."""
    processed_scene(catalogue, tmp_path)
    ingested(catalogue, 1)
    with catalogue.database.engine.begin() as connection:  # what is open may not be copied
        for table, status in (("job_exe", "CANCELED"), ("ingest", "DUPLICATE")):
            connection.execute(
                text(f"UPDATE {table} SET status = :status WHERE status IN {OPEN}"),  # noqa: S608 - names of ours
                {"status": status},
            )
    return catalogue


def ids(connection: Connection, table: str) -> list[int]:
    return list(connection.scalars(text(f"SELECT id FROM {table} ORDER BY id")))  # noqa: S608 - a table of ours


def copy(connection: Connection, table: str, row_id: int, moment: datetime) -> None:
    """Insert a row like another."""
    columns = [
        name
        for name in connection.scalars(
            text("SELECT column_name FROM information_schema.columns WHERE table_name = :table"),
            {"table": table},
        )
        if name not in ("id", "uid", "last_modified", "file_path")
    ]
    path = ", file_path" if table in ("ingest", "scale_file") else ""
    other = ", 'copy-' || clock_timestamp()" if path else ""
    names = ", ".join(columns)
    connection.execute(
        text(
            f"INSERT INTO {table} ({names}, last_modified{path})"  # noqa: S608 - names of ours
            f" SELECT {names}, :moment{other} FROM {table} WHERE id = :id"
        ),
        {"moment": moment, "id": row_id},
    )


def apply(catalogue: Catalogue, change: tuple[str, str, int, datetime]) -> None:
    """Do one thing to one row, in a transaction of its own."""
    what, table, number, moment = change
    if what == "fold":
        catalogue.tallies.fold()
        return
    with catalogue.database.engine.connect() as connection:
        present = ids(connection, table)
        values: dict[str, Any] = {
            "id": present[number % len(present)],
            "moment": moment,
            "number": number,
        }
        match what:
            case "copy" | "undo":
                copy(connection, table, values["id"], moment)
            case "move":
                connection.execute(
                    text(f"UPDATE {table} SET last_modified = :moment WHERE id = :id"),  # noqa: S608 - a table of ours
                    values,
                )
            case "status":
                values["status"] = STATUSES[number % len(STATUSES)]
                connection.execute(
                    text(f"UPDATE {table} SET status = :status WHERE id = :id"),  # noqa: S608 - a table of ours
                    values,
                )
            case "publish":
                connection.execute(
                    text(
                        "UPDATE scale_file SET published = :moment, is_published = :number % 2 = 0,"
                        " is_operational = :number % 3 = 0, is_parsed = :number % 2 = 1"
                        " WHERE id = :id"
                    ),
                    values,
                )
            case _:
                unreferred = (
                    ""
                    if table == "ingest"
                    else " AND file_path LIKE 'copy-%'"
                    " AND NOT EXISTS (SELECT FROM ingest WHERE source_file_id = scale_file.id)"
                )
                connection.execute(
                    text(f"DELETE FROM {table} WHERE id = :id AND id > 3{unreferred}"),  # noqa: S608 - a table of ours
                    values,
                )
        connection.rollback() if what == "undo" else connection.commit()


def differences(catalogue: Catalogue, request: PageRequest) -> Iterator[tuple[str, int, int]]:
    """Yield each list whose count is wrong, with the count it has and the right one."""
    with catalogue.database.engine.connect() as connection:
        for name, (read, table, which) in LISTS.items():
            right = connection.execute(
                text(
                    f"SELECT count(*) FROM {table} WHERE {which}"  # noqa: S608 - the test's own
                    " AND last_modified >= coalesce(:started, '-infinity'::timestamptz)"
                    " AND last_modified <= coalesce(:ended, 'infinity'::timestamptz)"
                ),
                {"started": request.started, "ended": request.ended},
            ).scalar_one()
            page = read(catalogue.queries, request)
            if (page.count, len(page.rows)) != (right, min(right, request.page_size)):
                yield name, page.count, right


@pytest.mark.slow
@given(
    done=st.lists(changes, min_size=5, max_size=15),
    ranges=st.lists(st.tuples(st.none() | times, st.none() | times), min_size=1, max_size=4),
)
@settings(
    max_examples=4,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_a_count_is_exact_whatever_was_done(
    some: Catalogue,
    done: list[tuple[str, str, int, datetime]],
    ranges: list[tuple[datetime | None, datetime | None]],
) -> None:
    for change in done:
        apply(some, change)

    for started, ended in [(None, None), *ranges]:
        request = PageRequest(page_size=10, started=started, ended=ended)
        assert list(differences(some, request)) == []


def test_folding_while_others_write_loses_nothing(some: Catalogue) -> None:
    def work(number: int) -> None:
        for _ in range(10):
            apply(some, ("copy", "job", 0, TIMES[number]))
            some.tallies.fold()

    assert at_once(4, work) == [None] * 4
    some.tallies.fold()

    assert list(differences(some, PageRequest(page_size=10))) == []
    assert some.tallies.fold() == 0


def test_emptied_tables_are_counted_as_empty(some: Catalogue) -> None:
    with some.database.engine.begin() as connection:
        connection.execute(text("TRUNCATE job CASCADE"))

    assert list(differences(some, PageRequest())) == []


def test_pages_of_both_halves_together_are_the_list_in_order(some: Catalogue) -> None:
    for hours in range(7):
        apply(some, ("copy", "job", 0, MIDNIGHT + timedelta(hours=hours % 3)))
    order = ("-last_modified", "ended")
    everything = some.queries.jobs.page(PageRequest(order=order), JobFilter())
    last = -(-everything.count // 3)

    pages = [
        some.queries.jobs.page(PageRequest(page=page, page_size=3, order=order), JobFilter())
        for page in range(1, last + 1)
    ]

    assert [row.id for page in pages for row in page.rows] == [row.id for row in everything.rows]
