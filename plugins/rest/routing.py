"""Routes of the dialects: with and without the last slash, checked bodies, bare errors."""

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.responses import JSONResponse

from plugins.rest.bodies import CheckedRequest
from plugins.rest.errors import CALLER_ERRORS, answer_to, missing_fields

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class CheckedRoute(APIRoute):
    """A route that is given only JSON that the database can hold."""

    def get_route_handler(self) -> Handler:
        """Return the handler, with JSON checked before it is read."""
        handle = super().get_route_handler()

        async def with_checked_json(request: Request) -> Response:
            return await handle(CheckedRequest(request.scope, request.receive))

        return with_checked_json


class SlashRouter(APIRouter):
    """Answers a path that ends in a slash also without it: a redirect would lose a POST's body.

    Parameters
    ----------
    options
        As of the parent; routes are `CheckedRoute` unless another class is given.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"route_class": CheckedRoute, **options})

    def add_api_route(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        """Add a route; the path without its slash works too and is left out of the documentation.

        Parameters
        ----------
        path
            As the seed writes it, with the slash.
        """
        super().add_api_route(path, endpoint, **options)
        if path.endswith("/"):
            hidden = {**options, "include_in_schema": False}
            super().add_api_route(path.removesuffix("/"), endpoint, **hidden)


class BareErrorRoute(CheckedRoute):
    """A route whose errors are bare JSON strings (contract section 3, Envelope)."""

    def get_route_handler(self) -> Handler:
        """Return the handler, with its errors answered as strings."""
        handle = super().get_route_handler()

        async def with_bare_errors(request: Request) -> Response:
            try:
                return await handle(request)
            except CALLER_ERRORS as error:
                return _bare(error)
            except HTTPException as error:
                if error.status_code != HTTPStatus.BAD_REQUEST:
                    raise
                return _bare(error)

        return with_bare_errors


def _bare(error: Exception) -> Response:
    answer = answer_to(error)
    sentence = answer.sentence
    if isinstance(error, RequestValidationError):
        missing = missing_fields(error)
        if missing:
            sentence = f"Missing required fields: {', '.join(missing)}"
    return JSONResponse(sentence, answer.status, dict(answer.headers))
