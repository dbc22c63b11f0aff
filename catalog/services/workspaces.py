"""Workspaces: creating and editing them, and how full they are (seed 001, Workspace Services)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from catalog.brokers import Sizes, broker_of
from catalog.database import Database
from catalog.errors import InvalidError
from catalog.records.configuration import WorkspaceRecord
from catalog.services.saving import Caution, has_values
from catalog.services.types import activity
from schemas.problems import DocumentError
from schemas.workspace_configuration import WorkspaceConfiguration

_EDITABLE: Final = ("title", "description", "base_url", "is_move_enabled", "json_config")


class WorkspaceService:
    """Creates, edits and describes workspaces."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(
        self,
        name: str,
        json_config: object,
        *,
        title: str | None = None,
        description: str | None = None,
        base_url: str | None = None,
        is_move_enabled: bool = True,
        is_active: bool = True,
    ) -> WorkspaceRecord:
        """Create a workspace; one that is not active is archived from the beginning.

        Raises
        ------
        InvalidError
            Raised if the configuration is not valid or the name is taken.
        """
        checked = _checked(name, json_config)
        with self._database.transaction() as tx:
            tx.definitions.lock()
            if tx.workspaces.find(name) is not None:
                raise InvalidError(
                    f"There is a workspace named {name!r} already. Choose another name."
                )
            return tx.workspaces.add(
                name=name,
                title=title or name,
                description=description,
                base_url=base_url,
                is_move_enabled=is_move_enabled,
                json_config=checked,
                **activity({"is_active": is_active}, is_active=True),
            )

    def validate(self, name: str, json_config: object) -> tuple[Caution, ...]:
        """Return what saving a workspace would warn of; saves nothing.

        Raises
        ------
        InvalidError
            Raised if the configuration is not valid or the name is empty.
        """
        checked = _checked(name, json_config)
        try:
            sizes = broker_of(checked).sizes()
        except InvalidError as error:
            return (Caution("no-connection", str(error)),)
        if sizes is None:
            return (
                Caution(
                    "out-of-reach",
                    f"The storage of workspace {name!r} cannot be reached from this host. Check"
                    " that it is mounted at the path of the configuration, or that bucket,"
                    " endpoint and credentials are right.",
                ),
            )
        return ()

    def edit(self, workspace_id: int, changes: Mapping[str, Any]) -> WorkspaceRecord:
        """Change a workspace; what is not given stays.

        Parameters
        ----------
        changes
            Any of title, description, base_url, is_move_enabled, json_config and is_active.

        Raises
        ------
        NotFoundError
            Raised if there is no such workspace.
        InvalidError
            Raised if the configuration is not valid.
        """
        with self._database.transaction() as tx:
            tx.definitions.lock()
            existing = tx.workspaces.get(workspace_id)
            values = {name: changes[name] for name in _EDITABLE if name in changes}
            if "title" in values:
                values["title"] = values["title"] or existing.name
            if "json_config" in values:
                values["json_config"] = _checked(existing.name, values["json_config"])
            values |= activity(changes, is_active=existing.is_active)
            if has_values(existing, values):
                return existing
            return tx.workspaces.update(existing.id, values)

    def measured(self, workspace: WorkspaceRecord) -> WorkspaceRecord:
        """Return a workspace with the sizes of its storage, as `all_measured` does."""
        (found,) = self.all_measured([workspace])
        return found

    def all_measured(self, workspaces: Sequence[WorkspaceRecord]) -> tuple[WorkspaceRecord, ...]:
        """Return workspaces with the sizes their storage has now, null while it is out of reach.

        What is used of a bucket is as it was measured last, a quarter of an hour ago at most, or
        now if it never was.
        """
        found = {each.id: sizes_of(each.json_config) for each in workspaces}
        unlimited = Sizes(None, None)
        buckets = [each for each, sizes in found.items() if sizes == unlimited]
        latest = {}
        if buckets:
            with self._database.transaction() as tx:
                latest = tx.usage.latest(buckets)
                latest |= tx.usage.stored([each for each in buckets if each not in latest])
        return tuple(_with_sizes(each, found[each.id], latest.get(each.id)) for each in workspaces)


def _with_sizes(
    workspace: WorkspaceRecord, sizes: Sizes | None, measured: int | None
) -> WorkspaceRecord:
    if sizes is None:
        return workspace
    used = measured if sizes.used is None else sizes.used
    return replace(workspace, used_size=used, total_size=sizes.total)


def sizes_of(json_config: dict[str, Any]) -> Sizes | None:
    """Return how full the storage of a workspace is now, None while it is out of reach."""
    try:
        return broker_of(json_config).sizes()
    except InvalidError:  # its connection is not there
        return None


def _checked(name: str, json_config: object) -> dict[str, Any]:
    """Return the configuration of a workspace in its latest version."""
    if not name:
        raise InvalidError("The name of the workspace is empty. Give it a name.")
    try:
        return WorkspaceConfiguration.parse(json_config).to_json()
    except DocumentError as error:
        raise InvalidError(str(error)) from error
