"""The store of how full workspaces were."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from catalog.brokers import Sizes
from catalog.tables import Workspace, WorkspaceUsage


class UsageStore:
    """Rows of measurements."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def lacking(self, moment: datetime) -> dict[int, dict[str, object]]:
        """Return the configurations of the active workspaces not measured at a moment, by id."""
        measured = select(WorkspaceUsage.workspace_id).where(WorkspaceUsage.measured == moment)
        rows = self._session.execute(
            select(Workspace.id, Workspace.json_config).where(
                Workspace.is_active, Workspace.id.not_in(measured)
            )
        )
        return {row.id: row.json_config for row in rows}

    def add(self, moment: datetime, sizes: Mapping[int, Sizes]) -> None:
        """Add measurements by workspace id; those that are there already stay."""
        rows = [
            {
                "workspace_id": workspace_id,
                "measured": moment,
                "used_size": each.used,
                "total_size": each.total,
                "free_size": each.free,
            }
            for workspace_id, each in sizes.items()
        ]
        if rows:
            self._session.execute(insert(WorkspaceUsage).values(rows).on_conflict_do_nothing())

    def forget(self, before: datetime) -> None:
        """Remove what is older."""
        self._session.execute(delete(WorkspaceUsage).where(WorkspaceUsage.measured < before))
