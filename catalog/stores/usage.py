"""The store of how full workspaces were."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.orm import Session

from catalog.brokers import Sizes
from catalog.tables import ScaleFile, Workspace, WorkspaceUsage


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

    def stored(self, workspace_ids: Collection[int]) -> dict[int, int]:
        """Return the bytes of the files that stand in workspaces, by the catalogue."""
        rows = self._session.execute(
            select(ScaleFile.workspace_id, func.sum(ScaleFile.file_size))
            .where(ScaleFile.workspace_id.in_(workspace_ids), ~ScaleFile.is_deleted)
            .group_by(ScaleFile.workspace_id)
        )
        found = {workspace_id: int(size) for workspace_id, size in rows}
        return {each: found.get(each, 0) for each in workspace_ids}

    def latest(self, workspace_ids: Collection[int]) -> dict[int, int]:
        """Return the used bytes of workspaces as they were measured last, by id."""
        rows = self._session.execute(
            select(WorkspaceUsage.workspace_id, WorkspaceUsage.used_size)
            .where(WorkspaceUsage.workspace_id.in_(workspace_ids))
            .ext(distinct_on(WorkspaceUsage.workspace_id))
            .order_by(WorkspaceUsage.workspace_id, WorkspaceUsage.measured.desc())
        )
        return {workspace_id: size for workspace_id, size in rows}  # noqa: C416  # rows are no pairs

    def forget(self, before: datetime) -> None:
        """Remove what is older."""
        self._session.execute(delete(WorkspaceUsage).where(WorkspaceUsage.measured < before))
