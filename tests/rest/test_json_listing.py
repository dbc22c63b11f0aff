"""What PostgreSQL writes of a row is what its model says of it."""

import json
from dataclasses import replace
from typing import Any, Final

import pytest
from pydantic import Field, computed_field
from sqlalchemy import text
from starlette.requests import Request

from catalog.catalogue import Catalogue
from catalog.queries.file_rows import PRODUCTS, SOURCES
from catalog.queries.ingests import INGESTS
from catalog.queries.job_executions import EXECUTIONS, RUNNING_ON_NODES
from catalog.queries.job_rows import JOBS
from catalog.queries.listing import Listing, PageRequest
from catalog.queries.recipe_rows import RECIPES
from plugins.rest.json_listing import JsonListing
from plugins.rest.scale import rows
from plugins.rest.scale.models.executions import ExecutionItem
from plugins.rest.scale.models.files import ProductItem, SourceItem
from plugins.rest.scale.models.ingests import IngestItem
from plugins.rest.scale.models.jobs import JobItem
from plugins.rest.scale.models.nodes import RunningExecution
from plugins.rest.scale.models.recipe_items import RecipeItem
from plugins.rest.wire import WireModel

pytestmark = [pytest.mark.airflow, pytest.mark.slow]
KINDS: Final[dict[str, tuple[JsonListing, Listing[Any], type[WireModel]]]] = {
    "executions": (rows.EXECUTION_ITEMS, EXECUTIONS, ExecutionItem),
    "ingests": (rows.INGEST_ITEMS, INGESTS, IngestItem),
    "jobs": (rows.JOB_ITEMS, JOBS, JobItem),
    "products": (rows.PRODUCT_ITEMS, PRODUCTS, ProductItem),
    "recipes": (rows.RECIPE_ITEMS, RECIPES, RecipeItem),
    "running executions": (rows.RUNNING_ITEMS, RUNNING_ON_NODES, RunningExecution),
    "sources": (rows.SOURCE_ITEMS, SOURCES, SourceItem),
}
AWKWARD: Final = "quotes \" ' back\\slash \\u0000 %s :base {} \t\n\x7f \u2028 é 𝄞 </script>"
CHANGES: Final = (
    (
        "UPDATE job SET reason = :awkward, disk_in_required = 0.1 + 0.2, mem_required = 1e-7,"
        " created = '2016-02-29 23:59:59.999999+00', started = '1999-12-31 23:00:00.0005+00'"
        " WHERE id % 2 = 0"
    ),
    (
        "UPDATE scale_file SET file_name = :awkward, data_type = ARRAY[:awkward, ''],"
        ' meta_data = \'{"a": [1.50, null, {"b": "\\u00e9"}]}\', file_size = 9007199254740993'
    ),
    "UPDATE job_type SET title = NULL, description = :awkward, icon_code = ''",
    "UPDATE ingest SET detail = :awkward, file_name = :awkward",
    "UPDATE job_exe SET detail = :awkward, command_arguments = :awkward WHERE id % 2 = 1",
)


@pytest.fixture
def awkward(worldly: Catalogue) -> Catalogue:
    """Return a catalogue with one of everything, and with values that are hard to write."""
    with worldly.database.engine.begin() as connection:
        for each in CHANGES:
            connection.execute(text(each), {"awkward": AWKWARD})
    return worldly


@pytest.fixture
def http() -> Request:
    """Return a request to the dialect, as it is mounted."""
    return Request(
        {
            "type": "http", "method": "GET", "scheme": "http", "path": "/scale/api/jobs/",
            "root_path": "/scale/api", "query_string": b"", "server": ("a.example", 81),
            "headers": [(b"host", b"a.example:81")],
        }
    )  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_is_what_its_model_says(awkward: Catalogue, http: Request, kind: str) -> None:
    written, listing, model = KINDS[kind]
    request = PageRequest(page_size=1000)
    with awkward.database.reading() as connection:
        shown = written.of(http).page(connection, request)
        read = listing.page(connection, request)

    assert shown.count == read.count > 0
    # As texts, for 1 and 1.0 are equal but not the same.
    assert [repr(json.loads(row)) for row in shown.rows] == [
        repr(model.of(http, row).model_dump(mode="json")) for row in read.rows
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_has_its_fields_in_the_order_of_its_model(
    readonly_catalogue: Catalogue, http: Request, kind: str
) -> None:
    written, _, model = KINDS[kind]
    with readonly_catalogue.database.glancing() as connection:
        shown = written.of(http).page(connection, PageRequest(page_size=1))

    assert list(json.loads(shown.rows[0])) == [
        *model.model_fields,
        *model.model_computed_fields,
    ]


class Computed(WireModel):
    """Has what no column has."""

    @computed_field  # type: ignore[prop-decorator]  # pydantic's documented form
    @property
    def double(self) -> int:
        """Return a number."""
        return 2


class Unknown(WireModel):
    """Has a field that no column has."""

    nobody_has_this: int = Field(1)


@pytest.mark.parametrize("model", [Computed, Unknown])
def test_what_sql_cannot_say_is_refused(model: type[WireModel]) -> None:
    with pytest.raises(TypeError, match=r"double|nobody_has_this"):
        JsonListing(replace(JOBS), model)
