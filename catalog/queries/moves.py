"""Lists of the moves of files inside their workspaces that are not over."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from catalog.database import Database
from catalog.queries.listing import Listing, Page, PageRequest
from catalog.queries.parts import WORKSPACE, WorkspaceBrief
from catalog.queries.shape import Shape
from catalog.tables import FileMove, ScaleFile, Workspace


@dataclass(frozen=True, slots=True)
class MovingFile:
    """The file of a move, and where it is now."""

    id: int
    file_name: str
    file_path: str


@dataclass(frozen=True, slots=True)
class MoveRow:
    """A move in a list; `problem` says why the last try failed, `not_before` when the next is."""

    id: int
    file: MovingFile
    workspace: WorkspaceBrief
    directory: str
    new_path: str | None
    moved: datetime | None
    problem: str | None
    attempts: int
    not_before: datetime
    created: datetime


_MOVES: Final = Listing(
    noun="move",
    root=FileMove,
    shape=Shape(MoveRow, FileMove, file=Shape(MovingFile, ScaleFile), workspace=WORKSPACE),
    joins=(
        (ScaleFile, ScaleFile.id == FileMove.file_id),
        (Workspace, Workspace.id == FileMove.workspace_id),
    ),
    default_order=("id",),
    time=FileMove.created,
)


class MoveQueries:
    """Reads moves."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, request: PageRequest, *, has_problem: bool | None = None) -> Page[MoveRow]:
        """Return a page of the moves that are not over, or of those that failed, or did not."""
        where = () if has_problem is None else (FileMove.problem.is_not(None) == has_problem,)
        with self._database.reading_page(request.page) as connection:
            return _MOVES.page(connection, request, *where)
