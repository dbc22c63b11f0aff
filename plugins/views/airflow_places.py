"""What Airflow shows beside its own: the recipe of a run, and the job of a task."""

import re
from typing import Final

from fastapi import Request
from starlette.responses import HTMLResponse, Response

from catalog.catalogue import Catalogue
from plugins.rest.dependencies import CatalogueDep
from plugins.rest.routing import SlashRouter
from plugins.views.forms import go_to
from plugins.views.rendering import page

router = SlashRouter()
_RUN: Final = re.compile(r"(?P<kind>recipe|job)-(?P<id>\d{1,18})(?:-\d+)?", re.ASCII)


@router.get("/airflow/run/", response_class=HTMLResponse)
def of_run(request: Request, run_id: str = "") -> Response:
    """Go to the recipe or job that a run is of."""
    match = _RUN.fullmatch(run_id)
    if match is None:
        return page(request, "not_ours.html")
    return go_to(request, f"/{match['kind']}s/{int(match['id'])}/")


@router.get("/airflow/task/", response_class=HTMLResponse)
def of_task(
    request: Request, catalogue: CatalogueDep, run_id: str = "", task_id: str = ""
) -> Response:
    """Go to the job that a task is of."""
    job_id = _job(catalogue, run_id, task_id)
    if job_id is None:
        return page(request, "not_ours.html")
    return go_to(request, f"/jobs/{job_id}/")


def _job(catalogue: Catalogue, run_id: str, task_id: str) -> int | None:
    match = _RUN.fullmatch(run_id)
    if match is None:
        return None
    if match["kind"] == "job":
        return int(match["id"])
    return catalogue.queries.runs.job_of_task(int(match["id"]), task_id)
