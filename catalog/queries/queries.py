"""Every read model, over one database."""

from catalog.database import Database
from catalog.queries.configuration import ErrorQueries, WorkspaceQueries
from catalog.queries.files import FileQueries
from catalog.queries.ingests import IngestQueries, StrikeQueries
from catalog.queries.job_executions import ExecutionQueries
from catalog.queries.jobs import JobQueries
from catalog.queries.load import LoadQueries
from catalog.queries.metrics import MetricsQueries
from catalog.queries.overview import OverviewQueries
from catalog.queries.queue import QueueQueries
from catalog.queries.recipes import RecipeQueries
from catalog.queries.types import JobTypeQueries, RecipeTypeQueries


class Queries:
    """What a process reads for people; nothing here writes."""

    def __init__(self, database: Database) -> None:
        self.errors = ErrorQueries(database)
        self.overview = OverviewQueries(database)
        self.executions = ExecutionQueries(database)
        self.files = FileQueries(database)
        self.ingests = IngestQueries(database)
        self.job_types = JobTypeQueries(database)
        self.jobs = JobQueries(database)
        self.load = LoadQueries(database)
        self.metrics = MetricsQueries(database)
        self.queue = QueueQueries(database)
        self.recipe_types = RecipeTypeQueries(database)
        self.recipes = RecipeQueries(database)
        self.strikes = StrikeQueries(database)
        self.workspaces = WorkspaceQueries(database)
