"""Signing in with user and password: they are Flask-AppBuilder's, and what they give is a token."""

import base64
import binascii
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from airflow.api_fastapi.app import get_auth_manager
from airflow.providers.fab.auth_manager.api_fastapi.routes.login import (
    _get_flask_app,  # the one that signs people in; another way would make an app for each request
)
from cachetools import TTLCache
from starlette.concurrency import run_in_threadpool

SECONDS: Final = 60
"""How long user and password are believed that were checked: checking is meant to be slow."""

_MOST: Final = 1024
_SCHEME: Final = "basic "


@contextmanager
def security_manager() -> Iterator[Any]:
    """Give what keeps users, passwords and roles."""
    with _get_flask_app().app_context():
        auth: Any = get_auth_manager()
        yield auth.security_manager


def token_of(name: str, password: str, seconds: int) -> tuple[str, Any] | None:
    """Return a token of Airflow that lasts so many seconds, and its user; None if they do not fit.

    Parameters
    ----------
    name, password
        As Flask-AppBuilder has them; neither is empty.
    """
    with security_manager():
        auth: Any = get_auth_manager()
        user = auth.create_token(headers={}, body={"username": name, "password": password})
        if not user:
            return None
        return str(auth.generate_jwt(user=user, expiration_time_in_seconds=seconds)), user


class Passwords:
    """Takes user and password of a request for a token (RFC 7617), and remembers for a minute."""

    def __init__(self) -> None:
        self._tokens: TTLCache[bytes, str] = TTLCache(_MOST, SECONDS)

    async def token(self, authorization: str) -> str | None:
        """Return the token for a header ``Authorization``; None for one that is of no use."""
        key = hashlib.sha256(authorization.encode()).digest()  # no password stays in memory
        known = self._tokens.get(key)
        if known is not None:
            return known
        name, _, password = _decoded(authorization).partition(":")
        if not name or not password:
            return None
        # A token that was just taken from the memory still has to last for its request.
        found = await run_in_threadpool(token_of, name, password, 2 * SECONDS)
        if found is None:
            return None
        self._tokens[key] = found[0]
        return found[0]


def has_password(authorization: str) -> bool:
    """Say whether a header ``Authorization`` is one of user and password."""
    return authorization[: len(_SCHEME)].lower() == _SCHEME


def _decoded(authorization: str) -> str:
    try:
        return base64.b64decode(authorization[len(_SCHEME) :].strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
