"""The page of a file: what it is, where it comes from, and what it looks like."""

import hashlib
from http import HTTPStatus
from typing import Final

from fastapi import Request
from starlette.responses import HTMLResponse, Response

from catalog.errors import NotFoundError
from catalog.previews import has_preview
from catalog.queries.file_list import Bounds
from catalog.queries.file_page import FilePageRow
from plugins.rest.dependencies import CatalogueDep
from plugins.rest.parameters import RowId
from plugins.rest.routing import SlashRouter
from plugins.views.contents import Contents, contents_of
from plugins.views.map import Footprint, Map, bounds_of, geometry_of, map_of
from plugins.views.provenance import provenance_graph
from plugins.views.rendering import page

router = SlashRouter()
_LITTLE_ROOM: Final = 0.002
_KEPT: Final = {"Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}


@router.get("/files/{file_id}/", response_class=HTMLResponse)
def file(request: Request, catalogue: CatalogueDep, file_id: RowId, view: str = "") -> HTMLResponse:
    """Show a source or product; ``view`` is what its map shows."""
    found = catalogue.queries.file_page.one(file_id)
    provenance = catalogue.queries.provenance.of(file_id)
    contents = contents_of(catalogue.queries.files.stored(file_id), found.file_size)
    return page(
        request,
        "file.html",
        file=found,
        directory=found.file_path.rpartition("/")[0],
        place=None if found.job_id is None else catalogue.queries.job_list.place(found.job_id),
        replaced_by=catalogue.queries.file_page.replaced_by(found),
        contents=contents,
        preview=None if found.is_deleted else catalogue.previews.kept(file_id),
        can_have_preview=has_preview(found.media_type) and not found.is_deleted,
        map=_map(found, contents, bounds_of(view)),
        provenance=provenance,
        drawn=provenance_graph(provenance, file_id),
    )


@router.get("/files/{file_id}/preview.png", response_class=Response)
def preview(request: Request, catalogue: CatalogueDep, file_id: RowId) -> Response:
    """Send the preview of a file, which is made now if there is none."""
    found = catalogue.previews.of(file_id)
    if found is None or found.png is None:
        problem = "Files of its kind have none." if found is None else found.problem
        raise NotFoundError("preview", file_id, f"There is no preview. {problem}")
    etag = f'"{hashlib.sha256(found.png).hexdigest()}"'
    headers = {"ETag": etag, **_KEPT}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(found.png, headers=headers, media_type="image/png")


def _map(found: FilePageRow, contents: Contents, view: Bounds | None) -> Map | None:
    """Return the map of what is in the file, or else of its footprint."""
    if contents.features:
        return map_of(contents.features, view=view, room=_LITTLE_ROOM)
    if found.west is None or found.south is None or found.east is None or found.north is None:
        return None
    bounds = (found.west, found.south, found.east, found.north)
    geometry = geometry_of(found.geometry, bounds)
    if geometry is None:
        return None
    return map_of([Footprint(geometry, found.file_name)], view=view)
