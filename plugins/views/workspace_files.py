"""The files of a workspace by their paths, a directory at a time."""

from typing import Annotated

from fastapi import Query, Request
from starlette.responses import HTMLResponse

from plugins.rest.dependencies import CatalogueDep
from plugins.rest.parameters import RowId, Text
from plugins.rest.routing import SlashRouter
from plugins.views.rendering import page

router = SlashRouter()
Path = Annotated[Text, Query(max_length=4096)]


@router.get("/workspaces/{workspace_id}/files/", response_class=HTMLResponse)
def workspace_files(
    request: Request,
    catalogue: CatalogueDep,
    workspace_id: RowId,
    path: Path = "",
    start: Path = "",
) -> HTMLResponse:
    """Show a directory; ``start`` is the first entry that is shown."""
    directory = path.strip("/")
    return page(
        request,
        "workspace_files.html",
        workspace=catalogue.queries.workspaces.one(workspace_id),
        path=directory,
        above=_above(directory),
        start=start,
        found=catalogue.queries.directories.read(workspace_id, directory, start),
    )


def _above(path: str) -> list[tuple[str, str]]:
    """Return the directories of a path with their own paths, the outermost first."""
    names = path.split("/") if path else []
    return [(name, "/".join(names[: index + 1])) for index, name in enumerate(names)]
