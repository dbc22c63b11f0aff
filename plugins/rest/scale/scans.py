"""Scans, and files registered one by one; beyond the seed, in its style."""

from http import HTTPStatus

from fastapi import Request, Response
from pydantic import BaseModel, Field, StrictBool

from catalog.services.sources import NewSource
from plugins.rest.dependencies import CatalogueDep
from plugins.rest.parameters import PageDep, RowId, Text, Texts
from plugins.rest.routing import SlashRouter
from plugins.rest.scale.body_schemas import ScanDocument
from plugins.rest.scale.models.files import SourceDetails
from plugins.rest.scale.models.scans import ScanDetails, ScanItem
from plugins.rest.wire import Envelope, Links, envelope

router = SlashRouter(tags=["ingest"])


class NewScan(BaseModel):
    """What a scan is made from."""

    name: Text
    configuration: ScanDocument
    title: Text | None = None
    description: Text | None = None


class ScanOrder(BaseModel):
    """What a run of a scan is to do."""

    ingest: StrictBool = Field(
        default=False, description="True registers the files; false, a dry run, only counts them."
    )


class SourceToRegister(BaseModel):
    """A file that stands in a workspace and is to be a source."""

    workspace_name: Text
    file_path: Text
    data_types: list[Text] = []
    media_type: Text | None = None


@router.get("/scans/", summary="List scans")
def list_scans(
    http: Request, catalogue: CatalogueDep, page: PageDep, name: Texts
) -> Envelope[ScanItem]:
    """Return the scans, by name, each with the counts of its last run."""
    return envelope(http, page, catalogue.queries.scans.page(page, name), ScanItem)


@router.post("/scans/", summary="Create a scan", status_code=HTTPStatus.CREATED)
def create_scan(
    http: Request, response: Response, catalogue: CatalogueDep, body: NewScan
) -> ScanDetails:
    """Create a scan; ``POST /scans/{id}/process/`` makes it look or ingest."""
    scan = catalogue.scans.create(
        body.name, body.configuration, title=body.title, description=body.description
    )
    response.headers["Location"] = Links.of(http).to(f"/scans/{scan.id}/")
    return ScanDetails.of(http, scan)


@router.get("/scans/{scan_id}/", summary="Show a scan")
def show_scan(http: Request, catalogue: CatalogueDep, scan_id: RowId) -> ScanDetails:
    """Return a scan with its configuration."""
    return ScanDetails.of(http, catalogue.queries.scans.one(scan_id))


@router.post("/scans/{scan_id}/process/", summary="Run a scan", status_code=HTTPStatus.ACCEPTED)
def process_scan(
    http: Request, catalogue: CatalogueDep, scan_id: RowId, body: ScanOrder
) -> ScanDetails:
    """Queue a run: a dry run, or one that ingests. A run that was cut off is taken up again."""
    return ScanDetails.of(http, catalogue.scans.process(scan_id, ingest=body.ingest))


@router.post("/sources/", summary="Register a source file", status_code=HTTPStatus.CREATED)
def register_source(
    http: Request, response: Response, catalogue: CatalogueDep, body: SourceToRegister
) -> SourceDetails:
    """Make a file that stands in a workspace a source; 200 if it is one already."""
    new = NewSource(body.workspace_name, body.file_path, body.data_types, body.media_type)
    registration = catalogue.sources.register(new)
    if not registration.is_new:
        response.status_code = HTTPStatus.OK
    file_id = registration.file.id
    response.headers["Location"] = Links.of(http).to(f"/sources/{file_id}/")
    return SourceDetails.of(http, catalogue.queries.files.source(file_id))
