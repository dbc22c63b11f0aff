"""Jobs, their executions, and recipes (seed 001, Job, Job Execution and Recipe Services)."""

from dataclasses import replace

from fastapi import Request, Response

from catalog.queries.job_executions import ExecutionFilter
from catalog.queries.jobs import JobFilter
from plugins.rest.airflow_waiting import reason_of_waiting
from plugins.rest.dependencies import CatalogueDep, UserName
from plugins.rest.parameters import Ids, RowId, Texts
from plugins.rest.routing import SlashRouter
from plugins.rest.scale.body_schemas import JobChanges
from plugins.rest.scale.filters import JobTypeDep
from plugins.rest.scale.models.executions import ExecutionDetails, ExecutionItem
from plugins.rest.scale.models.jobs import JobDetails, JobItem, JobUpdate, JobWhy, JobWithExecution
from plugins.rest.scale.models.recipe_items import RecipeItem
from plugins.rest.scale.models.recipes import RecipeDetails
from plugins.rest.scale.orders import ExecutionPageDep, JobPageDep, RecipePageDep
from plugins.rest.scale.rows import EXECUTION_ITEMS, JOB_ITEMS, RECIPE_ITEMS
from plugins.rest.wire import Envelope, envelope, json_page

router = SlashRouter(tags=["work"])


@router.get("/jobs/", summary="List jobs", response_model=Envelope[JobItem])
def list_jobs(
    *,
    http: Request,
    catalogue: CatalogueDep,
    page: JobPageDep,
    job_type: JobTypeDep,
    status: Texts,
    job_id: Ids,
) -> Response:
    """Return the jobs."""
    wanted = JobFilter(job_type, statuses=status, ids=job_id)
    return json_page(http, page, catalogue.queries.jobs.listed(JOB_ITEMS.of(http), page, wanted))


@router.get("/jobs/updates/", summary="List jobs with their input files")
def list_job_updates(
    http: Request, catalogue: CatalogueDep, page: JobPageDep, job_type: JobTypeDep, status: Texts
) -> Envelope[JobUpdate]:
    """Return the jobs with the files they were given."""
    wanted = JobFilter(job_type, statuses=status)
    return envelope(http, page, catalogue.queries.jobs.updates(page, wanted), JobUpdate)


@router.get("/jobs/executions/", summary="List jobs with their newest execution")
def list_jobs_with_executions(
    http: Request, catalogue: CatalogueDep, page: JobPageDep, job_type: JobTypeDep, status: Texts
) -> Envelope[JobWithExecution]:
    """Return the jobs with their newest execution."""
    wanted = JobFilter(job_type, statuses=status)
    found = catalogue.queries.jobs.executions(page, wanted)
    return envelope(http, page, found, JobWithExecution)


@router.get("/jobs/{job_id}/", summary="Show a job")
def show_job(http: Request, catalogue: CatalogueDep, job_id: RowId) -> JobDetails:
    """Return a job with its recipes, executions, inputs and products."""
    return JobDetails.of(http, catalogue.queries.jobs.one(job_id))


@router.get("/jobs/{job_id}/why/", summary="Say why a job is not running")
def show_why(http: Request, catalogue: CatalogueDep, job_id: RowId) -> JobWhy:
    """Return one sentence that says what a job waits for."""
    why = catalogue.queries.waiting.why(job_id)
    reason = None if why.run is None else reason_of_waiting(why.run)
    return JobWhy.of(http, why if reason is None else replace(why, why=reason))


@router.patch("/jobs/{job_id}/", summary="Cancel a job")
def update_job(
    http: Request, catalogue: CatalogueDep, user: UserName, job_id: RowId, body: JobChanges
) -> JobDetails:
    """Cancel a job that has not completed: the only change is ``{"status": "CANCELED"}``."""
    catalogue.jobs.update(job_id, body, user)
    return JobDetails.of(http, catalogue.queries.jobs.one(job_id))


@router.get(
    "/job-executions/", summary="List job executions", response_model=Envelope[ExecutionItem]
)
def list_job_executions(
    *,
    http: Request,
    catalogue: CatalogueDep,
    page: ExecutionPageDep,
    job_type: JobTypeDep,
    status: Texts,
    job_id: Ids,
    node_id: Ids,
) -> Response:
    """Return the executions of jobs."""
    wanted = ExecutionFilter(job_type, statuses=status, job_ids=job_id, node_ids=node_id)
    listing = EXECUTION_ITEMS.of(http)
    return json_page(http, page, catalogue.queries.executions.listed(listing, page, wanted))


@router.get("/job-executions/{job_exe_id}/", summary="Show a job execution")
def show_job_execution(
    http: Request, catalogue: CatalogueDep, job_exe_id: RowId
) -> ExecutionDetails:
    """Return an execution with its environment and results."""
    return ExecutionDetails.of(http, catalogue.queries.executions.one(job_exe_id))


@router.get("/recipes/", summary="List recipes", response_model=Envelope[RecipeItem])
def list_recipes(
    http: Request, catalogue: CatalogueDep, page: RecipePageDep, type_id: Ids, type_name: Texts
) -> Response:
    """Return the recipes."""
    listing = RECIPE_ITEMS.of(http)
    return json_page(
        http, page, catalogue.queries.recipes.listed(listing, page, type_id, type_name)
    )


@router.get("/recipes/{recipe_id}/", summary="Show a recipe")
def show_recipe(http: Request, catalogue: CatalogueDep, recipe_id: RowId) -> RecipeDetails:
    """Return a recipe with its input files and jobs."""
    return RecipeDetails.of(http, catalogue.queries.recipes.one(recipe_id))
