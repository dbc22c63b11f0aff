"""Daily metrics and the job load (seed 001, Metrics Services and Job Load)."""

from fastapi import Request

from catalog.queries.load import LoadFilter
from catalog.queries.metrics import PlotFilter
from plugins.rest.dependencies import CatalogueDep
from plugins.rest.parameters import Ids, PagingDep, PeriodDep, Texts
from plugins.rest.routing import SlashRouter
from plugins.rest.scale.filters import JobTypeDep
from plugins.rest.scale.models.metrics import LoadItem, MetricsDetails, MetricsItem, PlotItem
from plugins.rest.wire import Envelope, envelope

router = SlashRouter(tags=["metrics"])


@router.get("/load/", summary="Show the job load")
def list_load(
    http: Request,
    catalogue: CatalogueDep,
    page: PeriodDep,
    job_type: JobTypeDep,
    job_type_priority: Ids,
) -> Envelope[LoadItem]:
    """Return how many jobs were pending, queued and running over time; at most 31 days."""
    wanted = LoadFilter(job_type, priorities=job_type_priority)
    return envelope(http, page, catalogue.queries.load.page(page, wanted), LoadItem)


@router.get("/metrics/", summary="List the types of metrics")
def list_metrics(http: Request, catalogue: CatalogueDep, page: PagingDep) -> Envelope[MetricsItem]:
    """Return what is counted every day, by type."""
    return envelope(http, page, catalogue.queries.metrics.page(page), MetricsItem)


@router.get("/metrics/{name}/", summary="Show a type of metrics")
def show_metrics(http: Request, catalogue: CatalogueDep, name: str) -> MetricsDetails:
    """Return a type of metrics with the choices that its values are kept for."""
    return MetricsDetails.of(http, catalogue.queries.metrics.one(name))


@router.get("/metrics/{name}/plot-data/", summary="Show the values of metrics")
def list_plot_data(
    *,
    http: Request,
    catalogue: CatalogueDep,
    page: PeriodDep,
    name: str,
    choice_id: Ids,
    column: Texts,
    group: Texts,
) -> Envelope[PlotItem]:
    """Return the values of each column by day, for each of several choices or for all together."""
    wanted = PlotFilter(choice_id, columns=column, groups=group)
    return envelope(http, page, catalogue.queries.metrics.plot(name, page, wanted), PlotItem)
