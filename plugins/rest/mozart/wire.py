"""The envelope of Mozart, its errors, and operations under several paths and verbs."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from plugins.rest.errors import answer_for
from plugins.rest.merged import documented

_VERBS: Final = ("GET", "POST")


def envelope(result: Any = None, message: str = "", **more: Any) -> dict[str, Any]:
    """Return the answer of an operation that has done what it was asked for."""
    return {"success": True, "message": message, "result": result, **more}


def error_envelope(request: Request, error: Exception) -> Response:
    """Return an error in the envelope; an address that is none has a shape of its own."""
    answer = answer_for(request, error)
    headers = dict(answer.headers)
    if isinstance(error, HTTPException) and error.status_code == HTTPStatus.NOT_FOUND:
        body: dict[str, Any] = {"status_code": answer.status, "message": answer.sentence}
        return JSONResponse(body, answer.status, headers)
    body = {"success": False, "message": answer.sentence, "result": None}
    if request.url.path.endswith("/job/status"):
        body["status"] = None
    return JSONResponse(body, answer.status, headers)


def refusal_envelope(_request: Request, status: HTTPStatus, sentence: str) -> Response:
    """Return a refusal in the envelope."""
    return JSONResponse({"success": False, "message": sentence, "result": None}, status)


def operation(
    router: APIRouter,
    *paths: str,
    parameters: Mapping[str, str] | None = None,
    required: tuple[str, ...] = (),
    verb: str = "GET",
    verbs: tuple[str, ...] = _VERBS,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that adds an operation to a router, with GET and POST if nothing is said.

    Parameters
    ----------
    paths
        The first is the seed's and the one that is documented; the others are other spellings.
    parameters
        Name to description.
    verb
        The verb that is documented.
    verbs
        All that it answers.
    """

    def add(endpoint: Callable[..., Any]) -> Callable[..., Any]:
        for path in paths:
            for each in verbs:
                is_shown = path == paths[0] and each == verb
                router.add_api_route(
                    path,
                    endpoint,
                    methods=[each],
                    include_in_schema=is_shown,
                    openapi_extra=documented(parameters or {}, required) if is_shown else None,
                )
        return endpoint

    return add
