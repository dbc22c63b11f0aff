"""Methods that an address does not have, and OPTIONS, which asks for those that it has.

Source: RFC 9110, sections 9.3.7 and 15.5.6; Django REST framework, which answered OPTIONS of the
original of the Scale dialect with a name, a description and media types.
"""

from http import HTTPStatus
from typing import Final

from fastapi import FastAPI, Request
from fastapi.routing import APIRoute
from starlette.responses import JSONResponse, Response
from starlette.routing import Match

from plugins.rest.errors import detail_response
from plugins.rest.forms import FORM, JSON

ALLOW: Final = "Allow"


def init_methods(app: FastAPI) -> None:
    """Answer OPTIONS of every address, and 405 with all methods that the address has."""
    app.add_exception_handler(HTTPStatus.METHOD_NOT_ALLOWED.value, _other_method)


def _other_method(request: Request, error: Exception) -> Response:
    routes = routes_of(request)
    headers = {ALLOW: allowed_by(routes)}
    if request.method != "OPTIONS" or not routes:
        refused = detail_response(request, error)
        refused.headers.update(headers)
        return refused
    answer = {
        "name": routes[0].summary or routes[0].name.replace("_", " ").capitalize(),
        "description": routes[0].description,
        "renders": [JSON],
        "parses": [JSON, FORM],
    }
    return JSONResponse(answer, headers=headers)


def routes_of(request: Request) -> list[APIRoute]:
    """Return the routes of an address; one that is written out is no id of another."""
    routes = [
        route
        for route in request.app.routes
        if isinstance(route, APIRoute) and route.matches(request.scope)[0] is not Match.NONE
    ]
    written_out = [route for route in routes if not route.param_convertors]
    return written_out or routes


def allowed_by(routes: list[APIRoute]) -> str:
    """Return the methods of the routes of an address, with those that all have, as `ALLOW` has."""
    found = set().union(*(route.methods for route in routes), {"OPTIONS"})
    return ", ".join(sorted(found | {"HEAD"} if "GET" in found else found))
