"""Sources, products and their bytes (seed 001, Source File Services and Product Services).

Details and downloads are beyond the seed, which has the addresses of files point elsewhere.
"""

from typing import Annotated

from fastapi import Depends, Query, Request
from starlette.responses import FileResponse, Response

from catalog.queries.files import ProductFilter
from catalog.queries.jobs import JobFilter
from plugins.rest.dependencies import CatalogueDep
from plugins.rest.downloads import content_response
from plugins.rest.parameters import Ids, PageDep, RowId, Texts, Truth
from plugins.rest.routing import SlashRouter
from plugins.rest.scale.filters import JobTypeDep
from plugins.rest.scale.models.files import (
    ProductDetails,
    ProductItem,
    ProductUpdate,
    SourceDetails,
    SourceItem,
    SourceUpdate,
)
from plugins.rest.scale.models.jobs import JobItem
from plugins.rest.scale.orders import JobPageDep
from plugins.rest.scale.rows import JOB_ITEMS, PRODUCT_ITEMS, SOURCE_ITEMS
from plugins.rest.wire import Envelope, envelope, json_page

router = SlashRouter(tags=["files"])


async def _product_filter(
    job_type: JobTypeDep,
    file_name: Texts,
    is_operational: Annotated[Truth | None, Query()] = None,
    is_superseded: Annotated[
        Truth | None,
        Query(description="Show the products that newer ones replaced, instead of those in use."),
    ] = None,
) -> ProductFilter:
    return ProductFilter(
        job_type,
        is_operational=is_operational,
        file_names=file_name,
        is_superseded=is_superseded,
    )


ProductsDep = Annotated[ProductFilter, Depends(_product_filter)]


@router.get("/sources/", summary="List source files", response_model=Envelope[SourceItem])
def list_sources(
    http: Request,
    catalogue: CatalogueDep,
    page: PageDep,
    file_name: Texts,
    is_parsed: Annotated[Truth | None, Query()] = None,
) -> Response:
    """Return the files that came from outside."""
    found = catalogue.queries.files.listed_sources(
        SOURCE_ITEMS.of(http), page, is_parsed=is_parsed, file_names=file_name
    )
    return json_page(http, page, found)


@router.get("/sources/updates/", summary="List what happened to source files")
def list_source_updates(
    http: Request,
    catalogue: CatalogueDep,
    page: PageDep,
    file_name: Texts,
    is_parsed: Annotated[Truth | None, Query()] = None,
) -> Envelope[SourceUpdate]:
    """Return the source files, each with what happened to it last."""
    found = catalogue.queries.file_updates.sources(page, is_parsed=is_parsed, file_names=file_name)
    return envelope(http, page, found, SourceUpdate)


@router.get("/sources/{file_id}/", summary="Show a source file")
def show_source(http: Request, catalogue: CatalogueDep, file_id: RowId) -> SourceDetails:
    """Return a source with the files that were made from it."""
    return SourceDetails.of(http, catalogue.queries.files.source(file_id))


@router.get(
    "/sources/{file_id}/jobs/",
    summary="List the jobs of a source file",
    response_model=Envelope[JobItem],
)
def list_jobs_of_source(
    *,
    http: Request,
    catalogue: CatalogueDep,
    page: JobPageDep,
    file_id: RowId,
    job_type: JobTypeDep,
    status: Texts,
    job_id: Ids,
) -> Response:
    """Return the jobs that took the source, or what was made from it, as their input."""
    wanted = JobFilter(job_type, statuses=status, ids=job_id)
    listing = JOB_ITEMS.of(http)
    return json_page(http, page, catalogue.queries.jobs.of_source(listing, page, wanted, file_id))


@router.get(
    "/sources/{file_id}/products/",
    summary="List the products of a source file",
    response_model=Envelope[ProductItem],
)
def list_products_of_source(
    *,
    http: Request,
    catalogue: CatalogueDep,
    page: PageDep,
    file_id: RowId,
    wanted: ProductsDep,
) -> Response:
    """Return the products that were made from the source, directly or through others."""
    listing = PRODUCT_ITEMS.of(http)
    return json_page(http, page, catalogue.queries.files.of_source(listing, page, wanted, file_id))


@router.get("/products/updates/", summary="List what happened to products")
def list_product_updates(
    http: Request, catalogue: CatalogueDep, page: PageDep, wanted: ProductsDep
) -> Envelope[ProductUpdate]:
    """Return the products that were ever published, each with what happened to it last."""
    found = catalogue.queries.file_updates.products(page, wanted)
    return envelope(http, page, found, ProductUpdate)


@router.get("/products/", summary="List products", response_model=Envelope[ProductItem])
def list_products(
    http: Request, catalogue: CatalogueDep, page: PageDep, wanted: ProductsDep
) -> Response:
    """Return the files that jobs made and published; what a newer product replaced is hidden."""
    listing = PRODUCT_ITEMS.of(http)
    return json_page(http, page, catalogue.queries.files.listed_products(listing, page, wanted))


@router.get("/products/{file_id}/", summary="Show a product")
def show_product(http: Request, catalogue: CatalogueDep, file_id: RowId) -> ProductDetails:
    """Return a product with the files it was made from and those made from it."""
    return ProductDetails.of(http, catalogue.queries.files.product(file_id))


@router.head("/files/{file_id}/", include_in_schema=False)
@router.get("/files/{file_id}/", summary="Download a file", response_class=FileResponse)
def download(http: Request, catalogue: CatalogueDep, file_id: RowId) -> Response:
    """Send the bytes of a source or product; ranges and If-None-Match are understood."""
    return content_response(http, catalogue.queries.files.stored(file_id))
