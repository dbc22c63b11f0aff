"""The dialects of Mozart and of GRQ's look-ups."""

from typing import Final

from fastapi import FastAPI, Request

from plugins.rest import permissions
from plugins.rest.dialect import Dialect, last_part
from plugins.rest.errors import HANDLED_ERRORS
from plugins.rest.gate import asked_by_method
from plugins.rest.mozart import grq, jobs, specs, tags
from plugins.rest.mozart.wire import error_envelope, refusal_envelope

# Mozart changes things with GET; the permission is that of what is done.
_DONE: Final = {
    "add": "POST",
    "submit": "POST",
    "stop": "PUT",
    "user_tag_add": "PUT",
    "user_tag_remove": "PUT",
    "user-tags": "PUT",
    "remove": "DELETE",
    "purge": "DELETE",
}


def asked_for(request: Request) -> str:
    """Return the method whose permission an operation asks for, whatever verb it came with."""
    asked = asked_by_method(request)
    return _DONE.get(last_part(request), "GET" if asked == "POST" else asked)


def register(app: FastAPI) -> None:
    """Add the operations of Mozart."""
    app.include_router(specs.router, tags=["specifications"])
    app.include_router(jobs.router, tags=["jobs"])
    app.include_router(tags.router, tags=["jobs"])
    app.include_router(grq.on_demand, tags=["look-ups"])
    _add_errors(app)


def register_grq(app: FastAPI) -> None:
    """Add the look-ups of GRQ."""
    app.include_router(grq.router, tags=["look-ups"])
    _add_errors(app)


def _add_errors(app: FastAPI) -> None:
    for kind in HANDLED_ERRORS:
        app.add_exception_handler(kind, error_envelope)


MOZART: Final = Dialect(
    name="Mozart",
    title="Airscale: Mozart",
    prefixes=("/mozart/api/v0.1", "/mozart/api/v0.2"),
    resource=permissions.MOZART,
    register=register,
    refusal=refusal_envelope,
    asked_for=asked_for,
    documentation="/doc/",
)
GRQ: Final = Dialect(
    name="GRQ",
    title="Airscale: the look-ups of GRQ",
    prefixes=("/grq/api/v0.1",),
    resource=permissions.MOZART,
    register=register_grq,
    refusal=refusal_envelope,
    asked_for=asked_for,
    documentation="/doc/",
)
