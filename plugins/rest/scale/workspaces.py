"""Workspaces (seed 001, Workspace Services; creating one is beyond the seed)."""

from http import HTTPStatus
from typing import Any

from fastapi import Request, Response
from pydantic import BaseModel, Field

from catalog.records.configuration import WorkspaceRecord
from catalog.services.workspaces import WorkspaceService
from plugins.rest.dependencies import CatalogueDep
from plugins.rest.parameters import PageDep, RowId, Text, Texts
from plugins.rest.routing import SlashRouter
from plugins.rest.wire import Envelope, Time, WireModel, absolute, envelope

router = SlashRouter(tags=["workspaces"])


class WorkspaceItem(WireModel):
    """A workspace in a list; sizes in bytes, null when the storage cannot be reached."""

    id: int
    name: str
    title: str | None
    description: str | None
    base_url: str | None
    is_active: bool
    used_size: int | None
    total_size: int | None
    created: Time
    archived: Time | None
    last_modified: Time


class WorkspaceDetails(WorkspaceItem):
    """A workspace with where it keeps its files."""

    json_config: dict[str, Any]


class NewWorkspace(BaseModel):
    """What a workspace is made from."""

    name: Text
    json_config: dict[str, Any] = Field(description="Workspace configuration, version 1.0.")
    title: Text | None = None
    description: Text | None = None
    base_url: Text | None = None


@router.get("/workspaces/", summary="List workspaces")
def list_workspaces(
    http: Request, catalogue: CatalogueDep, page: PageDep, name: Texts
) -> Envelope[WorkspaceItem]:
    """Return the workspaces, by name, with the sizes their storage has now."""
    return envelope(http, page, catalogue.queries.workspaces.page(page, name), _item)


@router.post("/workspaces/", summary="Create a workspace", status_code=HTTPStatus.CREATED)
def create_workspace(
    http: Request, response: Response, catalogue: CatalogueDep, body: NewWorkspace
) -> WorkspaceDetails:
    """Create a workspace; its directory must exist when files are to be stored in it."""
    workspace = catalogue.workspaces.create(
        body.name,
        body.json_config,
        title=body.title,
        description=body.description,
        base_url=body.base_url,
    )
    response.headers["Location"] = absolute(http, f"/workspaces/{workspace.id}/")
    return _details(workspace)


@router.get("/workspaces/{workspace_id}/", summary="Show a workspace")
def show_workspace(catalogue: CatalogueDep, workspace_id: RowId) -> WorkspaceDetails:
    """Return a workspace with its configuration."""
    return _details(catalogue.queries.workspaces.one(workspace_id))


def _item(workspace: WorkspaceRecord) -> WorkspaceItem:
    return WorkspaceItem.model_validate(WorkspaceService.measured(workspace))


def _details(workspace: WorkspaceRecord) -> WorkspaceDetails:
    return WorkspaceDetails.model_validate(WorkspaceService.measured(workspace))
