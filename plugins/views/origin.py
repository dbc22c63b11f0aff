"""Forms are taken from our own pages only.

The cookie that lets a person in is sent by the browser whoever made the form, so that another site
could act in the person's name. Browsers say where a request comes from (Fetch Metadata, or the
older ``Origin``); what says neither must carry a token instead of the cookie.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from fastapi import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from plugins.rest.gate import FROM_ELSEWHERE

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class SameOrigin:
    """ASGI middleware: refuses with 403 what another site may have made a browser send."""

    def __init__(
        self, app: ASGIApp, refusal: Callable[[Request, HTTPStatus, str], Response]
    ) -> None:
        self._app = app
        self._refusal = refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or refuse it."""
        if scope["type"] == "http":
            request = Request(scope)
            if request.method not in _SAFE and not is_own(request):
                answer = self._refusal(request, HTTPStatus.FORBIDDEN, FROM_ELSEWHERE)
                await answer(scope, receive, send)
                return
        await self._app(scope, receive, send)


def is_own(request: Request) -> bool:
    """Say whether a request comes from a page of this server, or carries a token of its own."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    if origin is not None:
        return origin.partition("://")[2] == request.headers.get("host")
    return "authorization" in request.headers
