"""Errors of the jobs database in Elasticsearch's shape, and what its clients look for."""

from http import HTTPStatus
from typing import Any, Final

from fastapi import Request
from starlette.responses import JSONResponse, Response

from plugins.rest.errors import answer_for

PRODUCT: Final = {"X-Elastic-Product": "Elasticsearch"}
_TYPES: Final = {
    HTTPStatus.BAD_REQUEST: "illegal_argument_exception",
    HTTPStatus.UNAUTHORIZED: "security_exception",
    HTTPStatus.FORBIDDEN: "security_exception",
    HTTPStatus.NOT_FOUND: "resource_not_found_exception",
    HTTPStatus.CONFLICT: "version_conflict_engine_exception",
}


class SearchError(Exception):
    """A request that Elasticsearch would refuse, or that is not supported here.

    Parameters
    ----------
    kind
        What Elasticsearch calls such an error, as ``parsing_exception``.
    reason
        A sentence.
    """

    def __init__(
        self, kind: str, reason: str, status: int = HTTPStatus.BAD_REQUEST, **more: Any
    ) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason
        self.status = int(status)
        self.more = more

    def body(self) -> dict[str, Any]:
        """Return the error as Elasticsearch writes it."""
        cause = {"type": self.kind, "reason": self.reason, **self.more}
        return {"error": {"root_cause": [cause], **cause}, "status": self.status}


def not_understood(reason: str) -> SearchError:
    """Return the error of a query that cannot be read, or is not supported."""
    return SearchError("parsing_exception", reason)


def not_possible(reason: str) -> SearchError:
    """Return the error of a value that is not possible."""
    return SearchError("illegal_argument_exception", reason)


def search_error(request: Request, error: Exception) -> Response:
    """Answer any error in Elasticsearch's shape."""
    if isinstance(error, SearchError):
        return JSONResponse(error.body(), error.status, PRODUCT)
    answer = answer_for(request, error)
    kind = _TYPES.get(HTTPStatus(answer.status), "exception")
    body = SearchError(kind, answer.sentence, answer.status).body()
    return JSONResponse(body, answer.status, {**answer.headers, **PRODUCT})


def search_refusal(_request: Request, status: HTTPStatus, sentence: str) -> Response:
    """Refuse somebody in Elasticsearch's shape."""
    body = SearchError("security_exception", sentence, status).body()
    return JSONResponse(body, status, PRODUCT)
