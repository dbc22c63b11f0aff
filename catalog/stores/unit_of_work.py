"""Every store, inside one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from catalog.stores.admission import AdmissionStore
from catalog.stores.clock import ClockStore
from catalog.stores.components import ComponentStore
from catalog.stores.configuration import (
    ErrorStore,
    JobTypeStore,
    RecipeTypeStore,
    TriggerRuleStore,
    WorkspaceStore,
)
from catalog.stores.definitions import ConfigurationFileStore, DefinitionStore
from catalog.stores.deliveries import DeliveryStore
from catalog.stores.executions import ExecutionStore
from catalog.stores.files import FileStore, ScanStore, StrikeStore
from catalog.stores.groups import GroupStore
from catalog.stores.ingests import IngestStore
from catalog.stores.job_sets import JobSetStore
from catalog.stores.jobs import JobStore
from catalog.stores.metrics import LoadStore, MetricsStore
from catalog.stores.moves import MoveStore
from catalog.stores.nodes import NodeStore
from catalog.stores.outbox import OutboxStore
from catalog.stores.previews import PreviewStore
from catalog.stores.recipes import EventStore, RecipeStore
from catalog.stores.scheduler import SchedulerStore
from catalog.stores.submissions import PoolStore, RegistrationStore
from catalog.stores.tallies import TallyStore
from catalog.stores.usage import UsageStore


class UnitOfWork:
    """The stores of one transaction: services write one fact through as many as it needs."""

    def __init__(self, session: Session) -> None:
        self.workspaces = WorkspaceStore(session)
        self.errors = ErrorStore(session)
        self.rules = TriggerRuleStore(session)
        self.job_types = JobTypeStore(session)
        self.recipe_types = RecipeTypeStore(session)
        self.events = EventStore(session)
        self.groups = GroupStore(session)
        self.recipes = RecipeStore(session)
        self.jobs = JobStore(session)
        self.job_sets = JobSetStore(session)
        self.executions = ExecutionStore(session)
        self.nodes = NodeStore(session)
        self.admission = AdmissionStore(session)
        self.pools = PoolStore(session)
        self.registrations = RegistrationStore(session)
        self.scheduler = SchedulerStore(session)
        self.files = FileStore(session)
        self.moves = MoveStore(session)
        self.previews = PreviewStore(session)
        self.scans = ScanStore(session)
        self.strikes = StrikeStore(session)
        self.ingests = IngestStore(session)
        self.deliveries = DeliveryStore(session)
        self.outbox = OutboxStore(session)
        self.definitions = DefinitionStore(session)
        self.configuration_files = ConfigurationFileStore(session)
        self.clock = ClockStore(session)
        self.components = ComponentStore(session)
        self.load = LoadStore(session)
        self.metrics = MetricsStore(session)
        self.tallies = TallyStore(session)
        self.usage = UsageStore(session)
        self._session = session

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Run a block whose failure undoes only the block, and is raised to the caller."""
        with self._session.begin_nested():
            yield
