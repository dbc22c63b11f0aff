"""The dialect of OpenPAI's REST server."""

from typing import Final

from fastapi import FastAPI, Request
from starlette.responses import HTMLResponse

from plugins.rest import permissions
from plugins.rest.dialect import Dialect, last_part
from plugins.rest.errors import HANDLED_ERRORS
from plugins.rest.gate import asked_by_method
from plugins.rest.pai import clusters, jobs, users
from plugins.rest.pai.wire import PaiError, pai_error, refusal

_CHANGED_BY_OWNERS: Final = frozenset({"user"})


def register(app: FastAPI) -> None:
    """Add the operations of the seed, and those of the real server besides."""
    app.include_router(users.router)
    app.include_router(clusters.router)
    app.include_router(jobs.router)
    app.add_api_route("/", banner, include_in_schema=False)
    for kind in (PaiError, *HANDLED_ERRORS):
        app.add_exception_handler(kind, pai_error)


def banner() -> HTMLResponse:
    """Say what this is, as the REST server does."""
    return HTMLResponse("<pre>PAI RESTful API</pre>")


def admits(request: Request) -> bool:
    """Let everybody sign in."""
    return request.method == "POST" and last_part(request) == "token"


def asked_for(request: Request) -> str:
    """Return the method whose permission an operation asks for.

    Submitting is creating, whatever the verb. Everybody who may read may change their own
    password; for all else that is done to users the operation asks for an administrator.
    """
    last = last_part(request)
    if last in _CHANGED_BY_OWNERS and request.method in ("PUT", "DELETE"):
        return "GET"
    if request.method == "PUT" and last != "executionType":
        return "POST"
    return asked_by_method(request)


PAI: Final = Dialect(
    name="OpenPAI",
    title="Airscale: OpenPAI",
    prefixes=("/pai/api/v1", "/pai/rest-server/api/v1"),
    resource=permissions.PAI,
    register=register,
    refusal=refusal,
    asked_for=asked_for,
    admits=admits,
)
