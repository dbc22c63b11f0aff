"""What clients and tools of Elasticsearch ask of the cluster and its indices."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from catalog.queries.search import EVERYTHING
from plugins.rest.dependencies import CatalogueDep
from plugins.rest.unity.database import Endpoint
from plugins.rest.unity.documents import INDEX, PROPERTIES
from plugins.rest.unity.requests import check_index, reply
from plugins.rest.unity.wire import PRODUCT, SearchError

router = APIRouter()
CLUSTER: Final = "airscale"
NODE: Final = "catalogue"
VERSION: Final = {
    "number": "7.17.9",
    "build_flavor": "default",
    "build_type": "docker",
    "build_hash": "unknown",
    "build_date": "2023-01-31T05:34:43.305517834Z",
    "build_snapshot": False,
    "lucene_version": "8.11.1",
    "minimum_wire_compatibility_version": "6.8.0",
    "minimum_index_compatibility_version": "6.0.0-beta1",
}
_MAPPING: Final = {"mappings": {"dynamic": "false", "properties": dict(PROPERTIES)}}
_SETTINGS: Final = {
    "settings": {
        "index": {
            "number_of_shards": "1",
            "number_of_replicas": "0",
            "provided_name": INDEX,
            "uuid": INDEX,
            "version": {"created": "7170999"},
            "blocks": {"write": "true"},
        }
    }
}
_ONE_SHARD: Final = {"total": 1, "successful": 1, "failed": 0}


def _get(*paths: str, head: bool = False) -> Callable[[Endpoint], Endpoint]:
    def register(endpoint: Endpoint) -> Endpoint:
        for index, each in enumerate(paths):
            router.add_api_route(each, endpoint, methods=["GET"], include_in_schema=index == 0)
            if head:
                router.add_api_route(each, endpoint, methods=["HEAD"], include_in_schema=False)
        return endpoint

    return register


@_get("/", head=True)
def show_version(http: Request) -> Response:
    """Return what clients recognise Elasticsearch by."""
    return reply(
        http,
        {
            "name": NODE,
            "cluster_name": CLUSTER,
            "cluster_uuid": CLUSTER,
            "version": VERSION,
            "tagline": "You Know, for Search",
        },
    )


@_get("/_cluster/health", "/_cluster/health/{index}")
def show_health(http: Request) -> Response:
    """Return the health of the jobs database: it answers, so it is green."""
    counts = ("relocating_shards", "initializing_shards", "unassigned_shards",
              "delayed_unassigned_shards", "number_of_pending_tasks",
              "number_of_in_flight_fetch", "task_max_waiting_in_queue_millis")  # fmt: skip
    return reply(
        http,
        {
            "cluster_name": CLUSTER,
            "status": "green",
            "timed_out": False,
            "number_of_nodes": 1,
            "number_of_data_nodes": 1,
            "active_primary_shards": 1,
            "active_shards": 1,
            **dict.fromkeys(counts, 0),
            "active_shards_percent_as_number": 100.0,
        },
    )


@_get("/_cluster/stats")
def show_cluster_stats(http: Request, catalogue: CatalogueDep) -> Response:
    """Return how much there is."""
    number = catalogue.queries.searches.count(EVERYTHING)
    return reply(
        http,
        {
            "_nodes": _ONE_SHARD,
            "cluster_name": CLUSTER,
            "cluster_uuid": CLUSTER,
            "status": "green",
            "indices": {
                "count": 1,
                "shards": {"total": 1},
                "docs": {"count": number, "deleted": 0},
            },
            "nodes": {"count": {"total": 1, "data": 1}, "versions": [VERSION["number"]]},
        },
    )


@_get("/_nodes", "/_nodes/stats", "/_nodes/{part}")
def show_nodes(http: Request) -> Response:
    """Return the one node that there is."""
    node = {"name": NODE, "version": VERSION["number"], "roles": ["data"]}
    return reply(http, {"_nodes": _ONE_SHARD, "cluster_name": CLUSTER, "nodes": {NODE: node}})


@_get("/_cat/indices", "/_cat/indices/{index}")
def list_indices(http: Request, catalogue: CatalogueDep, index: str = INDEX) -> Response:
    """Return the one index that there is."""
    check_index(index)
    number = str(catalogue.queries.searches.count(EVERYTHING))
    row = {"health": "green", "status": "open", "index": INDEX, "uuid": INDEX, "pri": "1",
           "rep": "0", "docs.count": number, "docs.deleted": "0", "store.size": None,
           "pri.store.size": None}  # fmt: skip
    return _table(http, [row])


@_get("/_cat/health")
def list_health(http: Request) -> Response:
    """Return the health as a table."""
    return _table(http, [{"cluster": CLUSTER, "status": "green", "node.total": "1",
                          "node.data": "1", "shards": "1", "pri": "1", "relo": "0", "init": "0",
                          "unassign": "0", "active_shards_percent": "100.0%"}])  # fmt: skip


@_get("/_cat/nodes")
def list_nodes(http: Request) -> Response:
    """Return the one node as a table."""
    return _table(http, [{"id": NODE, "name": NODE, "node.role": "d", "master": "*"}])


@_get("/_cat/shards", "/_cat/shards/{index}")
def list_shards(http: Request, catalogue: CatalogueDep) -> Response:
    """Return the one shard as a table."""
    number = str(catalogue.queries.searches.count(EVERYTHING))
    return _table(http, [{"index": INDEX, "shard": "0", "prirep": "p", "state": "STARTED",
                          "docs": number, "store": None, "node": NODE}])  # fmt: skip


@_get("/_cat/count", "/_cat/count/{index}")
def list_count(http: Request, catalogue: CatalogueDep) -> Response:
    """Return the number of jobs as a table."""
    return _table(http, [{"count": str(catalogue.queries.searches.count(EVERYTHING))}])


@_get("/_cat/aliases", "/_cat/templates", "/_cat/plugins")
def list_nothing(http: Request) -> Response:
    """Return an empty table: there are none."""
    return _table(http, [])


@_get("/_template", "/_index_template", "/_template/{name}", "/_ingest/pipeline")
def show_nothing(http: Request) -> Response:
    """Return that there are none."""
    is_list = http.url.path.rstrip("/").endswith("_index_template")
    return reply(http, {"index_templates": []} if is_list else {})


@_get("/_alias", "/_aliases", "/{index}/_alias")
def show_aliases(http: Request, index: str = INDEX) -> Response:
    """Return that the index has no other names."""
    check_index(index)
    return reply(http, {INDEX: {"aliases": {}}})


@_get("/_mapping", "/{index}/_mapping", "/{index}/_mappings")
def show_mapping(http: Request, index: str = INDEX) -> Response:
    """Return the fields of a document and their types."""
    check_index(index)
    return reply(http, {INDEX: _MAPPING})


@_get("/_settings", "/{index}/_settings")
def show_settings(http: Request, index: str = INDEX) -> Response:
    """Return the settings of the index."""
    check_index(index)
    return reply(http, {INDEX: _SETTINGS})


@_get("/_stats", "/{index}/_stats", "/{index}/_stats/{metric}")
def show_stats(http: Request, catalogue: CatalogueDep, index: str = INDEX) -> Response:
    """Return how many jobs there are."""
    check_index(index)
    docs = {"docs": {"count": catalogue.queries.searches.count(EVERYTHING), "deleted": 0}}
    both = {"primaries": docs, "total": docs}
    return reply(http, {"_shards": _ONE_SHARD, "_all": both, "indices": {INDEX: both}})


@_get("/{index}", head=True)
def show_index(http: Request, index: str) -> Response:
    """Return mapping and settings of the index."""
    if index.startswith("_") and index != "_all":
        raise SearchError(
            "illegal_argument_exception",
            f"no handler found for uri [{http.url.path}] and method [{http.method}]",
            HTTPStatus.BAD_REQUEST,
        )
    check_index(index)
    return reply(http, {INDEX: {"aliases": {}, **_MAPPING, **_SETTINGS}})


def refresh(http: Request, index: str = INDEX) -> Response:
    """Return at once: every search sees what has happened before it."""
    check_index(index)
    return reply(http, {"_shards": _ONE_SHARD})


for _path in ("/{index}/_refresh", "/_refresh"):
    for _verb in ("GET", "POST"):
        router.add_api_route(_path, refresh, methods=[_verb], include_in_schema=False)


def _table(http: Request, rows: list[dict[str, Any]]) -> Response:
    if http.query_params.get("format") == "json" or "json" in http.headers.get("accept", ""):
        return reply(http, rows)
    lines = [" ".join(each or "-" for each in row.values()) for row in rows]
    if "v" in http.query_params and rows:
        lines.insert(0, " ".join(rows[0]))
    return PlainTextResponse("".join(f"{each}\n" for each in lines), headers=PRODUCT)
