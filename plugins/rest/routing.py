"""Routes of the dialects: with and without the last slash, checked bodies, bare errors."""

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.params import Body, Form
from fastapi.routing import APIRoute
from starlette.responses import JSONResponse
from starlette.routing import Match
from starlette.types import Scope

from plugins.rest.bodies import CheckedRequest, JsonRequest
from plugins.rest.errors import CALLER_ERRORS, answer_to, missing_fields

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


_IS_HEAD: Final = "airscale.head"


class CheckedRoute(APIRoute):
    """A route that is given only JSON that the database can hold, and answers HEAD as GET."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return whether the route is meant; where it answers GET, also by HEAD."""
        methods = self.methods or set()
        if scope["method"] != "HEAD" or "GET" not in methods:
            return super().matches(scope)
        match, child = super().matches({**scope, "method": "GET"})
        return match, {**child, "method": "GET", _IS_HEAD: True}

    def get_route_handler(self) -> Handler:
        """Return the handler, with JSON checked before it is read."""
        handle = super().get_route_handler()
        body = None if self.body_field is None else self.body_field.field_info
        kind = (
            JsonRequest if isinstance(body, Body) and not isinstance(body, Form) else CheckedRequest
        )

        async def with_checked_json(request: Request) -> Response:
            is_head = request.scope.get(_IS_HEAD, False)
            try:
                response = await handle(kind(request.scope, request.receive))
            finally:
                if is_head:  # the server looks there for what it may send
                    request.scope["method"] = "HEAD"
            if not is_head:
                return response
            return Response(status_code=response.status_code, headers=dict(response.headers))

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
