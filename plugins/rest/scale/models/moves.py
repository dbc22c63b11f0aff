"""Moves of files inside their workspaces: beyond the seed, in its style."""

from plugins.rest.scale.models.files import WorkspaceBrief
from plugins.rest.wire import Time, WireModel


class MovingFile(WireModel):
    """The file of a move, and where it is now."""

    id: int
    file_name: str
    file_path: str


class MoveItem(WireModel):
    """A move that is not over: `problem` says why the last try failed, `not_before` waits."""

    id: int
    file: MovingFile
    workspace: WorkspaceBrief
    directory: str
    new_path: str | None
    moved: Time | None
    problem: str | None
    attempts: int
    not_before: Time
    created: Time
