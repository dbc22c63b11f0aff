"""All tables of the catalogue; importing this package registers them with one metadata object."""

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
)
from catalog.tables.dispatch import DagShard, DagSnapshot, Definitions, Outbox
from catalog.tables.files import FileAncestry, Ingest, ScaleFile, Strike
from catalog.tables.metrics import (
    ClockTick,
    IngestMetrics,
    JobLoad,
    JobTypeMetrics,
    LoadMeasurement,
)
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
    "Base",
    "ClockTick",
    "Component",
    "ConfigurationFile",
    "DagShard",
    "DagSnapshot",
    "Definitions",
    "Error",
    "FileAncestry",
    "Ingest",
    "IngestMetrics",
    "Job",
    "JobExecution",
    "JobLoad",
    "JobType",
    "JobTypeMetrics",
    "JobTypeRevision",
    "LoadMeasurement",
    "Node",
    "Outbox",
    "Recipe",
    "RecipeJob",
    "RecipeType",
    "RecipeTypeRevision",
    "ScaleFile",
    "Scheduler",
    "Strike",
    "TriggerEvent",
    "TriggerGroup",
    "TriggerRule",
    "Workspace",
]
