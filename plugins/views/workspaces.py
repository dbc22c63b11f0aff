"""Workspaces: the list, each with how full it is now and was, and archiving it."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from fastapi import Form, Request
from starlette.responses import HTMLResponse, Response

from catalog.brokers import Sizes
from catalog.records.configuration import WorkspaceRecord
from catalog.services.usage import STEP
from catalog.services.workspaces import sizes_of
from plugins.rest.dependencies import CatalogueDep
from plugins.rest.parameters import RowId, Truth
from plugins.rest.routing import SlashRouter
from plugins.views.forms import go_to
from plugins.views.lists import SliceDep
from plugins.views.rendering import page
from plugins.views.usage_chart import usage_chart

router = SlashRouter()
SPANS: Final = {
    "day": ("24 hours", timedelta(days=1), STEP),
    "week": ("7 days", timedelta(days=7), timedelta(hours=2)),
    "quarter": ("90 days", timedelta(days=90), timedelta(days=1)),
}


@router.get("/workspaces/", response_class=HTMLResponse)
def workspaces(request: Request, catalogue: CatalogueDep, place: SliceDep) -> HTMLResponse:
    """List workspaces, newest first, with how full they are."""
    found = catalogue.queries.workspaces.slice(place)
    return page(request, "workspaces.html", workspaces=found, sizes=measured(found.rows))


@router.get("/workspaces/{workspace_id}/", response_class=HTMLResponse)
def workspace(
    request: Request, catalogue: CatalogueDep, workspace_id: RowId, span: str = "day"
) -> HTMLResponse:
    """Show a workspace with how full it is, and was in the last day, week or quarter."""
    found = catalogue.queries.workspaces.one(workspace_id)
    label, length, step = SPANS.get(span, SPANS["day"])
    now = datetime.now(UTC)
    usage = catalogue.queries.workspaces.usage(workspace_id, now - length, step)
    return page(
        request,
        "workspace.html",
        workspace=found,
        sizes=sizes_of(found.json_config),
        chart=usage_chart(usage, now - length, now, step),
        spans=[(name, each[0]) for name, each in SPANS.items()],
        span=span if span in SPANS else "day",
        label=label,
        saved="saved" in request.query_params,
    )


@router.post("/workspaces/{workspace_id}/activity/")
def activity(
    request: Request,
    catalogue: CatalogueDep,
    workspace_id: RowId,
    is_active: Annotated[Truth, Form()],
) -> Response:
    """Archive a workspace, or bring it back."""
    catalogue.workspaces.edit(workspace_id, {"is_active": is_active})
    return go_to(request, f"/workspaces/{workspace_id}/")


def measured(workspaces: Iterable[WorkspaceRecord]) -> dict[int, Sizes | None]:
    """Return how full workspaces are, by id; None for those that this host does not reach."""
    return {each.id: sizes_of(each.json_config) for each in workspaces}
