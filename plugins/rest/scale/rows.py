"""The rows of the long lists, as PostgreSQL writes them."""

from typing import Final

from catalog.queries.file_rows import PRODUCTS, SOURCES
from catalog.queries.ingests import INGESTS
from catalog.queries.job_executions import DISK_SCHEDULED, EXECUTIONS, RUNNING_ON_NODES
from catalog.queries.job_rows import JOBS
from catalog.queries.recipe_rows import RECIPES
from plugins.rest.json_listing import JsonListing
from plugins.rest.scale.models.executions import ExecutionItem
from plugins.rest.scale.models.files import ProductItem, SourceItem
from plugins.rest.scale.models.ingests import IngestItem
from plugins.rest.scale.models.jobs import JobItem
from plugins.rest.scale.models.nodes import RunningExecution
from plugins.rest.scale.models.recipe_items import RecipeItem

EXECUTION_ITEMS: Final = JsonListing(EXECUTIONS, ExecutionItem)
INGEST_ITEMS: Final = JsonListing(INGESTS, IngestItem)
JOB_ITEMS: Final = JsonListing(JOBS, JobItem)
PRODUCT_ITEMS: Final = JsonListing(PRODUCTS, ProductItem)
RECIPE_ITEMS: Final = JsonListing(RECIPES, RecipeItem)
RUNNING_ITEMS: Final = JsonListing(
    RUNNING_ON_NODES, RunningExecution, disk_total_scheduled=DISK_SCHEDULED
)
SOURCE_ITEMS: Final = JsonListing(SOURCES, SourceItem)
