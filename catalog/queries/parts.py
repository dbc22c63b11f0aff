"""Records that several read models hold, with the columns a reader wants of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from catalog.queries.listing import Condition, any_of
from catalog.queries.shape import Shape
from catalog.states import EventType
from catalog.tables import (
    JobType,
    JobTypeRevision,
    RecipeType,
    RecipeTypeRevision,
    TriggerEvent,
    TriggerRule,
    Workspace,
)


@dataclass(frozen=True, slots=True)
class WorkspaceBrief:
    """The workspace of a file."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class JobTypeBrief:
    """The job type of a job or product."""

    id: int
    name: str
    version: str
    title: str | None
    description: str | None
    category: str | None
    author_name: str | None
    author_url: str | None
    is_system: bool
    is_long_running: bool
    is_active: bool
    is_operational: bool
    is_paused: bool
    icon_code: str | None


@dataclass(frozen=True, slots=True)
class JobTypeRow(JobTypeBrief):
    """A job type without its documents; `timeout` in seconds, memory and disk in MiB."""

    uses_docker: bool
    docker_privileged: bool
    docker_image: str | None
    revision_num: int
    priority: int
    timeout: int
    max_scheduled: int | None
    max_tries: int
    cpus_required: float
    mem_required: float
    disk_out_const_required: float
    disk_out_mult_required: float
    created: datetime
    archived: datetime | None
    paused: datetime | None
    last_modified: datetime


@dataclass(frozen=True, slots=True)
class JobTypeRevisionBrief:
    """Which revision of its job type a job has."""

    id: int
    job_type_id: int
    revision_num: int


@dataclass(frozen=True, slots=True)
class JobTypeRevisionRow(JobTypeRevisionBrief):
    """The revision of its job type that a job has."""

    interface: dict[str, Any]
    created: datetime


@dataclass(frozen=True, slots=True)
class RecipeTypeBrief:
    """The recipe type of a recipe."""

    id: int
    name: str
    version: str
    title: str
    description: str | None


@dataclass(frozen=True, slots=True)
class RecipeTypeOfRecipe(RecipeTypeBrief):
    """The recipe type of a recipe, as it is now."""

    is_active: bool
    definition: dict[str, Any]
    revision_num: int
    created: datetime
    last_modified: datetime
    archived: datetime | None


@dataclass(frozen=True, slots=True)
class RecipeTypeRevisionBrief:
    """Which revision of its recipe type a recipe has."""

    id: int
    recipe_type_id: int
    revision_num: int


@dataclass(frozen=True, slots=True)
class RecipeTypeRevisionRow(RecipeTypeRevisionBrief):
    """The revision of its recipe type that a recipe has."""

    definition: dict[str, Any]
    created: datetime


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A trigger rule."""

    id: int
    type: EventType
    name: str
    is_active: bool
    configuration: dict[str, Any]
    created: datetime
    archived: datetime | None
    last_modified: datetime


@dataclass(frozen=True, slots=True)
class EventBrief:
    """What made the system act, with the id of the rule that heard it."""

    id: int
    type: EventType
    rule_id: int | None
    occurred: datetime


@dataclass(frozen=True, slots=True)
class EventRow:
    """What made the system act, with the rule that heard it."""

    id: int
    type: EventType
    rule: RuleRow | None
    occurred: datetime
    description: dict[str, Any]


@dataclass(frozen=True, slots=True)
class JobTypeFilter:
    """Which job types rows are wanted of; an empty sequence asks for nothing."""

    ids: Sequence[int] = ()
    names: Sequence[str] = ()
    categories: Sequence[str] = ()

    def conditions(self) -> list[Condition]:
        """Return the conditions on a joined job type."""
        return [
            *any_of(JobType.id, self.ids),
            *any_of(JobType.name, self.names),
            *any_of(JobType.category, self.categories),
        ]

    def resolve(self, connection: Connection) -> Sequence[int] | None:
        """Return the ids of the job types that are wanted; None for all of them.

        Long lists are read along an index of the id, which a join would keep them from.
        """
        if not self.names and not self.categories:
            return self.ids or None
        return connection.scalars(select(JobType.id).where(*self.conditions())).all()


EVERY_JOB_TYPE: Final = JobTypeFilter()
WORKSPACE: Final = Shape(WorkspaceBrief, Workspace)
JOB_TYPE: Final = Shape(JobTypeBrief, JobType)
JOB_TYPE_ROW: Final = Shape(JobTypeRow, JobType)
JOB_TYPE_REV: Final = Shape(JobTypeRevisionBrief, JobTypeRevision)
JOB_TYPE_REV_ROW: Final = Shape(JobTypeRevisionRow, JobTypeRevision)
RECIPE_TYPE: Final = Shape(RecipeTypeBrief, RecipeType)
RECIPE_TYPE_OF_RECIPE: Final = Shape(RecipeTypeOfRecipe, RecipeType)
RECIPE_TYPE_REV: Final = Shape(RecipeTypeRevisionBrief, RecipeTypeRevision)
RECIPE_TYPE_REV_ROW: Final = Shape(RecipeTypeRevisionRow, RecipeTypeRevision)
RULE: Final = Shape(RuleRow, TriggerRule)
EVENT: Final = Shape(EventBrief, TriggerEvent)
EVENT_ROW: Final = Shape(EventRow, TriggerEvent, rule=RULE)
