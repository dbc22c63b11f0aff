"""The app of the pages."""

from http import HTTPStatus
from typing import Final

from fastapi import FastAPI, Request
from starlette.responses import Response

from plugins.rest import permissions
from plugins.rest.errors import HANDLED_ERRORS, answer_for
from plugins.rest.gate import Gate
from plugins.rest.runtime import Runtime, lifespan_of
from plugins.views import (
    airflow_places,
    edit_job_type,
    errors,
    file_page,
    files,
    ingest,
    ingest_files,
    ingest_hours,
    job_load,
    job_page,
    job_types,
    jobs,
    metrics,
    nodes,
    overview,
    queue_recipe,
    recipe_types,
    recipes,
    start,
    workspace_files,
    workspace_form,
    workspaces,
)
from plugins.views.assets import FOLDER, Assets
from plugins.views.origin import SameOrigin
from plugins.views.rendering import page

_MODULES: Final = (
    start, overview, jobs, job_page, recipes, recipe_types, queue_recipe, job_types, edit_job_type,
    errors, files, file_page, workspace_form, workspaces, workspace_files, nodes, airflow_places,
    ingest, ingest_files, ingest_hours, job_load, metrics,
)  # fmt: skip


def create_pages_app(runtime: Runtime) -> FastAPI:
    """Return the app, to be mounted under ``/airscale``.

    Parameters
    ----------
    runtime
        Shared with the other apps of the process.
    """
    app = FastAPI(
        lifespan=lifespan_of(runtime),
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.add_middleware(SameOrigin, refusal=refusal_page)
    app.add_middleware(
        Gate, resource=permissions.PAGES, changes=permissions.SCALE, refusal=refusal_page
    )
    for kind in HANDLED_ERRORS:
        app.add_exception_handler(kind, error_page)
    for module in _MODULES:
        app.include_router(module.router)
    app.mount("/static", Assets(directory=FOLDER), name="static")
    return app


def refusal_page(request: Request, status: HTTPStatus, sentence: str) -> Response:
    """Return a refusal as a page that says how to go on."""
    title = "Not signed in" if status is HTTPStatus.UNAUTHORIZED else "Not permitted"
    return page(request, "refusal.html", status, title=title, sentence=sentence)


def error_page(request: Request, error: Exception) -> Response:
    """Return an error as a page."""
    answer = answer_for(request, error)
    title = HTTPStatus(answer.status).phrase
    found = page(request, "error.html", answer.status, title=title, sentence=answer.sentence)
    found.headers.update(answer.headers)
    return found
