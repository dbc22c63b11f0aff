"""Daily metrics and the job load (seed 001, Metrics Services and Job Load)."""

import datetime as dt

from pydantic import Field

from catalog.records.metrics import Aggregate
from plugins.rest.scale.models.job_types import JobTypeBrief
from plugins.rest.wire import Time, WireModel


class LoadItem(WireModel):
    """Jobs in each state at one moment."""

    time: Time
    pending_count: int
    queued_count: int
    running_count: int


class MetricsFilter(WireModel):
    """A field of the choices, by which a client can narrow them down."""

    param: str
    type: str


class MetricsGroup(WireModel):
    """Columns that belong together."""

    name: str
    title: str
    description: str


class MetricsColumn(WireModel):
    """One statistic; `units` are count, bytes or seconds."""

    name: str
    title: str
    description: str
    units: str
    group: str
    aggregate: Aggregate


class MetricsItem(WireModel):
    """A type of metrics in a list."""

    name: str
    title: str
    description: str
    filters: list[MetricsFilter]
    groups: list[MetricsGroup]
    columns: list[MetricsColumn]


class StrikeChoice(WireModel):
    """A Strike process whose ingests are counted."""

    id: int
    name: str
    title: str | None
    description: str | None
    is_active: bool


class MetricsDetails(WireModel):
    """A type of metrics with everything that it counts for: job types, or Strike processes."""

    name: str
    title: str
    description: str
    filters: list[MetricsFilter]
    columns: list[MetricsColumn]
    choices: list[JobTypeBrief] | list[StrikeChoice]


class PlotValue(WireModel):
    """The value of a day."""

    id: int | None = Field(
        description="The choice; left out unless several were asked for.",
        exclude_if=lambda choice: choice is None,
    )
    date: dt.date
    value: int


class PlotItem(WireModel):
    """The values of one column, oldest first, and their bounds."""

    column: MetricsColumn
    min_x: dt.date | None
    max_x: dt.date | None
    min_y: int | None
    max_y: int | None
    values: list[PlotValue]
