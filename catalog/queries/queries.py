"""Every read model, over one database."""

from catalog.database import Database
from catalog.queries.candidates import CandidateQueries
from catalog.queries.configuration import ErrorQueries, WorkspaceQueries
from catalog.queries.directories import DirectoryQueries
from catalog.queries.export import ExportQueries
from catalog.queries.failures import FailureQueries
from catalog.queries.file_list import FileListQueries
from catalog.queries.file_page import FilePageQueries
from catalog.queries.file_updates import FileUpdateQueries
from catalog.queries.files import FileQueries
from catalog.queries.first_steps import FirstStepQueries
from catalog.queries.ingest_list import IngestListQueries
from catalog.queries.ingest_status import IngestStatusQueries
from catalog.queries.ingests import IngestQueries, StrikeQueries
from catalog.queries.job_executions import ExecutionQueries
from catalog.queries.job_list import JobListQueries
from catalog.queries.job_sets import JobSetQueries
from catalog.queries.job_type_status import JobTypeStatusQueries
from catalog.queries.jobs import JobQueries
from catalog.queries.load import LoadQueries
from catalog.queries.metrics import MetricsQueries
from catalog.queries.moves import MoveQueries
from catalog.queries.nodes import NodeQueries
from catalog.queries.overview import OverviewQueries
from catalog.queries.pools import PoolQueries
from catalog.queries.provenance import ProvenanceQueries
from catalog.queries.queue import QueueQueries
from catalog.queries.recipe_list import RecipeListQueries
from catalog.queries.recipes import RecipeQueries
from catalog.queries.runs import RunQueries
from catalog.queries.scans import ScanQueries
from catalog.queries.searches import SearchQueries
from catalog.queries.triggers import TriggerQueries
from catalog.queries.types import JobTypeQueries, RecipeTypeQueries
from catalog.queries.waiting import WaitingQueries
from catalog.queries.work import WorkQueries


class Queries:
    """What a process reads for people; nothing here writes."""

    def __init__(self, database: Database) -> None:
        self.candidates = CandidateQueries(database)
        self.directories = DirectoryQueries(database)
        self.errors = ErrorQueries(database)
        self.overview = OverviewQueries(database)
        self.executions = ExecutionQueries(database)
        self.export = ExportQueries(database)
        self.failures = FailureQueries(database)
        self.file_list = FileListQueries(database)
        self.file_page = FilePageQueries(database)
        self.file_updates = FileUpdateQueries(database)
        self.files = FileQueries(database)
        self.first_steps = FirstStepQueries(database)
        self.ingest_list = IngestListQueries(database)
        self.ingest_status = IngestStatusQueries(database)
        self.ingests = IngestQueries(database)
        self.job_list = JobListQueries(database)
        self.job_type_status = JobTypeStatusQueries(database)
        self.job_types = JobTypeQueries(database)
        self.job_sets = JobSetQueries(database)
        self.jobs = JobQueries(database)
        self.nodes = NodeQueries(database)
        self.load = LoadQueries(database)
        self.metrics = MetricsQueries(database)
        self.moves = MoveQueries(database)
        self.pools = PoolQueries(database)
        self.provenance = ProvenanceQueries(database)
        self.queue = QueueQueries(database)
        self.recipe_types = RecipeTypeQueries(database)
        self.recipe_list = RecipeListQueries(database)
        self.recipes = RecipeQueries(database)
        self.runs = RunQueries(database)
        self.scans = ScanQueries(database)
        self.searches = SearchQueries(database)
        self.strikes = StrikeQueries(database)
        self.triggers = TriggerQueries(database)
        self.waiting = WaitingQueries(database)
        self.work = WorkQueries(database)
        self.workspaces = WorkspaceQueries(database)
