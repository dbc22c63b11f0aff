"""Templates to pages."""

from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from plugins.rest.gate import is_permitted
from plugins.views import text
from plugins.views.assets import asset_path
from plugins.views.navigation import NAVIGATION, current
from plugins.views.tones import tone

_TEMPLATES: Final = Path(__file__).parent / "templates"
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:;"
        " connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
    ),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


def render(request: Request, template: str, **values: object) -> str:
    """Return a page as text.

    Every template is given: ``here`` and ``server``, the paths of the pages and of the server;
    ``asset(name)``, the path of a static file; ``may(method)``, whether the user may do what a
    form does; ``address(**changes)``, the address of this page with other parameters.
    """
    here: str = request.scope.get("root_path", "")
    context: Mapping[str, Any] = {
        "here": here,
        "server": here.removesuffix("/airscale"),
        "navigation": NAVIGATION,
        "current": current(request.url.path.removeprefix(here)),
        "asset": lambda name: f"{here}{asset_path(name)}",
        "may": lambda method: is_permitted(request, method),
        "address": lambda **changes: address(request, **changes),
        **values,
    }
    return environment().get_template(template).render(context)


def page(
    request: Request, template: str, status: int = HTTPStatus.OK, **values: object
) -> HTMLResponse:
    """Return a page as an answer, with the headers that keep it to this server."""
    return HTMLResponse(render(request, template, **values), status, headers=_HEADERS)


def address(request: Request, **changes: object) -> str:
    """Return the address of a page with some of its parameters changed; None takes one away.

    The place in a list is left out, unless it is among the changes: other filters, other list.
    """
    url = request.url.remove_query_params(["before", "after"])
    gone = [name for name, value in changes.items() if value is None]
    url = url.remove_query_params(gone)
    url = url.include_query_params(**{k: v for k, v in changes.items() if v is not None})
    return f"{url.path}?{url.query}" if url.query else url.path


@cache
def environment() -> Environment:
    """Return what makes pages of templates."""
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        size=text.size_text,
        mib=text.mib_text,
        time=text.time_text,
        duration=text.duration_text,
        number=text.number_text,
        short=text.short_text,
        point=text.point_text,
        document=text.json_text,
        tone=tone,
        jobs_linked=text.jobs_linked,
    )
    return made
