"""Files and products: the table with its filters, and the map of their footprints."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Final

from fastapi import Depends, Query, Request
from starlette.responses import HTMLResponse

from catalog.catalogue import Catalogue
from catalog.queries.file_list import FileLine, FileListFilter
from catalog.queries.listing import PageRequest
from catalog.states import FileKind
from plugins.rest.dependencies import CatalogueDep
from plugins.rest.parameters import IdFilter, Moment, Text, Truth
from plugins.rest.routing import SlashRouter
from plugins.views.lists import SPANS, SliceDep
from plugins.views.map import Footprint, bounds_of, geometry_of, map_of
from plugins.views.parameters import Blank
from plugins.views.rendering import page

router = SlashRouter()
_KINDS: Final = {"product": FileKind.PRODUCT, "source": FileKind.SOURCE, "any": None}
_WRONG_AREA: Final = (
    "This is no area. Give west, south, east and north in degrees, such as 5,45,11,48, or draw it"
    " on the map."
)
Name = Annotated[Text, Query(max_length=200)]


def _wanted(
    *,
    kind: str = "product",
    name: Name = "",
    media_type: Annotated[Text | None, Blank] = None,
    job_type: Annotated[IdFilter | None, Blank] = None,
    recipe: Annotated[IdFilter | None, Blank] = None,
    job: Annotated[IdFilter | None, Blank] = None,
    recipe_type: Annotated[IdFilter | None, Blank] = None,
    workspace: Annotated[IdFilter | None, Blank] = None,
    published: Annotated[Truth | None, Blank] = None,
    since: Annotated[Moment | None, Blank] = None,
    data_from: Annotated[date | None, Blank] = None,
    data_to: Annotated[date | None, Blank] = None,
    area: Name = "",
) -> FileListFilter:
    """Return the filter that the address has."""
    return FileListFilter(
        kind=_KINDS.get(kind, FileKind.PRODUCT),
        name=name.strip(),
        media_type=media_type,
        job_type_id=job_type,
        recipe_id=recipe,
        job_id=job,
        recipe_type_id=recipe_type,
        workspace_id=workspace,
        is_published=published,
        since=since,
        data_from=None if data_from is None else datetime.combine(data_from, time(), UTC),
        data_to=None if data_to is None else _end_of(data_to),
        bounds=bounds_of(area),
    )


@router.get("/files/", response_class=HTMLResponse)
def files(
    *,
    request: Request,
    catalogue: CatalogueDep,
    place: SliceDep,
    wanted: Annotated[FileListFilter, Depends(_wanted)],
    kind: str = "product",
    area: Name = "",
    view: Name = "",
) -> HTMLResponse:
    """List files, newest first, and show where on Earth those of the page are."""
    found = catalogue.queries.file_list.slice(place, wanted)
    here = request.scope.get("root_path", "")
    return page(
        request,
        "files.html",
        files=found,
        map=map_of(footprints(found.rows, here), wanted.bounds, bounds_of(view)),
        wanted=wanted,
        query=request.query_params,
        area=area,
        problem=_WRONG_AREA if area and wanted.bounds is None else None,
        has_filters=wanted != replace(FileListFilter(), kind=wanted.kind) or bool(area),
        kind=kind if kind in _KINDS else "product",
        spans=SPANS,
        choices=_choices(catalogue),
    )


def _choices(catalogue: Catalogue) -> dict[str, Sequence[tuple[object, str]]]:
    """Return what the filters offer: pairs of a value and its text."""
    queries = catalogue.queries
    return {
        "kinds": [("product", "products"), ("source", "sources"), ("any", "both")],
        "media_types": [(each, each) for each in queries.file_list.media_types()],
        "job_types": [
            (each.id, f"{each.title or each.name} {each.version}")
            for each in queries.job_list.types()
            if not each.is_system
        ],
        "recipe_types": queries.recipe_list.types(),
        "workspaces": [
            (each.id, each.title or each.name)
            for each in queries.workspaces.page(PageRequest()).rows
        ],
    }


def footprints(files: Sequence[FileLine], here: str) -> list[Footprint]:
    """Return the footprints of files that have one, each leading to its page."""
    found = []
    for each in files:
        geometry = geometry_of(each.outline, each.bounds)
        if geometry is not None:
            found.append(Footprint(geometry, each.file_name, f"{here}/files/{each.id}/"))
    return found


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time(), UTC) + timedelta(days=1, microseconds=-1)
