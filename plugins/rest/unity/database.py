"""The jobs database: documents, searches, counts and scrolls, as Elasticsearch has them."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from catalog.catalogue import Catalogue
from catalog.errors import CatalogueError, NotFoundError
from catalog.job_states import JobState
from catalog.queries.search import OneOf, TextField, TextIs
from catalog.queries.searches import NEWEST_FIRST
from catalog.queries.work_rows import Work
from plugins.rest.dependencies import CatalogueDep
from plugins.rest.uids import uid_of
from plugins.rest.unity.documents import INDEX, envelope, filtered, job_document
from plugins.rest.unity.requests import BodyDep, TextDep, check_index, is_meant, lines_of, reply
from plugins.rest.unity.search import (
    SHARDS,
    answer,
    read_request,
    read_scroll,
    scroll_id,
    source_parameter,
)
from plugins.rest.unity.wire import SearchError, not_possible, not_understood

router = APIRouter()
_MOST_DOCUMENTS: Final = 1000
_PLACE: Final = {"_seq_no": 0, "_primary_term": 1}
Endpoint = Callable[..., Any]


def reading(path: str, *more: str, hidden: tuple[str, ...] = ()) -> Callable[[Endpoint], Endpoint]:
    """Register an operation that reads: with GET, and with further verbs and at further paths."""

    def register(endpoint: Endpoint) -> Endpoint:
        for each in (path, *hidden):
            for verb in ("GET", *more):
                is_shown = verb == "GET" and each == path
                router.add_api_route(each, endpoint, methods=[verb], include_in_schema=is_shown)
        return endpoint

    return register


@reading("/{index}/_doc/{job_id}", "HEAD")
def show_document(http: Request, catalogue: CatalogueDep, index: str, job_id: str) -> Response:
    """Return the document of a job."""
    check_index(index)
    work = _find(catalogue, job_id)
    if work is None:
        missing = {"_index": INDEX, "_type": "_doc", "_id": job_id, "found": False}
        return reply(http, missing, HTTPStatus.NOT_FOUND)
    found = envelope(work, source_parameter(http.query_params))
    return reply(http, {**found, **_PLACE, "found": True})


@reading("/{index}/_source/{job_id}", "HEAD")
def show_source(http: Request, catalogue: CatalogueDep, index: str, job_id: str) -> Response:
    """Return the document of a job without anything around it."""
    check_index(index)
    work = _find(catalogue, job_id)
    if work is None:
        raise SearchError(
            "resource_not_found_exception",
            f"Document not found [{INDEX}]/[{job_id}]",
            HTTPStatus.NOT_FOUND,
        )
    return reply(http, filtered(job_document(work), source_parameter(http.query_params)))


@reading("/{index}/_mget", "POST", hidden=("/_mget",))
def show_documents(
    http: Request, catalogue: CatalogueDep, body: BodyDep, index: str = INDEX
) -> Response:
    """Return many documents by their ids."""
    ids = body.get("ids") or []
    listed = body.get("docs") or ([{"_id": each} for each in ids] if isinstance(ids, list) else ids)
    if not isinstance(listed, list) or not all(isinstance(e, dict) and "_id" in e for e in listed):
        raise not_understood("[_mget] needs ids, or docs with an _id each")
    if len(listed) > _MOST_DOCUMENTS:
        raise not_possible(f"[_mget] gives up to {_MOST_DOCUMENTS} documents, not {len(listed)}")
    wanted = OneOf(tuple(str(each["_id"]) for each in listed))
    search = TextIs(TextField.UID, wanted)
    hits = catalogue.queries.searches.page(search, NEWEST_FIRST, _MOST_DOCUMENTS)
    by_id = {str(hit.work.uid): hit.work for hit in hits}
    default = source_parameter(http.query_params)
    docs = [
        _document(each, by_id.get(_canonical(str(each["_id"]))), index, default) for each in listed
    ]
    return reply(http, {"docs": docs})


@reading("/{index}/_search", "POST", hidden=("/_search",))
def search(http: Request, catalogue: CatalogueDep, body: BodyDep, index: str = INDEX) -> Response:
    """Search jobs."""
    check_index(index)
    return reply(http, _searched(catalogue, body, dict(http.query_params), index))


@reading("/{index}/_count", "POST", hidden=("/_count",))
def count(http: Request, catalogue: CatalogueDep, body: BodyDep, index: str = INDEX) -> Response:
    """Count jobs."""
    check_index(index)
    unknown = body.keys() - {"query"}
    if unknown:
        raise not_understood(f"request does not support [{min(unknown)}]")
    wanted = read_request(body, dict(http.query_params))
    number = catalogue.queries.searches.count(wanted.search) if is_meant(index) else 0
    return reply(http, {"count": number, "_shards": SHARDS})


@reading("/{index}/_msearch", "POST", hidden=("/_msearch",))
def search_many(
    http: Request, catalogue: CatalogueDep, text: TextDep, index: str = INDEX
) -> Response:
    """Run many searches; each has its own answer, also if that is an error."""
    lines = lines_of(text)
    if len(lines) % 2 or not all(isinstance(each, dict) for each in lines):
        raise not_understood("[_msearch] needs a header and a body for each search, one a line")
    parameters = dict(http.query_params)
    answers = [
        _one_of_many(catalogue, header, body, parameters, index)
        for header, body in zip(lines[::2], lines[1::2], strict=True)
    ]
    return reply(http, {"took": 0, "responses": answers})


@reading("/_search/scroll", "POST", hidden=("/_search/scroll/{scroll}",))
def scroll_on(
    http: Request, catalogue: CatalogueDep, body: BodyDep, scroll: str | None = None
) -> Response:
    """Return the next jobs of a scroll."""
    given = body.get("scroll_id", scroll or http.query_params.get("scroll_id"))
    if not isinstance(given, str):
        raise not_possible("scroll_id is missing")
    first, parameters, wanted = read_scroll(given)
    found, hits = answer(catalogue.queries.searches, wanted)
    last = hits[-1] if hits else None
    found["_scroll_id"] = scroll_id(first, parameters, last)
    return reply(http, found)


@router.delete("/_search/scroll")
@router.delete("/_search/scroll/{scroll}", include_in_schema=False)
def end_scroll(http: Request, scroll: str | None = None) -> Response:  # noqa: ARG001 - nothing is kept
    """End a scroll; nothing is kept for one, so there is nothing to free."""
    return reply(http, {"succeeded": True, "num_freed": 0})


def _searched(
    catalogue: Catalogue, body: Mapping[str, Any], parameters: dict[str, str], index: str
) -> dict[str, Any]:
    wanted = read_request(body, parameters)
    if not is_meant(index):
        nothing: dict[str, Any] = {
            "total": {"value": 0, "relation": "eq"},
            "max_score": None,
            "hits": [],
        }
        return {"took": 0, "timed_out": False, "_shards": {**SHARDS, "total": 0}, "hits": nothing}
    found, hits = answer(catalogue.queries.searches, wanted)
    if "scroll" in parameters:
        found["_scroll_id"] = scroll_id(body, parameters, hits[-1] if hits else None)
    return found


def _one_of_many(
    catalogue: Catalogue,
    header: Mapping[str, Any],
    body: Mapping[str, Any],
    parameters: dict[str, str],
    index: str,
) -> dict[str, Any]:
    named = header.get("index", index)
    names = ",".join(named) if isinstance(named, list) else str(named)
    try:
        check_index(names)
        return {**_searched(catalogue, body, parameters, names), "status": HTTPStatus.OK.value}
    except SearchError as error:
        return error.body()


def _document(
    wanted: Mapping[str, Any], work: Work | None, index: str, default: object
) -> dict[str, Any]:
    named = str(wanted.get("_index", index))
    if work is None or not is_meant(named):
        return {"_index": named, "_type": "_doc", "_id": wanted["_id"], "found": False}
    found = envelope(work, wanted.get("_source", default))
    return {**found, **_PLACE, "found": True}


def _find(catalogue: Catalogue, job_id: str) -> Work | None:
    try:
        work = catalogue.queries.work.one(uid_of(job_id))
    except NotFoundError:
        return None
    return None if work.standing.state is JobState.ARCHIVED else work


def _canonical(job_id: str) -> str:
    try:
        return str(uid_of(job_id))
    except CatalogueError:
        return job_id
