"""Lists and details of workspaces and errors (seed 001, Workspace and Error Services)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select, text

from catalog.database import Database
from catalog.queries.keyset import Slice, SliceRequest
from catalog.queries.listing import Listing, Page, PageRequest, any_of
from catalog.queries.shape import Shape
from catalog.records.configuration import ErrorRecord, UsageRecord, WorkspaceRecord
from catalog.tables import Error, Workspace, WorkspaceUsage

_WORKSPACES: Final = Listing(
    noun="workspace",
    root=Workspace,
    shape=Shape(WorkspaceRecord, Workspace),
    default_order=("name",),
)
_ERRORS: Final = Listing(noun="error", root=Error, shape=Shape(ErrorRecord, Error))


class WorkspaceQueries:
    """Reads workspaces."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, request: PageRequest, names: Sequence[str] = ()) -> Page[WorkspaceRecord]:
        """Return a page of workspaces, of these names if any are given."""
        with self._database.reading_page(request.page) as connection:
            return _WORKSPACES.page(connection, request, *any_of(Workspace.name, names))

    def slice(self, request: SliceRequest) -> Slice[WorkspaceRecord]:
        """Return some workspaces, newest first."""
        with self._database.reading() as connection:
            return _WORKSPACES.slice(connection, request)

    def one(self, workspace_id: int) -> WorkspaceRecord:
        """Return a workspace, or raise `NotFoundError`."""
        with self._database.reading() as connection:
            return _WORKSPACES.one(connection, workspace_id)

    def usage(self, workspace_id: int, since: datetime, step: timedelta) -> tuple[UsageRecord, ...]:
        """Return how full a workspace was, the fullest moment of each step of time, by time.

        A bucket has no limits, so it is never full: nothing is returned of it.
        """
        start = func.date_bin(step, WorkspaceUsage.measured, since)
        statement = (
            select(
                start.label("start"),
                func.max(WorkspaceUsage.used_size),
                func.max(WorkspaceUsage.total_size),
                func.min(WorkspaceUsage.free_size),
            )
            .where(
                WorkspaceUsage.workspace_id == workspace_id,
                WorkspaceUsage.measured >= since,
                WorkspaceUsage.total_size.is_not(None),
            )
            .group_by(text("start"))
            .order_by(text("start"))
        )
        with self._database.reading() as connection:
            return tuple(UsageRecord(*row) for row in connection.execute(statement))


class ErrorQueries:
    """Reads errors."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, request: PageRequest) -> Page[ErrorRecord]:
        """Return a page of errors."""
        with self._database.reading_page(request.page) as connection:
            return _ERRORS.page(connection, request)

    def one(self, error_id: int) -> ErrorRecord:
        """Return an error, or raise `NotFoundError`."""
        with self._database.reading() as connection:
            return _ERRORS.one(connection, error_id)
