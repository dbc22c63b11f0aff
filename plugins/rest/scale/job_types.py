"""Creating and editing job types, and what their jobs do (seed 001, Job Type Services)."""

from http import HTTPStatus

from fastapi import Request, Response

from plugins.rest.dependencies import CatalogueDep
from plugins.rest.parameters import PagingDep, PeriodDep, RowId
from plugins.rest.routing import SlashRouter
from plugins.rest.scale.body_schemas import JobTypeChanges, NewJobType
from plugins.rest.scale.models.cautions import Warnings
from plugins.rest.scale.models.job_type_status import (
    JobTypeFailures,
    JobTypeRunning,
    JobTypeStatus,
)
from plugins.rest.scale.models.job_types import JobTypeDetails
from plugins.rest.wire import Envelope, Links, envelope

router = SlashRouter(tags=["types"])


@router.get("/job-types/status/", summary="Count jobs by job type and status")
def list_job_type_status(
    http: Request, catalogue: CatalogueDep, page: PeriodDep
) -> Envelope[JobTypeStatus]:
    """Return every job type with counts of its jobs; the past 3 hours, and all that run."""
    found = catalogue.queries.job_type_status.page(page)
    return envelope(http, page, found, JobTypeStatus)


@router.get("/job-types/running/", summary="List the job types that run")
def list_running_job_types(
    http: Request, catalogue: CatalogueDep, page: PagingDep
) -> Envelope[JobTypeRunning]:
    """Return the job types with running jobs, that of the longest running job first."""
    return envelope(http, page, catalogue.queries.job_type_status.running(page), JobTypeRunning)


@router.get("/job-types/system-failures/", summary="List the job types with system failures")
def list_system_failures(
    http: Request, catalogue: CatalogueDep, page: PagingDep
) -> Envelope[JobTypeFailures]:
    """Return the job types with jobs that failed with SYSTEM errors, the latest error first."""
    found = catalogue.queries.job_type_status.system_failures(page)
    return envelope(http, page, found, JobTypeFailures)


@router.post("/job-types/", summary="Create a job type", status_code=HTTPStatus.CREATED)
def create_job_type(
    http: Request, response: Response, catalogue: CatalogueDep, body: NewJobType
) -> JobTypeDetails:
    """Create a job type with its interface, error mapping and trigger rule."""
    job_type = catalogue.job_types.create(body)
    response.headers["Location"] = Links.of(http).to(f"/job-types/{job_type.id}/")
    return JobTypeDetails.of(http, catalogue.queries.job_types.one(job_type.id))


@router.post("/job-types/validation/", summary="Check a job type")
def validate_job_type(catalogue: CatalogueDep, body: NewJobType) -> Warnings:
    """Return what saving a job type, new or edited, would warn of; nothing is saved."""
    return Warnings.about(catalogue.job_types.validate(body))


@router.patch("/job-types/{job_type_id}/", summary="Edit a job type")
def edit_job_type(
    http: Request, catalogue: CatalogueDep, job_type_id: RowId, body: JobTypeChanges
) -> JobTypeDetails:
    """Change what is given; a changed interface is a new revision, a null removes."""
    catalogue.job_types.edit(job_type_id, body)
    return JobTypeDetails.of(http, catalogue.queries.job_types.one(job_type_id))
