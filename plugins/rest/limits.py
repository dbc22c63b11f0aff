"""How large a request may be, so that nobody fills the memory or disk of the API server."""

import os
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from fastapi import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LIMIT_VARIABLE: Final = "AIRSCALE_MAX_BODY_BYTES"
DEFAULT_LIMIT: Final = 16 * 1024 * 1024


def body_limit(environment: Mapping[str, str] = os.environ) -> int:
    """Return how many bytes the body of a request may have.

    Raises
    ------
    ValueError
        Raised if the setting is not a whole number from 1.
    """
    text = environment.get(LIMIT_VARIABLE, "").strip()
    if not text:
        return DEFAULT_LIMIT
    if not text.isdecimal() or int(text) < 1:
        message = f"{LIMIT_VARIABLE} is {text!r}. Set it to a whole number of bytes, from 1."
        raise ValueError(message)
    return int(text)


class BodyLimit:
    """ASGI middleware: a body that is larger than the limit is answered with 413.

    The length that is announced is believed when it is too large, and counted when it is not
    given; a body is never read further than the limit.

    Parameters
    ----------
    app
        What is protected.
    limit
        Bytes.
    """

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or refuse it before or while its body is read."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if _announced(scope) > self._limit:
            answer = JSONResponse({"detail": self._sentence}, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            await answer(scope, receive, send)
            return
        await self._app(scope, self._counting(receive), send)

    def _counting(self, receive: Receive) -> Receive:
        count = 0

        async def counted() -> Message:
            nonlocal count
            message = await receive()
            count += len(message.get("body", b""))
            if count > self._limit:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, self._sentence)
            return message

        return counted

    @property
    def _sentence(self) -> str:
        return (
            f"The body is larger than {self._limit} bytes. Send less at once, or have an"
            f" administrator raise {LIMIT_VARIABLE}."
        )


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0
