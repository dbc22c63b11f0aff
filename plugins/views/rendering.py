"""Templates to pages, and how values are written for people."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from shapely import from_wkt
from starlette.responses import HTMLResponse

_TEMPLATES: Final = Path(__file__).parent / "templates"
_KIB: Final = 1024.0
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self';"
        " base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
    ),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


def render(request: Request, template: str, **values: object) -> str:
    """Return a page. ``here`` and ``server`` are the paths of the pages and of the server."""
    here: str = request.scope.get("root_path", "")
    context: Mapping[str, Any] = {
        "here": here,
        "server": here.removesuffix("/airscale"),
        **values,
    }
    return _environment().get_template(template).render(context)


def page(
    request: Request, template: str, status: int = HTTPStatus.OK, **values: object
) -> HTMLResponse:
    """Return a page as an answer, with the headers that keep it to this server."""
    return HTMLResponse(render(request, template, **values), status, headers=_HEADERS)


def size_text(size: int) -> str:
    """Return a size in bytes as a person reads it."""
    amount = float(size)
    if amount < _KIB:
        return f"{size} B"
    for unit in ("KiB", "MiB", "GiB"):
        amount /= _KIB
        if amount < _KIB:
            return f"{amount:.1f} {unit}"
    return f"{amount / _KIB:.1f} TiB"


def time_text(time: datetime) -> str:
    """Return a time in UTC, to the second."""
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def point_text(wkt: str | None) -> str:
    """Return a WKT point as degrees north and east; a dash for none."""
    if wkt is None:
        return "\N{EN DASH}"
    east, north = from_wkt(wkt).bounds[:2]
    latitude = f"{abs(north):.3f}° {'N' if north >= 0 else 'S'}"
    return f"{latitude}, {abs(east):.3f}° {'E' if east >= 0 else 'W'}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(size=size_text, time=time_text, point=point_text)
    return environment
