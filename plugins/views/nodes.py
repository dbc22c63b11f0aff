"""Nodes and the scheduler: what they do, pausing them with a reason, and letting them go on."""

import logging
from typing import Final

from fastapi import Request
from starlette.responses import HTMLResponse, Response

from catalog.queries.listing import PageRequest
from plugins.rest.airflow_health import SchedulerHealth, scheduler_health
from plugins.rest.dependencies import CatalogueDep
from plugins.rest.parameters import RowId
from plugins.rest.routing import SlashRouter
from plugins.views.forms import PauseDep, go_to
from plugins.views.rendering import page

router = SlashRouter()
_log = logging.getLogger(__name__)
_MOST_NODES: Final = 100


@router.get("/nodes/", response_class=HTMLResponse)
def nodes(request: Request, catalogue: CatalogueDep) -> HTMLResponse:
    """List nodes with what they did in the last 3 hours, and the scheduler."""
    return page(
        request,
        "nodes.html",
        nodes=catalogue.queries.nodes.status(PageRequest(page_size=_MOST_NODES)),
        system=catalogue.queries.nodes.system(),
        health=_health(),
    )


@router.get("/nodes/{node_id}/", response_class=HTMLResponse)
def node(request: Request, catalogue: CatalogueDep, node_id: RowId) -> HTMLResponse:
    """Show a node with what it has, and what runs on it."""
    return page(request, "node.html", node=catalogue.queries.nodes.one(node_id))


@router.post("/nodes/{node_id}/pause/")
def pause_node(
    request: Request, catalogue: CatalogueDep, node_id: RowId, pause: PauseDep
) -> Response:
    """Pause a node with a reason, or let it go on."""
    catalogue.nodes.update(node_id, pause)
    return go_to(request, f"/nodes/{node_id}/")


@router.post("/scheduler/pause/")
def pause_scheduler(request: Request, catalogue: CatalogueDep, pause: PauseDep) -> Response:
    """Pause the whole system with a reason, or let it go on."""
    catalogue.scheduler.update(pause)
    return go_to(request, "/nodes/")


def _health() -> SchedulerHealth | None:
    """Return how Airflow's scheduler is; None where that cannot be found out."""
    try:
        return scheduler_health()
    except Exception as error:  # noqa: BLE001  # Airflow and drivers raise anything
        _log.warning("How Airflow's scheduler is, is not known: %s", error)
        return None
