"""The queue (seed 001, Queue Services); its errors are bare JSON strings (contract section 3)."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Self

from fastapi import Request, Response
from pydantic import BaseModel, Field, model_validator

from catalog.errors import InvalidError
from catalog.queries.listing import Page
from catalog.records.work import JobSelection
from plugins.rest.dependencies import CatalogueDep, UserName
from plugins.rest.descriptions import BARE_PROBLEMS
from plugins.rest.parameters import IdFilter, Moment, PagingDep, Text
from plugins.rest.routing import BareErrorRoute, SlashRouter
from plugins.rest.scale.body_schemas import JobDataDocument, RecipeDataDocument
from plugins.rest.scale.models.jobs import JobDetails, JobItem
from plugins.rest.scale.models.queue import QueueStatus
from plugins.rest.scale.models.recipes import RecipeDetails
from plugins.rest.wire import Envelope, Links, envelope

router = SlashRouter(tags=["queue"], route_class=BareErrorRoute, responses=BARE_PROBLEMS)


class NewJob(BaseModel):
    """A job to queue."""

    job_type_id: IdFilter
    job_data: JobDataDocument


class NewRecipe(BaseModel):
    """A recipe to queue."""

    recipe_type_id: IdFilter
    recipe_data: RecipeDataDocument


class JobsToRequeue(BaseModel):
    """Which jobs to requeue: all conditions together; what is left out asks for nothing."""

    started: Moment | None = None
    ended: Moment | None = None
    status: Text | list[Text] | None = None
    job_ids: list[IdFilter] | None = None
    job_type_ids: list[IdFilter] | None = None
    job_type_names: list[Text] | None = None
    job_type_categories: list[Text] | None = None
    priority: IdFilter | None = Field(None, description="Lower is earlier.")

    @model_validator(mode="after")
    def _range_is_upright(self) -> Self:
        if self.started is not None and self.ended is not None and self.started >= self.ended:
            message = "the time range starts after its end. Give a start that is before the end."
            raise ValueError(message)
        return self


@router.get("/queue/status/", summary="Show the queue")
def show_queue(http: Request, catalogue: CatalogueDep) -> QueueStatus:
    """Return the queued jobs by job type: unpaused first, then by priority, then by age."""
    return QueueStatus.of(http, {"queue_status": catalogue.queries.queue.status()})


@router.post("/queue/new-job/", summary="Queue a job", status_code=HTTPStatus.CREATED)
def queue_job(
    http: Request, response: Response, catalogue: CatalogueDep, user: UserName, body: NewJob
) -> JobDetails:
    """Create a job and put it on the queue."""
    with _refusing("Invalid job information."):
        job = catalogue.queue.new_job(body.job_type_id, body.job_data, user)
    details = JobDetails.of(http, catalogue.queries.jobs.one(job.id))
    execution = details.job_exes[0]
    response.headers["Location"] = Links.of(http).to(f"/job-executions/{execution.id}/")
    return details


@router.post("/queue/new-recipe/", summary="Queue a recipe", status_code=HTTPStatus.CREATED)
def queue_recipe(
    http: Request, response: Response, catalogue: CatalogueDep, user: UserName, body: NewRecipe
) -> RecipeDetails:
    """Create a recipe with all its jobs, and put those without parents on the queue."""
    with _refusing("Invalid recipe information."):
        recipe = catalogue.queue.new_recipe(body.recipe_type_id, body.recipe_data, user)
    response.headers["Location"] = Links.of(http).to(f"/recipes/{recipe.id}/")
    return RecipeDetails.of(http, catalogue.queries.recipes.one(recipe.id))


@router.post("/queue/requeue-jobs/", summary="Requeue jobs that failed or were cancelled")
def requeue_jobs(
    http: Request, catalogue: CatalogueDep, page: PagingDep, body: JobsToRequeue
) -> Envelope[JobItem]:
    """Give jobs another try; all that match are answered, also those that stay as they are."""
    selection = JobSelection(
        started=body.started,
        ended=body.ended,
        statuses=[body.status] if isinstance(body.status, str) else body.status or (),
        job_ids=body.job_ids or (),
        job_type_ids=body.job_type_ids or (),
        job_type_names=body.job_type_names or (),
        job_type_categories=body.job_type_categories or (),
    )
    ids = catalogue.requeue.requeue(selection, body.priority)
    first = max(page.page - 1, 0) * page.page_size
    rows = catalogue.queries.jobs.these(ids[first : first + page.page_size])
    return envelope(http, page, Page(len(ids), rows), JobItem)


@contextmanager
def _refusing(sentence: str) -> Iterator[None]:
    """Put the sentence that clients know before the reason."""
    try:
        yield
    except InvalidError as error:
        raise InvalidError(f"{sentence} {error}") from error
