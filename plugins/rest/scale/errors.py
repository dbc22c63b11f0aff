"""Errors (seed 001, Error Services)."""

from http import HTTPStatus

from fastapi import Request, Response

from plugins.rest.dependencies import CatalogueDep
from plugins.rest.parameters import PageDep, RowId
from plugins.rest.routing import SlashRouter
from plugins.rest.scale.body_schemas import ErrorChanges, NewError
from plugins.rest.scale.models.errors import ErrorItem
from plugins.rest.wire import Envelope, Links, envelope

router = SlashRouter(tags=["errors"])


@router.get("/errors/", summary="List errors")
def list_errors(http: Request, catalogue: CatalogueDep, page: PageDep) -> Envelope[ErrorItem]:
    """Return the errors that jobs can end with."""
    return envelope(http, page, catalogue.queries.errors.page(page), ErrorItem)


@router.post("/errors/", summary="Create an error", status_code=HTTPStatus.CREATED)
def create_error(
    http: Request, response: Response, catalogue: CatalogueDep, body: NewError
) -> ErrorItem:
    """Create an error of the category ALGORITHM or DATA: name, title, description, category."""
    error = catalogue.errors.create(body)
    response.headers["Location"] = Links.of(http).to(f"/errors/{error.id}/")
    return ErrorItem.of(http, error)


@router.get("/errors/{error_id}/", summary="Show an error")
def show_error(http: Request, catalogue: CatalogueDep, error_id: RowId) -> ErrorItem:
    """Return an error."""
    return ErrorItem.of(http, catalogue.queries.errors.one(error_id))


@router.patch("/errors/{error_id}/", summary="Edit an error")
def edit_error(
    http: Request, catalogue: CatalogueDep, error_id: RowId, body: ErrorChanges
) -> ErrorItem:
    """Change title, description or category of an error; builtin errors stay as they are."""
    return ErrorItem.of(http, catalogue.errors.edit(error_id, body))
