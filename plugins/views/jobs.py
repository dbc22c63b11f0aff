"""The list of jobs, and what can be done with a selection of them."""

from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import Depends, Form, Request
from starlette.responses import HTMLResponse, Response

from catalog.errors import InvalidError
from catalog.queries.job_list import JobListFilter
from catalog.records.work import JobSelection
from catalog.states import ErrorCategory, JobStatus
from plugins.rest.dependencies import CatalogueDep, UserName
from plugins.rest.parameters import IdFilter, Moment, Texts, Truth
from plugins.rest.routing import SlashRouter
from plugins.views.forms import Back, MayCreate, back_to, go_to, outcome_of, with_outcome
from plugins.views.lists import ROWS, SPANS, SliceDep
from plugins.views.parameters import Blank
from plugins.views.rendering import page

router = SlashRouter()
_DONE: Final = {
    "cancelled": "{number} cancelled.",
    "requeued": "{number} requeued: they run as soon as they may.",
}
JobIds = Annotated[list[IdFilter], Form(max_length=ROWS)]


def _wanted(
    *,
    status: Texts,
    job_type: Annotated[IdFilter | None, Blank] = None,
    category: Annotated[str | None, Blank] = None,
    error: Annotated[IdFilter | None, Blank] = None,
    recipe: Annotated[IdFilter | None, Blank] = None,
    node: Annotated[IdFilter | None, Blank] = None,
    since: Annotated[Moment | None, Blank] = None,
    own: Truth = False,
) -> JobListFilter:
    """Return the filter that the address has; ``own`` leaves out jobs of system job types."""
    return JobListFilter(
        statuses=[each for each in status if each],
        job_type_id=job_type,
        category=category,
        error_id=error,
        recipe_id=recipe,
        node_id=node,
        since=since,
        own_only=own,
    )


@router.get("/jobs/", response_class=HTMLResponse)
def jobs(
    *,
    request: Request,
    catalogue: CatalogueDep,
    place: SliceDep,
    wanted: Annotated[JobListFilter, Depends(_wanted)],
) -> HTMLResponse:
    """List jobs, newest first."""
    found, places = catalogue.queries.job_list.slice(place, wanted)
    return page(
        request,
        "jobs.html",
        jobs=found,
        places=places,
        wanted=wanted,
        has_filters=wanted != JobListFilter(statuses=[]),
        since=request.query_params.get("since", ""),
        types=[
            (each.id, f"{each.title or each.name} {each.version}")
            for each in catalogue.queries.job_list.types()
        ],
        statuses=[(each.value, each.value.lower()) for each in JobStatus],
        categories=[(each.value, each.value.lower()) for each in ErrorCategory],
        spans=SPANS,
        now=datetime.now(UTC),
        notice=notice_of(request),
        back=back_to(request),
    )


@router.post("/jobs/cancel/")
def cancel(
    request: Request, catalogue: CatalogueDep, user: UserName, job_id: JobIds, back: Back
) -> Response:
    """Cancel jobs; those that have ended already stay as they are."""
    cancelled = 0
    for each in job_id:
        try:
            catalogue.jobs.update(each, {"status": JobStatus.CANCELED}, user)
        except InvalidError:
            if len(job_id) == 1:
                raise
        else:
            cancelled += 1
    return go_to(request, with_outcome(back, "cancelled", cancelled))


@router.post("/jobs/requeue/", dependencies=[MayCreate])
def requeue(request: Request, catalogue: CatalogueDep, job_id: JobIds, back: Back) -> Response:
    """Requeue jobs; those that neither failed nor were cancelled stay as they are."""
    before = catalogue.queries.jobs.these(job_id)
    revivable = [each for each in before if each.status in (JobStatus.FAILED, JobStatus.CANCELED)]
    if not revivable:
        raise InvalidError("None of these jobs failed or was cancelled, so none was requeued.")
    catalogue.requeue.requeue(JobSelection(job_ids=[each.id for each in revivable]))
    return go_to(request, with_outcome(back, "requeued", len(revivable)))


def notice_of(request: Request) -> str | None:
    """Return what was just done, in words of ours: an address cannot put others here."""
    outcome = outcome_of(request)
    if outcome is None or outcome[0] not in _DONE:
        return None
    done, number = outcome
    return _DONE[done].format(number=f"{number} job{'' if number == 1 else 's'}")
