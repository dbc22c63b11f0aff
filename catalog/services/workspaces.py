"""Workspaces: creating them, and how full they are (seed 001, Workspace Services)."""

from dataclasses import replace

from catalog.brokers import broker_of
from catalog.database import Database
from catalog.errors import InvalidError
from catalog.records.configuration import WorkspaceRecord
from schemas.problems import DocumentError
from schemas.workspace_configuration import WorkspaceConfiguration


class WorkspaceService:
    """Creates and describes workspaces."""

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
    ) -> WorkspaceRecord:
        """Create a workspace.

        Raises
        ------
        InvalidError
            Raised if the configuration is not valid or the name is taken.
        """
        if not name:
            raise InvalidError("The name of the workspace is empty. Give it a name.")
        try:
            configuration = WorkspaceConfiguration.parse(json_config)
        except DocumentError as error:
            raise InvalidError(str(error)) from error
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
                json_config=configuration.to_json(),
            )

    @staticmethod
    def measured(workspace: WorkspaceRecord) -> WorkspaceRecord:
        """Return a workspace with the sizes its storage has now, null while it is out of reach."""
        sizes = broker_of(workspace.json_config).sizes()
        if sizes is None:
            return workspace
        return replace(workspace, used_size=sizes[0], total_size=sizes[1])
