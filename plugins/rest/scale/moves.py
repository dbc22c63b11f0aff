"""Moves of files that parse results asked for; beyond the seed, in its style."""

from typing import Annotated

from fastapi import Query, Request
from pydantic import BaseModel, ConfigDict

from plugins.rest.dependencies import CatalogueDep
from plugins.rest.parameters import IdFilter, PageDep, Truth
from plugins.rest.routing import SlashRouter
from plugins.rest.scale.models.moves import MoveItem
from plugins.rest.wire import Envelope, envelope

router = SlashRouter(tags=["workspaces"])


class MoveSelection(BaseModel):
    """Which moves are meant: those named, or all that failed."""

    model_config = ConfigDict(extra="forbid")

    move_ids: list[IdFilter] = []


class RetriedMoves(BaseModel):
    """The moves that are tried again."""

    move_ids: list[int]


@router.get("/file-moves/", summary="List moves of files")
def list_moves(
    http: Request,
    catalogue: CatalogueDep,
    page: PageDep,
    has_problem: Annotated[
        Truth | None, Query(description="Only moves that failed, or only those that did not.")
    ] = None,
) -> Envelope[MoveItem]:
    """Return the moves that are not over, oldest first, each with why it failed."""
    found = catalogue.queries.moves.page(page, has_problem=has_problem)
    return envelope(http, page, found, MoveItem)


@router.post("/file-moves/retry/", summary="Try moves again")
def retry_moves(catalogue: CatalogueDep, body: MoveSelection) -> RetriedMoves:
    """Try moves that failed at the next minute, instead of when they would be tried again."""
    return RetriedMoves(move_ids=catalogue.moves.retry(body.move_ids))
