"""Metrics: every column of every type over days, for all together or for chosen ones."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from fastapi import Request
from starlette.responses import HTMLResponse, Response

from catalog.catalogue import Catalogue
from catalog.queries.listing import PageRequest
from catalog.queries.metrics import MetricsDetailRow, PlotFilter
from catalog.records.metrics import INGEST, JOB_TYPES
from plugins.rest.dependencies import CatalogueDep
from plugins.rest.parameters import Ids, Text, Texts
from plugins.rest.routing import SlashRouter
from plugins.views.downloads import csv_file
from plugins.views.forms import go_to
from plugins.views.plots import Line, Sheet, sheet_of
from plugins.views.ranges import AskedDep, Days, days_of
from plugins.views.rendering import page
from plugins.views.tones import Tone

router = SlashRouter()
USUAL_DAYS: Final = 31
SPANS: Final = ((7, "7 days"), (31, "31 days"), (92, "92 days"), (366, "366 days"))
_OVERVIEW: Final = "overview"
_MOST_COLUMNS: Final = 1000
_TONES: Final = {
    "completed_count": Tone.SUCCESS,
    "ingested_count": Tone.SUCCESS,
    "failed_count": Tone.FAILED,
    "errored_count": Tone.FAILED,
    "canceled_count": Tone.SKIPPED,
    "duplicate_count": Tone.SKIPPED,
    "deferred_count": Tone.DEFERRED,
    "total_count": Tone.RUNNING,
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a page of metrics shows."""

    kind: MetricsDetailRow
    columns: tuple[str, ...]
    choices: tuple[int, ...]
    days: Days
    sheet: Sheet
    left_out: int


@router.get("/metrics/", response_class=HTMLResponse)
def metrics(request: Request) -> Response:
    """Go to the metrics of jobs."""
    return go_to(request, f"/metrics/{JOB_TYPES.name}/")


@router.get("/metrics/{name}/", response_class=HTMLResponse)
def metrics_of(
    *,
    request: Request,
    catalogue: CatalogueDep,
    name: Text,
    column: Texts,
    choice: Ids,
    asked: AskedDep,
) -> HTMLResponse:
    """Plot metrics of one type by day."""
    chosen = _chosen(catalogue, name, column, choice, asked)
    return page(
        request,
        "metrics.html",
        chosen=chosen,
        sheet=chosen.sheet,
        days=chosen.days,
        left_out=chosen.left_out,
        columns=[
            (
                group.title,
                [
                    (each.name, each.title)
                    for each in chosen.kind.columns
                    if each.group == group.name
                ],
            )
            for group in chosen.kind.groups
        ],
        choices=[(each.id, label_of(each)) for each in chosen.kind.choices],
        noun="Strike processes" if chosen.kind.name == INGEST.name else "Job types",
        spans=SPANS,
    )


@router.get("/metrics/{name}/csv/")
def metrics_csv(
    catalogue: CatalogueDep, name: Text, column: Texts, choice: Ids, asked: AskedDep
) -> Response:
    """Return what a page plots as CSV."""
    chosen = _chosen(catalogue, name, column, choice, asked)
    return csv_file(f"metrics-{chosen.kind.name}", chosen.days, chosen.sheet)


def label_of(choice: object) -> str:
    """Return what a person calls a job type or Strike process."""
    title = getattr(choice, "title", None) or getattr(choice, "name", "")
    version = getattr(choice, "version", None)
    return f"{title} {version}" if version else str(title)


def _chosen(
    catalogue: Catalogue,
    name: str,
    columns: Sequence[str],
    choices: Sequence[int],
    asked: AskedDep,
) -> Chosen:
    kind = catalogue.queries.metrics.one(name)
    days = days_of(asked, USUAL_DAYS)
    wanted = tuple(each for each in columns if each) or tuple(
        each.name for each in kind.columns if each.group == _OVERVIEW
    )
    lines = _lines(catalogue, kind, PlotFilter(choices, columns=wanted), days)
    sheet, left_out = sheet_of(lines)
    return Chosen(kind, wanted, tuple(choices), days, sheet, left_out)


def _lines(
    catalogue: Catalogue, kind: MetricsDetailRow, wanted: PlotFilter, days: Days
) -> Iterator[Line]:
    """Yield a line for each column, or for each column and choice where several were chosen."""
    request = PageRequest(page_size=_MOST_COLUMNS, started=days.started, ended=days.ended)
    found = catalogue.queries.metrics.plot(kind.name, request, wanted).rows
    labels = {each.id: label_of(each) for each in kind.choices if each.id in wanted.choice_ids}
    for row in found:
        line = Line(row.column.title, row.column.units, {}, _TONES.get(row.column.name))
        if len(set(wanted.choice_ids)) > 1:
            for choice_id, label in labels.items():
                values = {each.date: each.value for each in row.values if each.id == choice_id}
                yield replace(line, name=f"{label}: {line.name}", values=values, tone=None)
        else:
            name = ": ".join([*labels.values(), line.name])
            yield replace(line, name=name, values={each.date: each.value for each in row.values})
