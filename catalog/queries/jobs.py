"""Lists and details of jobs (seed 001, Job Services)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from catalog.database import Database
from catalog.queries.file_rows import PRODUCTS, SOURCES, FileRow, ProductRow
from catalog.queries.files import files_by_id
from catalog.queries.inputs import MergedValue, file_ids_of, merged
from catalog.queries.job_executions import OF_JOB, ExecutionOfJob
from catalog.queries.job_rows import (
    JOBS,
    JOBS_WITH_DATA,
    UPDATED_JOBS,
    JobRow,
    JobWithData,
)
from catalog.queries.listing import Condition, Listing, Page, PageRequest, any_of, has_id
from catalog.queries.parts import EVERY_JOB_TYPE, JobTypeFilter
from catalog.queries.recipe_rows import RECIPES, RecipeRow
from catalog.queries.tallies import Noun, Tallied, among, status_is, tallied_count
from catalog.records.convert import to_record
from catalog.states import FileKind
from catalog.tables import FileAncestry, Job, JobExecution, Recipe, RecipeJob, ScaleFile

RowT = TypeVar("RowT")
_NEWEST_FIRST: Final = ("-id",)


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs are wanted; an empty sequence asks for nothing."""

    job_type: JobTypeFilter = EVERY_JOB_TYPE
    statuses: Sequence[str] = ()
    ids: Sequence[int] = ()

    def conditions(self, type_ids: Sequence[int] | None) -> list[Condition]:
        """Return the conditions on a job, with the types that `job_type` was resolved to."""
        return [
            *among(Job.job_type_id, type_ids),
            *status_is(Job.status, self.statuses),
            *any_of(Job.id, self.ids),
        ]

    def page(
        self, listing: Listing[RowT], connection: Connection, request: PageRequest
    ) -> Page[RowT]:
        """Return a page of the jobs, in a listing of them."""
        types = self.job_type.resolve(connection)
        where = self.conditions(types)
        tallied = Tallied(Noun.JOB, types, self.statuses)
        count = None if self.ids else tallied_count(tallied, Job, request, where)
        return listing.page(connection, request, *where, count=count)


@dataclass(frozen=True, slots=True)
class JobUpdateRow(JobRow):
    """A job with the files it was given."""

    input_files: tuple[FileRow, ...]


@dataclass(frozen=True, slots=True)
class JobExecutionRow(JobRow):
    """A job with its newest execution; None while it was never queued."""

    latest_job_exe: ExecutionOfJob | None


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
        return self.listed(JOBS, request, wanted)

    def listed(self, listing: Listing[RowT], request: PageRequest, wanted: JobFilter) -> Page[RowT]:
        """Return a page of jobs, as a listing of them reads them."""
        with self._database.reading_page(request.page) as connection:
            return wanted.page(listing, connection, request)

    def updates(self, request: PageRequest, wanted: JobFilter) -> Page[JobUpdateRow]:
        """Return a page of jobs with the files they were given."""
        with self._database.reading() as connection:
            page = wanted.page(UPDATED_JOBS, connection, request)
            given = [file_ids_of(job.data, "input_data") for job in page.rows]
            files = files_by_id(connection, set().union(*given))
            rows = (
                to_record(JobUpdateRow, job, input_files=_chosen(files, ids))
                for job, ids in zip(page.rows, given, strict=True)
            )
            return Page(page.count, tuple(rows))

    def executions(self, request: PageRequest, wanted: JobFilter) -> Page[JobExecutionRow]:
        """Return a page of jobs with their newest executions."""
        with self._database.reading() as connection:
            page = wanted.page(JOBS, connection, request)
            newest = (
                select(func.max(JobExecution.id))
                .where(has_id(JobExecution.job_id, [job.id for job in page.rows]))
                .group_by(JobExecution.job_id)
            )
            found = OF_JOB.every(connection, JobExecution.id.in_(newest))
            latest = {each.job_id: each for each in found}
            rows = (
                to_record(JobExecutionRow, job, latest_job_exe=latest.get(job.id))
                for job in page.rows
            )
            return Page(page.count, tuple(rows))

    def of_source(
        self, listing: Listing[RowT], request: PageRequest, wanted: JobFilter, file_id: int
    ) -> Page[RowT]:
        """Return a page of the jobs that took a source, or what was made from it, as input."""
        with self._database.reading() as connection:
            SOURCES.one(connection, file_id, ScaleFile.kind == FileKind.SOURCE)
            takers = Job.id.in_(_takers_of(file_id))
            where = wanted.conditions(wanted.job_type.resolve(connection))
            return listing.page(connection, request, takers, *where)

    def these(self, job_ids: Sequence[int]) -> tuple[JobRow, ...]:
        """Return some jobs, by id."""
        with self._database.reading() as connection:
            return JOBS.every(connection, Job.id.in_(job_ids))

    def one(self, job_id: int) -> JobDetailRow:
        """Return a job with everything about it, or raise `NotFoundError`."""
        with self._database.reading() as connection:
            return _details(connection, JOBS_WITH_DATA.one(connection, job_id))


def _chosen(files: Mapping[int, FileRow], ids: Iterable[int]) -> tuple[FileRow, ...]:
    return tuple(files[each] for each in sorted(ids) if each in files)


def _takers_of(file_id: int) -> Select[Any]:
    """Select the ids of the jobs whose input has a file or a descendant of it."""
    files = union_all(
        select(literal(file_id, BigInteger).label("id")),
        select(FileAncestry.descendant_id).where(FileAncestry.ancestor_id == file_id),
    ).subquery("relevant")
    single = func.jsonb_build_object("file_id", files.c.id)
    member = func.jsonb_build_object("file_ids", func.jsonb_build_array(files.c.id))
    taker = aliased(Job)
    return select(taker.id).join(
        files, or_(taker.data.contains(_input(single)), taker.data.contains(_input(member)))
    )


def _input(given: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return job data that has this one input."""
    return func.jsonb_build_object("input_data", func.jsonb_build_array(given))


def _details(connection: Connection, job: JobWithData) -> JobDetailRow:
    # The kind lets PostgreSQL use the index of the jobs of products.
    of_job = (ScaleFile.kind == FileKind.PRODUCT, ScaleFile.job_id == job.id)
    products = PRODUCTS.every(connection, *of_job)
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
