"""The overview: what happens now, what failed of late, and the newest products."""

from dataclasses import astuple, dataclass
from typing import Final

from fastapi import Request
from starlette.responses import HTMLResponse

from catalog.catalogue import Catalogue
from catalog.queries.first_steps import FirstSteps
from catalog.queries.latest_products import LatestProduct
from catalog.queries.listing import PageRequest
from catalog.queries.overview import Overview
from catalog.records.configuration import WorkspaceRecord
from catalog.states import IngestStatus, JobStatus
from plugins.rest.dependencies import CatalogueDep
from plugins.rest.routing import SlashRouter
from plugins.views import links
from plugins.views.bars import HEIGHT, WIDTH, bars
from plugins.views.rendering import page
from plugins.views.workspaces import measured

router = SlashRouter()
_SHOWN_WORKSPACES: Final = 20
_JOBS_NOW: Final = (JobStatus.RUNNING, JobStatus.QUEUED, JobStatus.PENDING, JobStatus.BLOCKED)
_INGESTS: Final = (
    IngestStatus.INGESTED,
    IngestStatus.DUPLICATE,
    IngestStatus.DEFERRED,
    IngestStatus.ERRORED,
)


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do next, and the page where to."""

    sentence: str
    link: str
    path: str


_ADVICE: Final = (
    Advice("There is no workspace yet: no file can be stored.", "Create one", "/workspaces/new/"),
    Advice(
        "There is no recipe type yet. Put a JSON file into dags/recipes/.",
        "Recipe types", "/recipe-types/",
    ),
    Advice(
        "Nothing watches a directory yet. Create a Strike process with airscale strike create, or"
        " POST /scale/api/strike/create/.",
        "Ingest", "/ingest/",
    ),
    Advice(
        "No file has arrived yet. Copy one into the directory of a Strike process.",
        "Ingest", "/ingest/",
    ),
    Advice(
        "No product has been made yet. They appear here when a job completes.", "Jobs", "/jobs/"
    ),
)  # fmt: skip
"""By the steps of `FirstSteps`, in their order."""


@router.get("/overview/", response_class=HTMLResponse)
def overview(request: Request, catalogue: CatalogueDep) -> HTMLResponse:
    """Show the overview."""
    found = catalogue.queries.overview.read()
    shown = _workspaces(catalogue)
    return page(
        request,
        "overview.html",
        found=found,
        now=_now(found),
        ended=[
            (each, found.ended.get(each, 0))
            for each in (JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELED)
        ],
        ingests=[(each, found.ingests.get(each, 0)) for each in _INGESTS],
        bars=bars(found.ingested),
        chart=(WIDTH, HEIGHT),
        two_hours=found.ingested[-2][0],
        last_hours=sum(number for _, number in found.ingested[-2:]),
        workspaces=shown,
        sizes=measured(shown),
        products=[_places(each) for each in found.latest],
        advice=_advice(catalogue.queries.first_steps.taken()),
    )


def _now(found: Overview) -> list[tuple[JobStatus, int]]:
    return [
        (status, sum(getattr(each, status.lower()) for each in found.load)) for status in _JOBS_NOW
    ]


def _workspaces(catalogue: Catalogue) -> list[WorkspaceRecord]:
    """Return the active workspaces, by name."""
    request = PageRequest(page_size=_SHOWN_WORKSPACES, order=("-is_active", "name"))
    rows = catalogue.queries.workspaces.page(request).rows
    return [each for each in rows if each.is_active]


def _places(product: LatestProduct) -> tuple[LatestProduct, str | None, str]:
    """Return a product with the paths of the run and the task that made it."""
    if product.recipe_id is None:
        run = links.first_run_of_job(
            product.job_type_name, product.job_type_version, product.job_id
        )
        return product, None, links.task_path(run, None)
    run = links.first_run_of_recipe(
        product.recipe_type or "", product.recipe_version or "", product.recipe_id
    )
    return product, links.run_path(run), links.task_path(run, product.job_name)


def _advice(steps: FirstSteps) -> Advice | None:
    """Say what to do next where there is nothing to show yet."""
    return next((each for is_taken, each in zip(astuple(steps), _ADVICE, strict=True)
                 if not is_taken), None)  # fmt: skip
