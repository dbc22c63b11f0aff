"""Every read model, over one database."""

from catalog.database import Database
from catalog.queries.configuration import ErrorQueries, WorkspaceQueries
from catalog.queries.overview import OverviewQueries


class Queries:
    """What a process reads for people; nothing here writes."""

    def __init__(self, database: Database) -> None:
        self.errors = ErrorQueries(database)
        self.overview = OverviewQueries(database)
        self.workspaces = WorkspaceQueries(database)
