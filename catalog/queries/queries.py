"""Every read model, over one database."""

from catalog.database import Database
from catalog.queries.configuration import ErrorQueries, WorkspaceQueries


class Queries:
    """What a process reads for people; nothing here writes."""

    def __init__(self, database: Database) -> None:
        self.errors = ErrorQueries(database)
        self.workspaces = WorkspaceQueries(database)
