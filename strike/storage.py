"""The storage of the workspaces that a Strike process may store in. Imports without Airflow."""

from collections.abc import Iterable

from catalog.brokers import Broker, broker_of
from catalog.errors import InvalidError
from catalog.records.configuration import WorkspaceRecord


class Storage:
    """The brokers of workspaces, as they were at the start of a pass."""

    def __init__(self) -> None:
        self.problem: str | None = None
        self._brokers: dict[int, Broker] = {}

    def look(self, workspaces: Iterable[WorkspaceRecord]) -> None:
        """Take in the workspaces; files wait for one that cannot be reached."""
        self.problem = None
        brokers = {}
        for each in workspaces:
            try:
                brokers[each.id] = broker_of(each.json_config)
            except InvalidError as error:
                self.problem = f"The workspace {each.name!r} cannot be used: {error}"
        self._brokers = brokers

    def of(self, workspace_id: int | None) -> Broker | None:
        """Return the broker of a workspace; None if it cannot be used, or there is none."""
        return None if workspace_id is None else self._brokers.get(workspace_id)
