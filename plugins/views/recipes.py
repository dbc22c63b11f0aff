"""Recipes that were made: the list, and each as the graph of its jobs."""

from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import Request
from starlette.responses import HTMLResponse

from catalog.catalogue import Catalogue
from catalog.queries.inputs import merged
from catalog.queries.recipe_list import RecipeListFilter
from catalog.queries.recipes import RecipeDetailRow
from catalog.states import JobStatus
from plugins.rest.dependencies import CatalogueDep
from plugins.rest.parameters import IdFilter, RowId
from plugins.rest.routing import SlashRouter
from plugins.views import links
from plugins.views.graph import graph_of
from plugins.views.jobs import notice_of
from plugins.views.lists import SliceDep
from plugins.views.parameters import Blank
from plugins.views.rendering import page
from schemas.recipe_definition import RecipeDefinition

router = SlashRouter()
_STATES: Final = {"open": False, "completed": True}


@router.get("/recipes/", response_class=HTMLResponse)
def recipes(
    request: Request,
    catalogue: CatalogueDep,
    place: SliceDep,
    recipe_type: Annotated[IdFilter | None, Blank] = None,
    state: str = "",
) -> HTMLResponse:
    """List recipes, newest first."""
    wanted = RecipeListFilter(recipe_type, _STATES.get(state))
    found, counts = catalogue.queries.recipe_list.slice(place, wanted)
    return page(
        request,
        "recipes.html",
        recipes=found,
        counts=counts,
        wanted=wanted,
        state=state,
        has_filters=wanted != RecipeListFilter(),
        states=[(each, each) for each in _STATES],
        types=catalogue.queries.recipe_list.types(),
    )


@router.get("/recipes/{recipe_id}/", response_class=HTMLResponse)
def recipe(request: Request, catalogue: CatalogueDep, recipe_id: RowId) -> HTMLResponse:
    """Show a recipe as the graph of its jobs, with how they stand now."""
    found = catalogue.queries.recipes.one(recipe_id)
    definition = found.recipe_type_rev.definition
    jobs = {each.job_name: each.job for each in found.jobs}
    files = {file.id: file for file in found.input_files}
    stuck = [
        each.id for each in jobs.values() if each.status in (JobStatus.FAILED, JobStatus.CANCELED)
    ]
    return page(
        request,
        "recipe.html",
        recipe=found,
        graph=graph_of(RecipeDefinition.parse(definition)),
        jobs=jobs,
        inputs=list(merged(definition, found.data, "input_data", files)),
        is_open=any(
            each.status in (JobStatus.PENDING, JobStatus.QUEUED, JobStatus.RUNNING)
            for each in jobs.values()
        ),
        stuck=stuck,
        now=datetime.now(UTC),
        run=_run(catalogue, found),
        notice=notice_of(request),
    )


def _run(catalogue: Catalogue, found: RecipeDetailRow) -> str | None:
    run = catalogue.queries.runs.of_recipe(found.id)
    return None if run is None else links.run_path(run)
