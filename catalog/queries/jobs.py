"""Lists and details of jobs (seed 001, Job Services)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Text, select, type_coerce

from catalog.database import Database
from catalog.queries.files import PRODUCTS, FileRow, ProductRow, files_by_id
from catalog.queries.inputs import MergedValue, file_ids_of, merged
from catalog.queries.job_executions import OF_JOB, ExecutionOfJob
from catalog.queries.job_rows import JOBS, JOBS_WITH_DATA, JobRow, JobWithData
from catalog.queries.listing import Page, PageRequest, any_of
from catalog.queries.parts import EVERY_JOB_TYPE, JobTypeFilter
from catalog.queries.recipe_rows import RECIPES, RecipeRow
from catalog.records.convert import to_record
from catalog.tables import Job, JobExecution, Recipe, RecipeJob, ScaleFile

_NEWEST_FIRST: Final = ("-id",)


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs are wanted; an empty sequence asks for nothing."""

    job_type: JobTypeFilter = EVERY_JOB_TYPE
    statuses: Sequence[str] = ()
    ids: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class JobDetailRow(JobWithData):
    """A job with its recipes, executions (newest first) and files."""

    recipes: tuple[RecipeRow, ...]
    job_exes: tuple[ExecutionOfJob, ...]
    inputs: tuple[MergedValue, ...]
    outputs: tuple[MergedValue, ...]
    input_files: tuple[FileRow, ...]
    products: tuple[ProductRow, ...]


class JobQueries:
    """Reads jobs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, request: PageRequest, wanted: JobFilter) -> Page[JobRow]:
        """Return a page of jobs."""
        where = [
            *wanted.job_type.conditions(),
            *any_of(type_coerce(Job.status, Text), wanted.statuses),
            *any_of(Job.id, wanted.ids),
        ]
        with self._database.reading() as connection:
            return JOBS.page(connection, request, *where)

    def one(self, job_id: int) -> JobDetailRow:
        """Return a job with everything about it, or raise `NotFoundError`."""
        with self._database.reading() as connection:
            return _details(connection, JOBS_WITH_DATA.one(connection, job_id))


def _details(connection: Connection, job: JobWithData) -> JobDetailRow:
    products = PRODUCTS.every(connection, ScaleFile.job_id == job.id)
    files = files_by_id(connection, file_ids_of(job.data, "input_data"))
    interface = job.job_type_rev.interface
    places = select(RecipeJob.recipe_id).where(RecipeJob.job_id == job.id)
    made = {product.id: product for product in products}
    return to_record(
        JobDetailRow,
        job,
        recipes=RECIPES.every(connection, Recipe.id.in_(places)),
        job_exes=OF_JOB.every(connection, JobExecution.job_id == job.id, order=_NEWEST_FIRST),
        inputs=tuple(merged(interface, job.data, "input_data", files)),
        outputs=tuple(merged(interface, job.results, "output_data", made)),
        input_files=tuple(files.values()),
        products=products,
    )
