"""A list is a constant number of statements, whatever its length and joins."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import Connection, event, text

from catalog.catalogue import Catalogue
from catalog.queries.file_rows import PRODUCTS
from catalog.queries.files import ProductFilter
from catalog.queries.job_executions import ExecutionFilter
from catalog.queries.job_rows import JOBS
from catalog.queries.jobs import JobFilter
from catalog.queries.listing import Page, PageRequest
from catalog.queries.load import LoadFilter
from catalog.queries.metrics import PlotFilter
from catalog.queries.queries import Queries
from catalog.queries.triggers import EventFilter, RuleFilter
from catalog.tables import Base
from tests.support.processing import counted, ingested, move_fails, processed_scene

pytestmark = pytest.mark.slow

COPIES = 98
COPIED: dict[str, tuple[tuple[int, ...], tuple[str, ...]]] = {  # ids, columns that must differ
    "ingest": ((1,), ("file_path",)),
    "job_exe": ((1,), ()),
    "job": ((1,), ()),
    "recipe": ((1,), ()),
    "scale_file": ((1, 3), ("file_path", "uuid")),
}
LISTS: dict[str, Callable[[Queries], Page[Any]]] = {
    "errors": lambda queries: queries.errors.page(PageRequest()),
    "ingests": lambda queries: queries.ingests.page(PageRequest()),
    "job executions": lambda queries: queries.executions.page(PageRequest(), ExecutionFilter()),
    "job types": lambda queries: queries.job_types.page(PageRequest()),
    "jobs": lambda queries: queries.jobs.page(PageRequest(order=("job_type__name",)), JobFilter()),
    "moves": lambda queries: queries.moves.page(PageRequest()),
    "nodes": lambda queries: queries.nodes.page(PageRequest()),
    "load": lambda queries: queries.load.page(PageRequest(), LoadFilter()),
    "products": lambda queries: queries.files.products(PageRequest(), ProductFilter()),
    "recipe types": lambda queries: queries.recipe_types.page(PageRequest()),
    "recipes": lambda queries: queries.recipes.page(PageRequest()),
    "sources": lambda queries: queries.files.sources(PageRequest()),
    "scans": lambda queries: queries.scans.page(PageRequest()),
    "strikes": lambda queries: queries.strikes.page(PageRequest()),
    "trigger events": lambda queries: queries.triggers.events(PageRequest(), EventFilter()),
    "trigger groups": lambda queries: queries.triggers.groups(PageRequest()),
    "workspaces": lambda queries: queries.workspaces.page(PageRequest()),
}


COUNTED_FIRST: Final = frozenset({"load"})  # it groups rows


@dataclass(frozen=True, slots=True)
class Statement:
    """What was sent to the database."""

    text: str
    parameters: Any


@contextmanager
def statements(catalogue: Catalogue) -> Iterator[list[Statement]]:
    """Collect the statements that a block sends."""
    sent: list[Statement] = []

    def note(_connection: Any, _cursor: Any, text: str, parameters: Any, *_rest: Any) -> None:
        sent.append(Statement(text, parameters))

    event.listen(catalogue.database.engine, "before_cursor_execute", note)
    yield sent
    event.remove(catalogue.database.engine, "before_cursor_execute", note)


@pytest.fixture
def many(catalogue: Catalogue, tmp_path: Path) -> Catalogue:
    """Return a catalogue with about a hundred ingests, executions, jobs, recipes and files."""
    processed_scene(catalogue, tmp_path)
    ingested(catalogue, 1)
    catalogue.scans.create("all", {"workspace_name": "raw"})
    counted(catalogue)
    move_fails(catalogue, 1)
    with catalogue.database.engine.begin() as connection:
        for table, (ids, different) in COPIED.items():
            copy(connection, table, ids, different)
    return catalogue


def copy(
    connection: Connection, table: str, ids: tuple[int, ...], different: tuple[str, ...]
) -> None:
    """Insert copies of rows, with a number behind the columns that must differ."""
    columns = Base.metadata.tables[table].columns
    names = [each.name for each in columns if each.name not in ("id", "uid")]
    values = [f"{name} || n" if name in different else name for name in names]
    connection.execute(
        text(
            f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(values)}"  # noqa: S608 - the test's own names
            f" FROM {table}, generate_series(1, {COPIES}) AS n WHERE id = ANY(:ids)"
        ),
        {"ids": list(ids)},
    )


MORE_STATEMENTS: dict[str, tuple[int, Callable[[Queries], Page[Any]]]] = {
    "ingest status": (2, lambda queries: queries.ingest_status.page(PageRequest())),
    "job updates": (2, lambda queries: queries.jobs.updates(PageRequest(), JobFilter())),
    "jobs with executions": (
        2, lambda queries: queries.jobs.executions(PageRequest(), JobFilter())
    ),
    "node status": (3, lambda queries: queries.nodes.status(PageRequest())),
    "jobs of a source": (
        2, lambda queries: queries.jobs.of_source(JOBS, PageRequest(), JobFilter(), 1)
    ),
    "product updates": (
        2, lambda queries: queries.file_updates.products(PageRequest(), ProductFilter())
    ),
    "products of a source": (
        2, lambda queries: queries.files.of_source(PRODUCTS, PageRequest(), ProductFilter(), 1)
    ),
    "trigger rules": (2, lambda queries: queries.triggers.rules(PageRequest(), RuleFilter())),
    "source updates": (1, lambda queries: queries.file_updates.sources(PageRequest())),
}  # fmt: skip


@pytest.mark.parametrize("name", MORE_STATEMENTS)
def test_a_list_with_more_in_it_is_a_constant_number_of_statements(
    many: Catalogue, name: str
) -> None:
    number, read = MORE_STATEMENTS[name]
    with statements(many) as sent:
        page = read(many.queries)

    assert len(sent) == number
    assert page.count >= len(page.rows) > 0


@pytest.mark.parametrize("name", LISTS)
def test_the_first_page_of_a_list_is_one_statement(many: Catalogue, name: str) -> None:
    with statements(many) as sent:
        page = LISTS[name](many.queries)

    assert len(sent) == (2 if name in COUNTED_FIRST else 1)
    assert page.count >= len(page.rows) > 0
    if name in ("ingests", "job executions", "jobs", "products", "recipes", "sources"):
        assert len(page.rows) >= COPIES


def test_a_later_page_of_a_list_is_two_statements(many: Catalogue) -> None:
    with statements(many) as sent:
        page = many.queries.jobs.page(PageRequest(page=2, page_size=10), JobFilter())

    assert len(sent) == 2
    assert len(page.rows) == 10


def test_the_details_of_a_job_are_a_constant_number_of_statements(
    many: Catalogue,
) -> None:
    with statements(many) as sent:
        job = many.queries.jobs.one(1)

    assert len(job.job_exes) > COPIES
    assert len(job.products) > COPIES
    assert len(sent) == 5


def test_the_details_of_a_source_are_a_constant_number_of_statements(many: Catalogue) -> None:
    with statements(many) as sent:
        source = many.queries.files.source(1)

    assert source.descendants
    assert len(sent) == 5


def test_the_rows_of_a_page_are_found_without_a_join(many: Catalogue) -> None:
    with statements(many) as sent:
        request = PageRequest(page=2, page_size=10, order=("-created",))
        many.queries.jobs.page(request, JobFilter())
    keys = sent[1].text.split("FROM (", 1)[1].split(") AS page", 1)[0]

    with many.database.engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN {keys}", sent[1].parameters).scalars()
        steps = "\n".join(plan)

    assert "Limit" in steps
    assert "Join" not in steps
    assert "Nested Loop" not in steps


def test_plot_data_of_all_columns_and_several_choices_is_one_statement(many: Catalogue) -> None:
    with statements(many) as sent:
        page = many.queries.metrics.plot("job-types", PageRequest(), PlotFilter(choice_ids=(2, 3)))

    assert all(each.values for each in page.rows)
    assert len(sent) == 1
