"""Job types: the list, each with its interface and what its jobs did, and pausing it."""

from typing import Annotated

from fastapi import Form, Request
from starlette.responses import HTMLResponse, Response

from plugins.rest.dependencies import CatalogueDep
from plugins.rest.parameters import RowId, Truth
from plugins.rest.routing import SlashRouter
from plugins.views.forms import go_to
from plugins.views.lists import SliceDep
from plugins.views.rendering import page

router = SlashRouter()


@router.get("/job-types/", response_class=HTMLResponse)
def job_types(request: Request, catalogue: CatalogueDep, place: SliceDep) -> HTMLResponse:
    """List job types, with what their jobs did in the last 24 hours."""
    found = catalogue.queries.job_types.slice(place)
    counts = catalogue.queries.job_type_status.recent([each.id for each in found.rows])
    return page(request, "job_types.html", types=found, counts=counts)


@router.get("/job-types/{job_type_id}/", response_class=HTMLResponse)
def job_type(request: Request, catalogue: CatalogueDep, job_type_id: RowId) -> HTMLResponse:
    """Show a job type."""
    found = catalogue.queries.job_types.one(job_type_id)
    counts = [
        ("6 hours", "PT6H", found.job_counts_6h),
        ("12 hours", "PT12H", found.job_counts_12h),
        ("24 hours", "PT24H", found.job_counts_24h),
    ]
    errors = {each.name: each for each in found.errors}
    mapping = found.error_mapping.get("exit_codes", {})
    return page(
        request,
        "job_type.html",
        job_type=found,
        counts=counts,
        mapping=[(code, name, errors.get(name)) for code, name in sorted(mapping.items())],
        saved="saved" in request.query_params,
    )


@router.post("/job-types/{job_type_id}/pause/")
def pause(
    request: Request,
    catalogue: CatalogueDep,
    job_type_id: RowId,
    is_paused: Annotated[Truth, Form()],
) -> Response:
    """Pause a job type, or let it go on."""
    catalogue.job_types.edit(job_type_id, {"is_paused": is_paused})
    return go_to(request, f"/job-types/{job_type_id}/")
