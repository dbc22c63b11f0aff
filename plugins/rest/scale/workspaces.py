"""Workspaces (seed 001, Workspace Services; creating and editing are beyond the seed)."""

from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final

from fastapi import Request, Response
from pydantic import BaseModel, Field

from plugins.rest.dependencies import CatalogueDep
from plugins.rest.parameters import PageDep, RowId, Text, Texts
from plugins.rest.routing import SlashRouter
from plugins.rest.scale.body_schemas import WorkspaceDocument
from plugins.rest.scale.models.cautions import Warnings
from plugins.rest.scale.models.workspaces import WorkspaceDetails, WorkspaceItem
from plugins.rest.wire import Envelope, Links, envelope

router = SlashRouter(tags=["workspaces"])


MoveEnabled: Final[Any] = Field(
    default=True, strict=True, description="Whether parse results may move files inside it."
)


IsActive: Final[Any] = Field(
    default=True, strict=True, description="False archives the workspace, true brings it back."
)


class NewWorkspace(BaseModel):
    """What a workspace is made from."""

    name: Text
    json_config: WorkspaceDocument
    title: Text | None = None
    description: Text | None = None
    base_url: Text | None = None
    is_move_enabled: bool = MoveEnabled
    is_active: bool = IsActive


class WorkspaceChanges(BaseModel):
    """What of a workspace is to change; what is not given stays."""

    title: Text | None = None
    description: Text | None = None
    base_url: Text | None = None
    is_move_enabled: bool = MoveEnabled
    json_config: WorkspaceDocument = Field(default_factory=dict)
    is_active: bool = IsActive


@router.get("/workspaces/", summary="List workspaces")
def list_workspaces(
    http: Request, catalogue: CatalogueDep, page: PageDep, name: Texts
) -> Envelope[WorkspaceItem]:
    """Return the workspaces, by name, with the sizes their storage has now."""
    found = catalogue.queries.workspaces.page(page, name)
    measured = catalogue.workspaces.all_measured(found.rows)
    return envelope(http, page, replace(found, rows=measured), WorkspaceItem)


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
        is_move_enabled=body.is_move_enabled,
        is_active=body.is_active,
    )
    response.headers["Location"] = Links.of(http).to(f"/workspaces/{workspace.id}/")
    return WorkspaceDetails.of(http, catalogue.workspaces.measured(workspace))


@router.post("/workspaces/validation/", summary="Check a workspace")
def validate_workspace(catalogue: CatalogueDep, body: NewWorkspace) -> Warnings:
    """Return what saving a workspace, new or edited, would warn of; nothing is saved."""
    return Warnings.about(catalogue.workspaces.validate(body.name, body.json_config))


@router.get("/workspaces/{workspace_id}/", summary="Show a workspace")
def show_workspace(http: Request, catalogue: CatalogueDep, workspace_id: RowId) -> WorkspaceDetails:
    """Return a workspace with its configuration."""
    workspace = catalogue.queries.workspaces.one(workspace_id)
    return WorkspaceDetails.of(http, catalogue.workspaces.measured(workspace))


@router.patch("/workspaces/{workspace_id}/", summary="Edit a workspace")
def edit_workspace(
    http: Request, catalogue: CatalogueDep, workspace_id: RowId, body: WorkspaceChanges
) -> WorkspaceDetails:
    """Change what is given; its files are looked for where the configuration says afterwards."""
    workspace = catalogue.workspaces.edit(workspace_id, body.model_dump(exclude_unset=True))
    return WorkspaceDetails.of(http, catalogue.workspaces.measured(workspace))
