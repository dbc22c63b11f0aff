"""Jobs (seed 001, Job Services)."""

from typing import Any

from pydantic import Field

from catalog.states import JobStatus
from plugins.rest.scale.models.errors import ErrorItem
from plugins.rest.scale.models.events import EventBrief, EventDetails
from plugins.rest.scale.models.executions import ExecutionOfJob
from plugins.rest.scale.models.files import FileItem, ProductItem
from plugins.rest.scale.models.job_types import (
    JobTypeBrief,
    JobTypeItem,
    JobTypeRevisionBrief,
    JobTypeRevisionDetails,
)
from plugins.rest.scale.models.recipe_items import RecipeItem
from plugins.rest.wire import Time, WireModel


class JobColumns(WireModel):
    """What all lists and details of jobs show; `timeout` in seconds, memory and disk in MiB."""

    error: ErrorItem | None
    status: JobStatus
    reason: str | None = Field(description="Why a job failed or was cancelled, for a person.")
    priority: int
    num_exes: int
    timeout: int
    max_tries: int
    cpus_required: float
    mem_required: float
    disk_in_required: float
    disk_out_required: float
    created: Time
    queued: Time | None
    started: Time | None
    ended: Time | None
    last_status_change: Time
    last_modified: Time


class JobItem(JobColumns):
    """A job in a list."""

    id: int
    job_type: JobTypeBrief
    job_type_rev: JobTypeRevisionBrief
    event: EventBrief


class JobUpdate(JobItem):
    """A job with the files it was given."""

    input_files: list[FileItem]


class JobWithExecution(JobItem):
    """A job with its newest execution; null while it was never queued."""

    latest_job_exe: ExecutionOfJob | None


class JobOfRecipe(JobColumns):
    """A job inside the details of its recipe."""

    id: int
    job_type: JobTypeBrief
    job_type_rev: JobTypeRevisionDetails
    event: EventBrief


class Input(WireModel):
    """An input of the interface with its value; null when it was not given."""

    name: str
    type: str
    value: str | FileItem | list[FileItem] | None


class Output(WireModel):
    """An output of the interface with the products made for it; null when there are none."""

    name: str
    type: str
    value: ProductItem | list[ProductItem] | None


class JobDetails(JobColumns):
    """A job with everything about it."""

    id: int
    job_type: JobTypeItem
    job_type_rev: JobTypeRevisionDetails
    event: EventDetails
    data: dict[str, Any]
    results: dict[str, Any]
    recipes: list[RecipeItem]
    job_exes: list[ExecutionOfJob]
    inputs: list[Input]
    outputs: list[Output]
    input_files: list[FileItem]
    products: list[ProductItem]


class JobWhy(WireModel):
    """How a job stands, and one sentence that says why it is not running."""

    id: int
    status: JobStatus
    why: str
