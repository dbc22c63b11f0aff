"""Queueing a recipe through a form that is made from the inputs of its type."""

from collections.abc import Mapping
from typing import Any, Final

from fastapi import Request
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, Response

from catalog.catalogue import Catalogue
from catalog.errors import InvalidError
from catalog.queries.listing import PageRequest
from plugins.rest.dependencies import CatalogueDep, UserName
from plugins.rest.parameters import RowId
from plugins.rest.routing import SlashRouter
from plugins.views.forms import FormDep, MayCreate, form_page, go_to
from plugins.views.problems import ELSEWHERE, Problems, placed
from schemas.job_interface import InputType, JobInput
from schemas.recipe_definition import RecipeDefinition

router = SlashRouter()
_WORKSPACE: Final = "workspace_id"
_PREFIX: Final = "input-"  # an input may have any name, also that of another field
_MOST_WORKSPACES: Final = 100


@router.get("/recipe-types/{recipe_type_id}/queue/", response_class=HTMLResponse)
def queue_form(request: Request, catalogue: CatalogueDep, recipe_type_id: RowId) -> HTMLResponse:
    """Show the form."""
    return _form(request, catalogue, recipe_type_id, {}, {})


@router.post("/recipe-types/{recipe_type_id}/queue/", dependencies=[MayCreate])
def queue(
    request: Request,
    catalogue: CatalogueDep,
    user: UserName,
    recipe_type_id: RowId,
    form: FormDep,
) -> Response:
    """Queue the recipe and go to its page, or show the form with what is wrong."""
    found = catalogue.queries.recipe_types.one(recipe_type_id)
    inputs = RecipeDefinition.parse(found.definition).inputs
    given, problems = _read(inputs, form)
    if not problems:
        try:
            recipe = catalogue.queue.new_recipe(recipe_type_id, _data(given, form), user)
            return go_to(request, f"/recipes/{recipe.id}/")
        except InvalidError as error:
            problems = _at_fields(error, given)
    values = {name: str(value) for name, value in form.items()}
    return _form(request, catalogue, recipe_type_id, values, problems)


def _form(
    request: Request,
    catalogue: Catalogue,
    recipe_type_id: int,
    values: Mapping[str, str],
    problems: Problems,
) -> HTMLResponse:
    found = catalogue.queries.recipe_types.one(recipe_type_id)
    inputs = RecipeDefinition.parse(found.definition).inputs
    workspaces = catalogue.queries.workspaces.page(PageRequest(page_size=_MOST_WORKSPACES)).rows
    return form_page(
        request,
        "queue_recipe.html",
        problems,
        recipe_type=found,
        inputs=inputs,
        candidates={
            each.name: catalogue.queries.candidates.of(each.media_types)
            for each in inputs
            if each.type is not InputType.PROPERTY
        },
        workspaces=[each for each in workspaces if each.is_active],
        values=values,
    )


def _read(
    inputs: tuple[JobInput, ...], form: FormData
) -> tuple[list[dict[str, Any]], dict[str, list[str]]]:
    """Return the inputs of the recipe data, and what cannot even be read."""
    given: list[dict[str, Any]] = []
    problems: dict[str, list[str]] = {}
    for each in inputs:
        text = str(form.get(f"{_PREFIX}{each.name}", "")).strip()
        if not text:
            if each.required:
                problems[each.name] = ["This input is required. Give it a value."]
        elif each.type is InputType.PROPERTY:
            given.append({"name": each.name, "value": text})
        else:
            ids = [word.partition(" ")[0] for word in map(str.strip, text.split(",")) if word]
            if not all(word.isdecimal() and word.isascii() for word in ids):
                problems[each.name] = ["Give the id of a file, a whole number such as 12."]
            elif each.type is InputType.FILES:
                given.append({"name": each.name, "file_ids": [int(word) for word in ids]})
            elif len(ids) > 1:
                problems[each.name] = ["This input takes one file. Give one id."]
            else:
                given.append({"name": each.name, "file_id": int(ids[0])})
    return given, problems


def _data(given: list[dict[str, Any]], form: FormData) -> dict[str, Any]:
    workspace = str(form.get(_WORKSPACE, ""))
    chosen = {_WORKSPACE: int(workspace)} if workspace.isdecimal() else {}
    return {"version": "1.0", "input_data": given, **chosen}


def _at_fields(error: InvalidError, given: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Return the sentences of an error by the input they are about."""
    names = {f"$.input_data[{index}]": each["name"] for index, each in enumerate(given)}
    found: dict[str, list[str]] = {}
    for each in placed(error):
        field = next((name for path, name in names.items() if each.path.startswith(path)), None)
        if field is None:
            quoted = (each["name"] for each in given)
            field = next((name for name in quoted if f"'{name}'" in each.sentence), None)
        if field is None and _WORKSPACE in each.path:
            field = _WORKSPACE
        found.setdefault(field or ELSEWHERE, []).append(each.sentence)
    return found
