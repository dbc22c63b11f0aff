"""Job types and recipe types (seed 001, Job Type Services and Recipe Types Services)."""

from fastapi import Request

from plugins.rest.dependencies import CatalogueDep
from plugins.rest.parameters import PageDep, RowId, Texts
from plugins.rest.routing import SlashRouter
from plugins.rest.scale.models.job_types import JobTypeDetails, JobTypeItem
from plugins.rest.scale.models.recipes import RecipeTypeDetails, RecipeTypeItem
from plugins.rest.wire import Envelope, envelope

router = SlashRouter(tags=["types"])


@router.get("/job-types/", summary="List job types")
def list_job_types(
    http: Request, catalogue: CatalogueDep, page: PageDep, name: Texts, category: Texts
) -> Envelope[JobTypeItem]:
    """Return the job types, by name and version."""
    found = catalogue.queries.job_types.page(page, name, category)
    return envelope(http, page, found, JobTypeItem)


@router.get("/job-types/{job_type_id}/", summary="Show a job type")
def show_job_type(http: Request, catalogue: CatalogueDep, job_type_id: RowId) -> JobTypeDetails:
    """Return a job type with its interface, errors, and counts of its jobs."""
    return JobTypeDetails.of(http, catalogue.queries.job_types.one(job_type_id))


@router.get("/recipe-types/", summary="List recipe types")
def list_recipe_types(
    http: Request, catalogue: CatalogueDep, page: PageDep
) -> Envelope[RecipeTypeItem]:
    """Return the recipe types, by name and version."""
    return envelope(http, page, catalogue.queries.recipe_types.page(page), RecipeTypeItem)


@router.get("/recipe-types/{recipe_type_id}/", summary="Show a recipe type")
def show_recipe_type(
    http: Request, catalogue: CatalogueDep, recipe_type_id: RowId
) -> RecipeTypeDetails:
    """Return a recipe type with its definition and the job types it uses."""
    return RecipeTypeDetails.of(http, catalogue.queries.recipe_types.one(recipe_type_id))
