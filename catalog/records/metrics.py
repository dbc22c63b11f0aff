"""The types of daily metrics and their columns (seed 001, Metrics Services; contract section 4).

A column of a type is a column of its table, of the same name.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Aggregate(StrEnum):
    """How the values of several choices become one value for a day."""

    SUM = "sum"
    MIN = "min"
    MAX = "max"
    AVG = "avg"


@dataclass(frozen=True, slots=True)
class MetricsFilter:
    """A field of the choices, by which a client can narrow them down."""

    param: str
    type: str


@dataclass(frozen=True, slots=True)
class MetricsGroup:
    """Columns that belong together."""

    name: str
    title: str
    description: str


@dataclass(frozen=True, slots=True)
class MetricsColumn:
    """One statistic; `units` are count, bytes or seconds."""

    name: str
    title: str
    description: str
    units: str
    group: str
    aggregate: Aggregate


@dataclass(frozen=True, slots=True)
class MetricsType:
    """What is counted for each choice and UTC day."""

    name: str
    title: str
    description: str
    filters: tuple[MetricsFilter, ...]
    groups: tuple[MetricsGroup, ...]
    columns: tuple[MetricsColumn, ...]


@dataclass(frozen=True, slots=True)
class Measure:
    """Something measured, which has a group with a column for each statistic."""

    name: str
    title: str
    what: str
    units: str


_STATISTICS: Final = {
    Aggregate.SUM: "Total",
    Aggregate.MIN: "Minimum",
    Aggregate.MAX: "Maximum",
    Aggregate.AVG: "Average",
}
_OVERVIEW: Final = "overview"


def _counts(counts: Sequence[tuple[str, str]]) -> Iterator[MetricsColumn]:
    for name, description in counts:
        title = f"{name.title()} Count"
        yield MetricsColumn(f"{name}_count", title, description, "count", _OVERVIEW, Aggregate.SUM)


def _statistics(measure: Measure) -> Iterator[MetricsColumn]:
    for aggregate, word in _STATISTICS.items():
        yield MetricsColumn(
            name=f"{measure.name}_{aggregate}",
            title=f"{measure.title} ({aggregate.title()})",
            description=f"{word} {measure.what}.",
            units=measure.units,
            group=measure.name,
            aggregate=aggregate,
        )


def _groups(overview: str, measures: Sequence[Measure]) -> Iterator[MetricsGroup]:
    yield MetricsGroup(_OVERVIEW, "Overview", overview)
    for each in measures:
        yield MetricsGroup(each.name, each.title, f"Statistics of the {each.what}.")


INGEST_MEASURES: Final = (
    Measure("file_size", "File Size", "size of the files", "bytes"),
    Measure("transfer_time", "Transfer Time", "time spent transferring the files", "seconds"),
    Measure("ingest_time", "Ingest Time", "time spent ingesting the files", "seconds"),
)
JOB_MEASURES: Final = (
    Measure("queue_time", "Queue Time", "time spent waiting in the queue", "seconds"),
    Measure("pre_time", "Pre Task Time", "time spent preparing the job", "seconds"),
    Measure("job_time", "Job Task Time", "time spent running the algorithm", "seconds"),
    Measure("post_time", "Post Task Time", "time spent storing the results", "seconds"),
    Measure("run_time", "Run Time", "time spent running the pre, job, and post tasks", "seconds"),
    Measure(
        "stage_time", "Stage Time", "time spent between the pre, job, and post tasks", "seconds"
    ),
)
INGEST: Final = MetricsType(
    name="ingest",
    title="Ingest",
    description="Metrics for ingests grouped by Strike process.",
    filters=(MetricsFilter("name", "string"),),
    groups=tuple(_groups("Overall counts based on ingest status.", INGEST_MEASURES)),
    columns=(
        *_counts(
            (
                ("deferred", "Number of files that no rule of the Strike process wanted."),
                ("ingested", "Number of successfully ingested files."),
                ("errored", "Number of files that failed to ingest."),
                ("duplicate", "Number of files that had been ingested before."),
                ("total", "Number of deferred, ingested, errored and duplicate files."),
            )
        ),
        *(column for each in INGEST_MEASURES for column in _statistics(each)),
    ),
)
JOB_TYPES: Final = MetricsType(
    name="job-types",
    title="Job Types",
    description="Metrics for jobs and executions grouped by job type.",
    filters=(MetricsFilter("name", "string"), MetricsFilter("version", "string")),
    groups=tuple(_groups("Overall counts based on job status.", JOB_MEASURES)),
    columns=(
        *_counts(
            (
                ("completed", "Number of successfully completed jobs."),
                ("failed", "Number of failed executions of jobs."),
                ("canceled", "Number of canceled executions of jobs."),
                ("total", "Number of completed, failed and canceled executions of jobs."),
            )
        ),
        *(column for each in JOB_MEASURES for column in _statistics(each)),
    ),
)
METRICS_TYPES: Final = (INGEST, JOB_TYPES)
