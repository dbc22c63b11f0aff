"""All tables of the catalogue; importing this package registers them with one metadata object."""

from catalog.tables.admission import Admitter, Waiting
from catalog.tables.base import Base
from catalog.tables.components import Component
from catalog.tables.configuration import (
    ConfigurationFile,
    Error,
    JobType,
    JobTypeRevision,
    RecipeType,
    RecipeTypeRevision,
    TriggerRule,
    Workspace,
    WorkspaceUsage,
)
from catalog.tables.deliveries import JobFeed, JobUpdate
from catalog.tables.dispatch import DagShard, DagSnapshot, Definitions, Outbox
from catalog.tables.files import FileAncestry, FileMove, Ingest, Preview, ScaleFile, Scan, Strike
from catalog.tables.job_sets import JobSet, JobSetTask
from catalog.tables.metrics import (
    ClockTick,
    IngestMetrics,
    JobLoad,
    JobTypeMetrics,
    LoadMeasurement,
)
from catalog.tables.submissions import Pool, Registration
from catalog.tables.tallies import TALLY
from catalog.tables.work import (
    Job,
    JobExecution,
    Node,
    Recipe,
    RecipeJob,
    Scheduler,
    TriggerEvent,
    TriggerGroup,
)

__all__ = [
    "TALLY",
    "Admitter",
    "Base",
    "ClockTick",
    "Component",
    "ConfigurationFile",
    "DagShard",
    "DagSnapshot",
    "Definitions",
    "Error",
    "FileAncestry",
    "FileMove",
    "Ingest",
    "IngestMetrics",
    "Job",
    "JobExecution",
    "JobFeed",
    "JobLoad",
    "JobSet",
    "JobSetTask",
    "JobType",
    "JobTypeMetrics",
    "JobTypeRevision",
    "JobUpdate",
    "LoadMeasurement",
    "Node",
    "Outbox",
    "Pool",
    "Preview",
    "Recipe",
    "RecipeJob",
    "RecipeType",
    "RecipeTypeRevision",
    "Registration",
    "ScaleFile",
    "Scan",
    "Scheduler",
    "Strike",
    "TriggerEvent",
    "TriggerGroup",
    "TriggerRule",
    "Waiting",
    "Workspace",
    "WorkspaceUsage",
]
