"""Errors (seed 001, Error Services)."""

from fastapi import Request

from plugins.rest.dependencies import CatalogueDep
from plugins.rest.parameters import PageDep, RowId
from plugins.rest.routing import SlashRouter
from plugins.rest.scale.models.errors import ErrorItem
from plugins.rest.wire import Envelope, envelope

router = SlashRouter(tags=["errors"])


@router.get("/errors/", summary="List errors")
def list_errors(http: Request, catalogue: CatalogueDep, page: PageDep) -> Envelope[ErrorItem]:
    """Return the errors that jobs can end with."""
    return envelope(http, page, catalogue.queries.errors.page(page), ErrorItem)


@router.get("/errors/{error_id}/", summary="Show an error")
def show_error(http: Request, catalogue: CatalogueDep, error_id: RowId) -> ErrorItem:
    """Return an error."""
    return ErrorItem.of(http, catalogue.queries.errors.one(error_id))
