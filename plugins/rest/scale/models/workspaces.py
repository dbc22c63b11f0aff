"""Workspaces (seed 001, Workspace Services)."""

from typing import Any

from plugins.rest.wire import Time, WireModel


class WorkspaceItem(WireModel):
    """A workspace in a list; sizes in bytes, null when out of reach, or without a limit."""

    id: int
    name: str
    title: str | None
    description: str | None
    base_url: str | None
    is_active: bool
    is_move_enabled: bool
    used_size: int | None
    total_size: int | None
    created: Time
    archived: Time | None
    last_modified: Time


class WorkspaceDetails(WorkspaceItem):
    """A workspace with where it keeps its files."""

    json_config: dict[str, Any]
