"""Recipe types: the definition as a graph, and its revisions with what changed."""

from difflib import unified_diff
from typing import Annotated, Final

from fastapi import Request
from starlette.responses import HTMLResponse

from catalog.errors import NotFoundError
from catalog.queries.parts import RecipeTypeRevisionRow
from plugins.rest.dependencies import CatalogueDep
from plugins.rest.parameters import IdFilter, RowId
from plugins.rest.routing import SlashRouter
from plugins.views.graph import graph_of
from plugins.views.lists import SliceDep
from plugins.views.parameters import Blank
from plugins.views.rendering import page
from plugins.views.text import json_text
from schemas.recipe_definition import RecipeDefinition

router = SlashRouter()
_KINDS: Final = {"+": "added", "-": "removed", "@": "place"}


@router.get("/recipe-types/", response_class=HTMLResponse)
def recipe_types(request: Request, catalogue: CatalogueDep, place: SliceDep) -> HTMLResponse:
    """List recipe types."""
    return page(request, "recipe_types.html", types=catalogue.queries.recipe_types.slice(place))


@router.get("/recipe-types/{recipe_type_id}/", response_class=HTMLResponse)
def recipe_type(
    request: Request,
    catalogue: CatalogueDep,
    recipe_type_id: RowId,
    revision: Annotated[IdFilter | None, Blank] = None,
    against: Annotated[IdFilter | None, Blank] = None,
) -> HTMLResponse:
    """Show a recipe type at a revision, by default the newest, and how that differs."""
    found = catalogue.queries.recipe_types.one(recipe_type_id)
    revisions = catalogue.queries.recipe_types.revisions(recipe_type_id)
    shown = _revision(revisions, revision or found.revision_num)
    former = _revision(revisions, against) if against else _before(revisions, shown)
    return page(
        request,
        "recipe_type.html",
        recipe_type=found,
        revisions=revisions,
        shown=shown,
        former=former,
        diff=[] if former is None else _diff(former, shown),
        graph=graph_of(RecipeDefinition.parse(shown.definition)),
        types={f"{each.name} {each.version}": each.id for each in found.job_types},
    )


def _revision(revisions: tuple[RecipeTypeRevisionRow, ...], number: int) -> RecipeTypeRevisionRow:
    for each in revisions:
        if each.revision_num == number:
            return each
    raise NotFoundError("revision of this recipe type", number)


def _before(
    revisions: tuple[RecipeTypeRevisionRow, ...], shown: RecipeTypeRevisionRow
) -> RecipeTypeRevisionRow | None:
    older = (each for each in revisions if each.revision_num < shown.revision_num)
    return next(older, None)


def _diff(former: RecipeTypeRevisionRow, shown: RecipeTypeRevisionRow) -> list[tuple[str, str]]:
    """Return the lines of a unified diff, each with what became of it."""
    lines = unified_diff(
        json_text(former.definition).splitlines(),
        json_text(shown.definition).splitlines(),
        lineterm="",
    )
    return [(_KINDS.get(line[:1], "same"), line) for line in list(lines)[2:]]
