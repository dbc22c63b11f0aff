"""Which methods an address answers: said to OPTIONS, and when another one was sent (RFC 9110)."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ALLOW: Final = "Allow"
_OPTIONS: Final = "OPTIONS"


class Methods:
    """ASGI middleware: OPTIONS is answered with 204, and ``Allow`` names every method there is.

    Parameters
    ----------
    app
        What answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer OPTIONS where there is something; let all else through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        methods = sorted(_methods(scope)) if scope["method"] == _OPTIONS else []
        if methods:
            answer = Response(status_code=HTTPStatus.NO_CONTENT, headers={_ALLOW: _named(methods)})
            await answer(scope, receive, send)
            return

        async def send_with_methods(message: Message) -> None:
            if message.get("status") == HTTPStatus.METHOD_NOT_ALLOWED:
                MutableHeaders(scope=message)[_ALLOW] = _named(sorted(_methods(scope)))
            await send(message)

        await self._app(scope, receive, send_with_methods)


def _named(methods: list[str]) -> str:
    return ", ".join([*methods, *(["HEAD"] if "GET" in methods else []), _OPTIONS])


def _methods(scope: Scope) -> set[str]:
    """Return the methods that the routes of an app have for a path."""
    return {
        method
        for route in _routes(scope)
        if route.matches(scope)[0] is not Match.NONE
        for method in route.methods or ()
    }


def _routes(scope: Scope) -> Iterator[Route]:
    return (each for each in scope["app"].routes if isinstance(each, Route))
