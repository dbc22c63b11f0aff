"""OPTIONS as the servers of the dialects answer it, and what to tell of another method."""

from http import HTTPStatus

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from plugins.rest.methods import ALLOW, allowed_by, routes_of


class Options:
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
        if scope["method"] == "OPTIONS":
            routes = routes_of(Request(scope))
            if routes:
                headers = {ALLOW: allowed_by(routes)}
                answer = Response(status_code=HTTPStatus.NO_CONTENT, headers=headers)
                await answer(scope, receive, send)
                return

        async def send_with_methods(message: Message) -> None:
            if message.get("status") == HTTPStatus.METHOD_NOT_ALLOWED:
                allowed = allowed_by(routes_of(Request(scope)))
                MutableHeaders(scope=message)[ALLOW] = allowed
            await send(message)

        await self._app(scope, receive, send_with_methods)
