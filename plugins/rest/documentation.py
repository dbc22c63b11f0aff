"""The documentation of an app, with nothing from another host.

Swagger UI's files are those that Flask-AppBuilder ships; it is a requirement of the project.
"""

from collections.abc import Mapping
from copy import deepcopy
from importlib.resources import files
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin

from fastapi import FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response

from plugins.rest.routing import SlashRouter

_STATIC: Final = "static/appbuilder"
_ASSETS: Final[Mapping[str, tuple[str, str]]] = {
    "swagger-ui.css": ("css/swagger/swagger-ui.css", "text/css"),
    "swagger-ui-bundle.js": ("js/swagger-ui-bundle.js", "text/javascript"),
}


def init_documentation(app: FastAPI, page: str = "/docs/") -> None:
    """Add a page of documentation and ``/openapi.json`` to an app that was made without them.

    Parameters
    ----------
    page
        The path of the page; what it needs is below it.
    """
    router = SlashRouter(include_in_schema=False)

    @router.get("/openapi.json")
    def openapi(request: Request) -> Response:
        server = {"url": request.scope.get("root_path", "") or "/"}
        description = {**app.openapi(), "servers": [server]}
        return JSONResponse(_with_absolute_sign_in(description, request))

    @router.get(page)
    def documentation(request: Request) -> HTMLResponse:
        root = request.scope.get("root_path", "")
        return get_swagger_ui_html(
            openapi_url=f"{root}/openapi.json",
            title=app.title,
            swagger_js_url=f"{root}{page}swagger-ui-bundle.js",
            swagger_css_url=f"{root}{page}swagger-ui.css",
            swagger_favicon_url="data:,",
        )

    @router.get(f"{page}{{name}}")
    def asset(name: str) -> Response:
        if name not in _ASSETS:
            raise HTTPException(404, f"The documentation has no file {name!r}.")
        path, media_type = _ASSETS[name]
        return FileResponse(swagger_folder() / path, media_type=media_type)

    app.include_router(router)


def _with_absolute_sign_in(description: dict[str, Any], request: Request) -> dict[str, Any]:
    """Return a description in which the address of the sign-in is a URL, as OpenAPI asks for."""
    exact = deepcopy(description)
    for scheme in exact["components"].get("securitySchemes", {}).values():
        for flow in scheme.get("flows", {}).values():
            flow["tokenUrl"] = urljoin(str(request.base_url.replace(path="/")), flow["tokenUrl"])
    return exact


def swagger_folder() -> Path:
    """Return the folder in which Flask-AppBuilder keeps its static files."""
    return Path(str(files("flask_appbuilder").joinpath(_STATIC)))
