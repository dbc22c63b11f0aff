"""Strike processes and ingests (seed 001, Strike Services and Ingest Services).

List and details of Strike processes are beyond the seed.
"""

from typing import Annotated

from fastapi import Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from plugins.rest.dependencies import CatalogueDep, UserName
from plugins.rest.parameters import IdFilter, Ids, PageDep, PeriodDep, RowId, Text, Texts, Truth
from plugins.rest.routing import SlashRouter
from plugins.rest.scale.body_schemas import StrikeDocument
from plugins.rest.scale.models.ingests import (
    IngestConservation,
    IngestDetails,
    IngestItem,
    IngestStatusItem,
    StrikeDetails,
    StrikeItem,
)
from plugins.rest.scale.rows import INGEST_ITEMS
from plugins.rest.wire import Envelope, envelope, json_page

router = SlashRouter(tags=["ingest"])


class NewStrike(BaseModel):
    """What a Strike process is made from."""

    name: Text
    configuration: StrikeDocument
    title: Text | None = None
    description: Text | None = None


class StrikeChanges(BaseModel):
    """What is to change of a Strike process; what is left out stays."""

    model_config = ConfigDict(extra="allow")  # the service names what it does not know

    title: Text | None = None
    description: Text | None = None
    configuration: StrikeDocument = Field(default_factory=dict)
    is_active: StrictBool = True
    is_paused: StrictBool = False
    pause_reason: Text | None = None


class IngestSelection(BaseModel):
    """Which ingests are meant: all of those named, and of the Strike processes named."""

    model_config = ConfigDict(extra="forbid")

    ingest_ids: list[IdFilter] = []
    strike_ids: list[IdFilter] = []


class RetriedIngests(BaseModel):
    """The ingests that are tried again."""

    ingest_ids: list[int]


class CreatedStrike(BaseModel):
    """The Strike process that was made."""

    strike_id: int


@router.post("/strike/create/", summary="Create a Strike process")
def create_strike(catalogue: CatalogueDep, user: UserName, body: NewStrike) -> CreatedStrike:
    """Create a process that watches an ingest directory; it starts by itself."""
    strike = catalogue.strikes.create(
        body.name,
        body.configuration,
        title=body.title,
        description=body.description,
        user=user,
    )
    return CreatedStrike(strike_id=strike.id)


@router.get("/strikes/", summary="List Strike processes")
def list_strikes(
    http: Request, catalogue: CatalogueDep, page: PageDep, name: Texts
) -> Envelope[StrikeItem]:
    """Return the Strike processes, by name."""
    return envelope(http, page, catalogue.queries.strikes.page(page, name), StrikeItem)


@router.get("/strikes/{strike_id}/", summary="Show a Strike process")
def show_strike(http: Request, catalogue: CatalogueDep, strike_id: RowId) -> StrikeDetails:
    """Return a Strike process with its configuration."""
    return StrikeDetails.of(http, catalogue.queries.strikes.one(strike_id))


@router.patch("/strikes/{strike_id}/", summary="Change, pause or resume a Strike process")
def update_strike(
    http: Request, catalogue: CatalogueDep, strike_id: RowId, body: StrikeChanges
) -> StrikeDetails:
    """Change a Strike process; ``is_paused`` pauses it, ``is_active`` false stops it."""
    catalogue.strikes.update(strike_id, body.model_dump(exclude_unset=True))
    return StrikeDetails.of(http, catalogue.queries.strikes.one(strike_id))


@router.get("/ingests/", summary="List ingests", response_model=Envelope[IngestItem])
def list_ingests(
    http: Request, catalogue: CatalogueDep, page: PageDep, status: Texts, strike_id: Ids
) -> Response:
    """Return the files that Strike processes have seen."""
    listing = INGEST_ITEMS.of(http)
    return json_page(http, page, catalogue.queries.ingests.listed(listing, page, status, strike_id))


@router.get("/ingests/status/", summary="Count what was ingested, by the hour")
def list_ingest_status(
    *,
    http: Request,
    catalogue: CatalogueDep,
    page: PeriodDep,
    use_ingest_time: Annotated[
        Truth, Query(description="Count by the time of the ingest instead of that of the data.")
    ] = False,
) -> Envelope[IngestStatusItem]:
    """Return every Strike process with what it ingested in each hour; by default of a week."""
    found = catalogue.queries.ingest_status.page(page, use_ingest_time=use_ingest_time)
    return envelope(http, page, found, IngestStatusItem)


@router.get("/ingests/conservation/", summary="Account for every file ever seen")
def show_conservation(
    http: Request, catalogue: CatalogueDep, strike_id: Annotated[IdFilter | None, Query()] = None
) -> IngestConservation:
    """Return what became of every file that one Strike process, or any, ever saw."""
    if strike_id is not None:
        catalogue.queries.strikes.one(strike_id)
    return IngestConservation.of(http, catalogue.ingests.conservation(strike_id))


@router.post("/ingests/retry/", summary="Try ingests again")
def retry_ingests(catalogue: CatalogueDep, body: IngestSelection) -> RetriedIngests:
    """Try errored files again, and compare deferred ones with the rules again."""
    return RetriedIngests(ingest_ids=catalogue.ingests.retry(body.ingest_ids, body.strike_ids))


@router.get("/ingests/{ingest_id}/", summary="Show an ingest")
def show_ingest(http: Request, catalogue: CatalogueDep, ingest_id: RowId) -> IngestDetails:
    """Return an ingest with its paths."""
    return IngestDetails.of(http, catalogue.queries.ingests.one(ingest_id))
