"""The page of a job: how it stands and why, what it was given and made, what it printed."""

from collections.abc import Iterator
from typing import Annotated, Final

from fastapi import Request
from starlette.responses import HTMLResponse

from catalog.catalogue import Catalogue
from catalog.errors import NotFoundError
from catalog.queries.job_executions import ExecutionDetailRow, ExecutionFilter, ExecutionRow
from catalog.queries.job_list import Place
from catalog.queries.jobs import JobDetailRow
from catalog.queries.listing import PageRequest
from catalog.states import JobStatus
from plugins.rest.dependencies import CatalogueDep
from plugins.rest.parameters import IdFilter, RowId
from plugins.rest.routing import SlashRouter
from plugins.views import links
from plugins.views.jobs import notice_of
from plugins.views.parameters import Blank
from plugins.views.rendering import page

router = SlashRouter()
_MOST_EXECUTIONS: Final = 50
_OPEN: Final = frozenset(
    {JobStatus.PENDING, JobStatus.BLOCKED, JobStatus.QUEUED, JobStatus.RUNNING}
)
_STAGES: Final = (
    ("preparing", "pre_started", "pre_completed"),
    ("running", "job_started", "job_completed"),
    ("publishing", "post_started", "post_completed"),
)


@router.get("/jobs/{job_id}/", response_class=HTMLResponse)
def job(
    request: Request,
    catalogue: CatalogueDep,
    job_id: RowId,
    exe: Annotated[IdFilter | None, Blank] = None,
) -> HTMLResponse:
    """Show a job; ``exe`` is the execution whose command line and log are shown."""
    found = catalogue.queries.jobs.one(job_id)
    executions = catalogue.queries.executions.page(
        PageRequest(page_size=_MOST_EXECUTIONS, order=("-id",)), ExecutionFilter(job_ids=[job_id])
    ).rows
    shown = _shown(catalogue, executions, exe)
    place = catalogue.queries.job_list.place(job_id)
    return page(
        request,
        "job.html",
        job=found,
        why=catalogue.queries.waiting.why(job_id).why,
        place=place,
        executions=executions,
        shown=shown,
        log=None if shown is None else catalogue.queries.executions.logs(shown.id),
        stages=list(_stages(shown)),
        is_open=found.status in _OPEN,
        can_cancel=found.status in _OPEN | {JobStatus.FAILED} and not found.job_type.is_system,
        can_requeue=found.status in (JobStatus.FAILED, JobStatus.CANCELED),
        task=_task(catalogue, found, place),
        notice=notice_of(request),
    )


def _shown(
    catalogue: Catalogue, executions: tuple[ExecutionRow, ...], wanted: int | None
) -> ExecutionDetailRow | None:
    if wanted is not None and all(each.id != wanted for each in executions):
        raise NotFoundError("execution of this job", wanted)
    chosen = wanted or (executions[0].id if executions else None)
    return None if chosen is None else catalogue.queries.executions.one(chosen)


def _stages(execution: ExecutionDetailRow | None) -> Iterator[tuple[str, float]]:
    """Yield the stages that an execution has gone through, each with its seconds."""
    if execution is None:
        return
    if execution.started is not None:
        yield "waiting", (execution.started - execution.queued).total_seconds()
    for name, begin, end in _STAGES:
        began, ended = getattr(execution, begin), getattr(execution, end)
        if began is not None and ended is not None:
            yield name, (ended - began).total_seconds()


def _task(catalogue: Catalogue, found: JobDetailRow, place: Place | None) -> str | None:
    """Return the path of the job's task in the newest run that Airflow was told of."""
    if place is None:
        run = catalogue.queries.runs.of_job(found.id)
        return None if run is None else links.task_path(run, None)
    run = catalogue.queries.runs.of_recipe(place.recipe_id)
    return None if run is None else links.task_path(run, place.job_name)
