"""Explicit wiring: every service of the catalogue, over one database."""

from catalog.database import Database
from catalog.queries.queries import Queries
from catalog.services.clock import ClockService
from catalog.services.components import ComponentService
from catalog.services.configuration import ConfigurationService
from catalog.services.configuration_files import ConfigurationFileService
from catalog.services.control import ControlService
from catalog.services.definitions import DefinitionService
from catalog.services.deliveries import DeliveryService
from catalog.services.errors import ErrorService
from catalog.services.executions import ExecutionService
from catalog.services.ingests import IngestService
from catalog.services.job_sets import JobSetService
from catalog.services.job_types import JobTypeService
from catalog.services.jobs import JobService
from catalog.services.load import LoadService
from catalog.services.metrics import MetricsService
from catalog.services.moves import MoveService
from catalog.services.nodes import NodeService, SchedulerService
from catalog.services.pools import PoolService
from catalog.services.previews import PreviewService
from catalog.services.processes import ProcessService
from catalog.services.queue import QueueService
from catalog.services.recipe_types import RecipeTypeService
from catalog.services.registrations import RegistrationService
from catalog.services.removal import RemovalService
from catalog.services.requeue import RequeueService
from catalog.services.runs import RunService
from catalog.services.scans import ScanService
from catalog.services.sources import SourceService
from catalog.services.strikes import StrikeService
from catalog.services.submissions import SubmissionService
from catalog.services.tallies import TallyService
from catalog.services.triggers import TriggerService
from catalog.services.usage import UsageService
from catalog.services.worker_pools import WorkerPoolService
from catalog.services.workspaces import WorkspaceService


class Catalogue:
    """The services a process works with; made once, shared between its threads.

    Parameters
    ----------
    database
        The connection all services use.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = ClockService(database)
        self.components = ComponentService(database)
        self.configuration = ConfigurationService(database)
        self.configuration_files = ConfigurationFileService(database)
        self.control = ControlService(database)
        self.definitions = DefinitionService(database)
        self.deliveries = DeliveryService(database)
        self.errors = ErrorService(database)
        self.executions = ExecutionService(database)
        self.ingests = IngestService(database)
        self.job_types = JobTypeService(database)
        self.job_sets = JobSetService(database)
        self.jobs = JobService(database)
        self.moves = MoveService(database)
        self.nodes = NodeService(database)
        self.load = LoadService(database)
        self.metrics = MetricsService(database)
        self.worker_pools = WorkerPoolService(database)
        self.pools = PoolService(database)
        self.previews = PreviewService(database)
        self.processes = ProcessService(database)
        self.queries = Queries(database)
        self.queue = QueueService(database)
        self.recipe_types = RecipeTypeService(database)
        self.registrations = RegistrationService(database)
        self.removal = RemovalService(database)
        self.requeue = RequeueService(database)
        self.runs = RunService(database)
        self.scheduler = SchedulerService(database)
        self.scans = ScanService(database)
        self.sources = SourceService(database)
        self.strikes = StrikeService(database)
        self.submissions = SubmissionService(database)
        self.triggers = TriggerService(database)
        self.tallies = TallyService(database)
        self.usage = UsageService(database)
        self.workspaces = WorkspaceService(database)

    @classmethod
    def from_environment(cls, *, pool_size: int = 2) -> "Catalogue":
        """Wire the services over the catalogue named by ``AIRSCALE_DATABASE_URL``.

        Parameters
        ----------
        pool_size
            Connections kept open; a process that answers many people at once wants more.
        """
        return cls(Database.from_environment(pool_size=pool_size))
