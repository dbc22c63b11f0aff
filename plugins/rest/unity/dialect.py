"""The dialects of Unity's WPS-T and of its jobs database."""

from typing import Final

from fastapi import FastAPI, Request

from plugins.rest import permissions
from plugins.rest.dialect import Dialect
from plugins.rest.errors import HANDLED_ERRORS, init_detail_errors
from plugins.rest.gate import json_refusal
from plugins.rest.unity import cluster, database, processes, updates
from plugins.rest.unity.wire import SearchError, search_error, search_refusal


def register(app: FastAPI) -> None:
    """Add the operations of the WPS-T."""
    app.include_router(processes.router, tags=["processes"])
    init_detail_errors(app)


def register_database(app: FastAPI) -> None:
    """Add the operations of the jobs database."""
    app.include_router(database.router, tags=["jobs"])
    app.include_router(cluster.router, tags=["cluster"])
    app.include_router(updates.router, tags=["updates"])
    for kind in (*HANDLED_ERRORS, SearchError):
        app.add_exception_handler(kind, search_error)


def asked_of_database(_request: Request) -> str:
    """Return the permission to read: whoever has it is told of writing that it is refused."""
    return "GET"


ADES: Final = Dialect(
    name="Unity WPS-T",
    title="Airscale: the WPS-T of Unity",
    prefixes=("/ades",),
    resource=permissions.UNITY,
    register=register,
    refusal=json_refusal,
    documentation="/api/docs/",
)
JOBS_DATABASE: Final = Dialect(
    name="Unity jobs database",
    title="Airscale: the jobs database of Unity",
    prefixes=("/es",),
    resource=permissions.UNITY,
    register=register_database,
    refusal=search_refusal,
    asked_for=asked_of_database,
    admits=updates.is_from_a_step,
)
