"""Nodes, the scheduler and the system (seed 001, Node Services and Scheduler Services).

Their errors are bare JSON strings (contract section 3).
"""

import logging
import socket
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import asdict
from http import HTTPStatus
from typing import Annotated, Final, TypeVar

from fastapi import Query, Request, Response

from catalog.queries.listing import Page
from catalog.queries.nodes import NodeStatusRow, SystemState
from plugins.rest.airflow_health import online_hosts, scheduler_health
from plugins.rest.dependencies import CatalogueDep
from plugins.rest.descriptions import BARE_PROBLEMS
from plugins.rest.parameters import PeriodDep, RowId, Truth
from plugins.rest.routing import BareErrorRoute, SlashRouter
from plugins.rest.scale.body_schemas import NodeChanges, NodeReplacement, SchedulerChanges
from plugins.rest.scale.models.nodes import (
    Master,
    NodeActivity,
    NodeDetails,
    NodeItem,
    NodeStatus,
    SchedulerHost,
    SchedulerState,
    SystemStatus,
    Usage,
)
from plugins.rest.scale.orders import NodePageDep
from plugins.rest.scale.rows import RUNNING_ITEMS
from plugins.rest.wire import Envelope, Links, envelope, json_page

router = SlashRouter(tags=["system"], route_class=BareErrorRoute, responses=BARE_PROBLEMS)
T = TypeVar("T")
_log = logging.getLogger(__name__)
_PORTS: Final = {"http": 80, "https": 443}
_REPLACED: Final = frozenset({"hostname", "port"})


@router.get("/nodes/", summary="List nodes")
def list_nodes(
    *,
    http: Request,
    catalogue: CatalogueDep,
    page: NodePageDep,
    include_inactive: Annotated[
        Truth, Query(description="Show also the nodes that are not in use any more.")
    ] = False,
) -> Envelope[NodeItem]:
    """Return the hosts that run executions."""
    found = catalogue.queries.nodes.page(page, include_inactive=include_inactive)
    return envelope(http, page, found, NodeItem)


@router.get(
    "/nodes/status/",
    summary="Show what nodes did of late",
    response_model=Envelope[NodeStatus],
)
def list_node_status(http: Request, catalogue: CatalogueDep, page: PeriodDep) -> Response:
    """Return the active nodes with what they did, by default in the last three hours."""
    found = catalogue.queries.nodes.status_with(RUNNING_ITEMS.of(http), page)
    online = _tried(online_hosts, frozenset[str]())
    rows = tuple(_status(http, each, online) for each in found.rows)
    return json_page(http, page, Page(found.count, rows))


@router.get("/nodes/{node_id}/", summary="Show a node")
def show_node(http: Request, catalogue: CatalogueDep, node_id: RowId) -> NodeDetails:
    """Return a node with what it has, and what runs on it."""
    return _details(http, catalogue, node_id)


@router.put("/nodes/{node_id}/", summary="Replace a node", status_code=HTTPStatus.CREATED)
def replace_node(
    http: Request,
    response: Response,
    catalogue: CatalogueDep,
    node_id: RowId,
    body: NodeReplacement,
) -> NodeDetails:
    """Change a node; the hostname and port have to be given."""
    catalogue.nodes.update(node_id, body, required=_REPLACED)
    response.headers["Location"] = Links.of(http).to(f"/nodes/{node_id}/")
    return _details(http, catalogue, node_id)


@router.patch("/nodes/{node_id}/", summary="Update a node", status_code=HTTPStatus.CREATED)
def update_node(
    http: Request,
    response: Response,
    catalogue: CatalogueDep,
    node_id: RowId,
    body: NodeChanges,
) -> NodeDetails:
    """Change some fields of a node; a paused one begins no more executions."""
    catalogue.nodes.update(node_id, body)
    response.headers["Location"] = Links.of(http).to(f"/nodes/{node_id}/")
    return _details(http, catalogue, node_id)


@router.get("/scheduler/", summary="Show the scheduler")
def show_scheduler(http: Request, catalogue: CatalogueDep) -> SchedulerState:
    """Return whether the scheduler is paused, and why."""
    return SchedulerState.of(http, catalogue.scheduler.state())


@router.patch("/scheduler/", summary="Pause or resume", status_code=HTTPStatus.CREATED)
def update_scheduler(
    http: Request, response: Response, catalogue: CatalogueDep, body: SchedulerChanges
) -> SchedulerState:
    """Pause or resume: while it is paused, no queued job begins, and ``pause_reason`` says why."""
    state = catalogue.scheduler.update(body)
    response.headers["Location"] = Links.of(http).to("/scheduler/")
    return SchedulerState.of(http, state)


@router.get("/status/", summary="Show the system's status")
def show_status(http: Request, catalogue: CatalogueDep) -> SystemStatus:
    """Return how the API server, Airflow's scheduler and the nodes are; never fails."""
    unknown = SystemState(is_paused=False, pause_reason=None, queue_depth=0, resources=None)
    state = _tried(catalogue.queries.nodes.system, unknown)
    health = _tried(scheduler_health, None)
    return SystemStatus(
        master=Master(
            is_online=True,
            hostname=http.url.hostname or socket.gethostname(),
            port=http.url.port or _PORTS[http.url.scheme],
        ),
        scheduler=SchedulerHost(
            is_online=health is not None and health.is_alive,
            is_paused=state.is_paused,
            hostname="" if health is None else health.hostname,
        ),
        queue_depth=state.queue_depth,
        resources=None if state.resources is None else Usage(**asdict(state.resources)),
    )


def _status(http: Request, row: NodeStatusRow[str], online: AbstractSet[str]) -> str:
    """Return a node with the executions that run on it, which are JSON already."""
    activity = NodeActivity.of(http, row)
    activity.is_online = _is_among(activity.node.hostname, online)
    head = activity.model_dump_json().removesuffix("}")
    return f'{head},"job_exes_running":[{",".join(row.job_exes_running)}]}}'


def _details(http: Request, catalogue: CatalogueDep, node_id: int) -> NodeDetails:
    node = NodeDetails.of(http, catalogue.queries.nodes.one(node_id))
    if node.is_active and not _is_among(node.hostname, _tried(online_hosts, frozenset[str]())):
        node.disconnected = True
    return node


def _is_among(hostname: str, online: AbstractSet[str]) -> bool:
    """Say whether a host is among those of Airflow, which may know it with its domain or not."""
    short = hostname.partition(".")[0]
    return any(each == hostname or each.partition(".")[0] == short for each in online)


def _tried(read: Callable[[], T], otherwise: T) -> T:
    """Read something; whatever is wrong with that, it is only offline."""
    try:
        return read()
    except Exception as error:  # noqa: BLE001  # Airflow and drivers raise anything
        _log.warning("Part of the system's status is not known: %s", error)
        return otherwise
