"""What the servers that the dialects are of do without being told: HEAD, and a slash too many."""

from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from plugins.rest.bodies import UNSTORABLE

_UNKNOWN: Final = "\ufffd"  # a character that stands in no name, as bytes are read that are no text


class Lenient:
    """ASGI middleware: a path with a slash at its end is the one without it, and HEAD is GET.

    The server sends no body to HEAD, whatever the app makes.

    Parameters
    ----------
    app
        What answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through as the one that is meant."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = UNSTORABLE.sub(_UNKNOWN, scope["path"].rstrip("/"))
        is_root = path == scope.get("root_path", "").rstrip("/")
        meant = {
            "path": scope["path"] if is_root else path,
            "method": "GET" if scope["method"] == "HEAD" else scope["method"],
        }
        await self._app({**scope, **meant}, receive, send)
