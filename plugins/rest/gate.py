"""Who may come in: authentication and authorisation, before anything of a request is looked at.

Airflow protects nothing that a plugin mounts. A middleware protects everything an app has and
will have: routes, static files, unknown paths. It comes before the body is read, so that nobody
who is not known gets an answer about a body.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.core_api.security import bearer_scheme, get_user
from cachetools import TTLCache
from fastapi import HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from plugins.rest.permissions import SCALE
from plugins.rest.sign_in import Passwords, has_password

_ASKED_FOR: Final = {"HEAD": "GET", "OPTIONS": "GET", "PATCH": "PUT"}
_EVERYWHERE: Final = frozenset({"GET", "POST", "PUT"})
_ACTIONS: Final = {
    "GET": "can_read", "POST": "can_create", "PUT": "can_edit", "DELETE": "can_delete"
}  # fmt: skip
_POLICY_VIOLATION: Final = 1008  # RFC 6455, 7.4.1
FROM_ELSEWHERE: Final = (
    "This did not come from a page of Airscale, so nothing was done. Open the page anew and try"
    " again; programs use the REST API, with a token of POST /auth/token."
)

_MOST: Final = 1024
ADMITTED_SECONDS: Final = 1.0
"""How long a token is believed that was checked: Airflow asks its database for every request."""

Refusal = Callable[[Request, HTTPStatus, str], Response]
AskedFor = Callable[[Request], str]
Admits = Callable[[Request], bool]


def json_refusal(_request: Request, status: HTTPStatus, sentence: str) -> Response:
    """Return a refusal as ``{"detail": sentence}``."""
    return JSONResponse({"detail": sentence}, status)


def asked_by_method(request: Request) -> str:
    """Return the method whose permission a request asks for: its own, or one that does as much.

    A method that no operation of the app has does nothing: who may read is told so.
    """
    asked = _ASKED_FOR.get(request.method, request.method)
    return asked if asked in _EVERYWHERE or _has_method(request) else "GET"


def _has_method(request: Request) -> bool:
    """Say whether the app does anything by a method; what says no methods may do so by any."""
    every = (getattr(route, "methods", None) for route in request.app.routes)
    return any(methods is None or request.method in methods for methods in every)


def admits_nobody(_request: Request) -> bool:
    """Say that no request comes in without a user."""
    return False


class Gate:
    """ASGI middleware: a user known to Airflow, with the permission for the method, or 401 or 403.

    The user comes as bearer token of ``POST /auth/token``, or as the cookie of Airflow's UI; where
    it is said so, also with a password.

    Parameters
    ----------
    app
        What is protected.
    resource
        Name of the resource in Flask-AppBuilder's permissions.
    changes
        The resource whose permission to edit is asked for where an app is only read by GET and
        changed by forms, which know no other method than POST; None for the resource itself.
    refusal
        Makes the answer to somebody who may not come in.
    asked_for
        Says which permission a request asks for, by the name of a method: some dialects change
        things with GET.
    admits
        Says which requests come in without a user: those that bring a token of another kind, which
        their operations check.
    takes_passwords
        Whether a user may come with a password (HTTP Basic). Nobody is asked for it, so that no
        browser keeps it and sends it for pages of others.
    """

    def __init__(  # noqa: PLR0917 - Starlette gives them by name
        self,
        app: ASGIApp,
        resource: str,
        changes: str | None = None,
        refusal: Refusal = json_refusal,
        asked_for: AskedFor = asked_by_method,
        admits: Admits = admits_nobody,
        *,
        takes_passwords: bool = False,
    ) -> None:
        self._app = app
        self._resource = resource
        self._changes = changes
        self._refusal = refusal
        self._asked_for = asked_for
        self._admits = admits
        self._passwords = Passwords() if takes_passwords else None
        self._admitted: TTLCache[tuple[str, str], Any] = TTLCache(_MOST, ADMITTED_SECONDS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or refuse it."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        refusal = None if self._admits(request) else await self._refuse_or_admit(request)
        await (refusal or self._app)(scope, receive, send)

    async def _refuse_or_admit(self, request: Request) -> Response | None:
        """Return the answer to somebody who may not come in; note who may."""
        asked = self._asked_for(request)
        credentials = await self._credentials(request)
        if asked != "GET" and credentials is None and is_from_elsewhere(request):
            return self._refusal(request, HTTPStatus.FORBIDDEN, FROM_ELSEWHERE)
        token = "" if credentials is None else credentials.credentials
        user: Any = self._admitted.get((token, asked))
        if user is None:
            try:
                user = await get_user(request, None, credentials)
            except HTTPException as refused:
                sentence = (
                    f"{refused.detail}. Sign in to Airflow, or send a token of POST /auth/token."
                )
                answer = self._refusal(request, HTTPStatus.UNAUTHORIZED, sentence)
                answer.headers["WWW-Authenticate"] = "Bearer"
                return answer
            missing = await run_in_threadpool(self._missing_permission, asked, user)
            if missing is not None:
                return self._refusal(request, HTTPStatus.FORBIDDEN, missing)
            if token:
                self._admitted[token, asked] = user
        request.state.airflow_user = user
        return None

    async def _credentials(self, request: Request) -> HTTPAuthorizationCredentials | None:
        """Return the token of a request: its own, or that for its user and password."""
        authorization = request.headers.get("authorization", "")
        if self._passwords is None or not has_password(authorization):
            found: HTTPAuthorizationCredentials | None = await bearer_scheme(request)
            return found
        token = await self._passwords.token(authorization)
        if token is None:
            return None
        return HTTPAuthorizationCredentials(scheme="Bearer", credentials=token)

    def _missing_permission(self, asked: str, user: Any) -> str | None:
        if self._changes is None or asked == "GET":
            return missing_permission(asked, self._resource, user)
        return missing_permission("GET", self._resource, user) or missing_permission(
            "PUT", self._changes, user
        )


def is_from_elsewhere(request: Request) -> bool:
    """Say whether a browser sends a request for a page of another site (Fetch Metadata).

    It may send the cookie of a person with it, also with a GET, by which some dialects change
    things.
    """
    return request.headers.get("sec-fetch-site") == "cross-site"


def missing_permission(method: str, resource: str, user: Any) -> str | None:
    """Say what a user lacks for a method; None for nothing. May read Airflow's database.

    Parameters
    ----------
    method
        GET, POST, PUT or DELETE.
    resource
        Name of the resource in Flask-AppBuilder's permissions.
    user
        As Airflow knows it.
    """
    if get_auth_manager().is_authorized_custom_view(
        method=method, resource_name=resource, user=user
    ):
        return None
    return (
        f"User {user.get_name()!r} lacks the permission {_ACTIONS.get(method, method)!r} on"
        f" {resource!r}. Ask an administrator to grant it to one of your roles."
    )


def is_permitted(request: Request, method: str) -> bool:
    """Say whether the user of a request that was let in may use a method of the Scale API."""
    user = getattr(request.state, "airflow_user", None)
    return user is not None and missing_permission(method, SCALE, user) is None


def user_name(request: Request) -> str:
    """Return the name of the user that was let in."""
    return str(request.state.airflow_user.get_name())
