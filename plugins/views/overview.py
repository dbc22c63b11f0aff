"""The overview: how much there is of everything, and the newest products."""

from dataclasses import dataclass
from typing import Final

from fastapi import Request
from starlette.responses import HTMLResponse

from catalog import dag_names
from catalog.queries.overview import LatestProduct, Overview
from catalog.states import IngestStatus, JobStatus
from plugins.rest.dependencies import CatalogueDep
from plugins.rest.routing import SlashRouter
from plugins.views.rendering import page

LONE_JOB_TASK: Final = "job"  # the one task of a job type's DAG
router = SlashRouter()


@dataclass(frozen=True, slots=True)
class Count:
    """One number of the page: what it counts, which state it stands for, where its list is."""

    label: str
    number: int
    state: str
    href: str


@router.get("/overview/", response_class=HTMLResponse)
def overview(request: Request, catalogue: CatalogueDep) -> HTMLResponse:
    """Show the overview."""
    found = catalogue.queries.overview.read()
    return page(
        request,
        "overview.html",
        groups=_groups(found),
        failures=sorted(found.failures.items()),
        rows=[Row.of(each) for each in found.latest],
        advice=_advice(found),
    )


def _groups(found: Overview) -> list[tuple[str, list[Count]]]:
    ingests = {
        "waiting": (IngestStatus.TRANSFERRING, IngestStatus.TRANSFERRED),
        "ingesting": (IngestStatus.QUEUED, IngestStatus.INGESTING),
        "ingested": (IngestStatus.INGESTED,),
        "duplicate": (IngestStatus.DUPLICATE,),
        "deferred": (IngestStatus.DEFERRED,),
        "errored": (IngestStatus.ERRORED,),
    }
    return [
        (
            "Files",
            [
                Count("sources", found.sources, "none", "/sources/"),
                Count("products", found.products, "success", "/products/"),
            ],
        ),
        (
            "Ingests",
            [
                Count(
                    label,
                    sum(found.ingests.get(status, 0) for status in statuses),
                    _STATES[label],
                    f"/ingests/?status={statuses[-1]}",
                )
                for label, statuses in ingests.items()
            ],
        ),
        (
            "Recipes",
            [
                Count("open", found.recipes_open, "running", "/recipes/"),
                Count("completed", found.recipes_completed, "success", "/recipes/"),
            ],
        ),
        (
            "Jobs",
            [
                Count(
                    status.lower(),
                    found.jobs.get(status, 0),
                    _STATES[status.lower()],
                    f"/jobs/?status={status}",
                )
                for status in JobStatus
            ],
        ),
    ]


_STATES = {
    "waiting": "queued",
    "ingesting": "running",
    "ingested": "success",
    "duplicate": "none",
    "deferred": "none",
    "errored": "failed",
    "pending": "none",
    "blocked": "upstream",
    "queued": "queued",
    "running": "running",
    "failed": "failed",
    "completed": "success",
    "canceled": "none",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A product with where Airflow shows what made it, as paths below the server's."""

    product: LatestProduct
    run: str
    job: str

    @classmethod
    def of(cls, product: LatestProduct) -> "Row":
        """Return the row of a product."""
        if product.recipe_id is None:
            dag_id = dag_names.job_dag_id(product.job_type_name, product.job_type_version)
            run = f"/dags/{dag_id}/runs/{dag_names.job_run_id(product.job_id)}"
            return cls(product, run, f"{run}/tasks/{LONE_JOB_TASK}")
        dag_id = dag_names.recipe_dag_id(product.recipe_type or "", product.recipe_version or "")
        run = f"/dags/{dag_id}/runs/{dag_names.recipe_run_id(product.recipe_id)}"
        return cls(product, run, f"{run}/tasks/{dag_names.task_id(product.job_name or '')}")


def _advice(found: Overview) -> str | None:
    """Say what to do next where there is nothing to show yet."""
    if found.workspaces == 0:
        return "There is no workspace yet. Create one: POST /scale/api/workspaces/."
    if found.recipe_types == 0:
        return "There is no recipe type yet. Put a JSON file into dags/recipes/."
    if found.strikes == 0:
        return "Nothing watches a directory yet. Create a Strike: POST /scale/api/strike/create/."
    if found.sources == 0:
        return "No file has arrived yet. Copy one into the ingest directory of a Strike."
    if found.products == 0:
        return "No product has been made yet. They appear here when a job completes."
    return None
