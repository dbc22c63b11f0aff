"""Records of jobs that were submitted together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from catalog.records.staging import NOTHING, Staging
from catalog.states import JobSetOutcome


@dataclass(frozen=True, slots=True)
class JobSetRecord:
    """Jobs that run beside each other under one name; see `catalog.tables.JobSet`."""

    id: int
    uid: UUID
    name: str
    user_name: str
    origin: str
    pool: str
    document: dict[str, Any]
    min_completed: int
    max_retries: int
    retries: int
    outcome: JobSetOutcome | None
    exit_code: int | None
    reason: str | None
    created: datetime
    ended: datetime | None
    archived: datetime | None


@dataclass(frozen=True, slots=True)
class TaskOrder:
    """One task as it is asked for; memory in MiB.

    Parameters
    ----------
    role, index
        Its place in the set.
    ports
        Ports of its host that it has for itself.
    parameters
        What the dialect wants to read of it again; environments are too long for that.
    """

    role: str
    index: int
    command: str
    cpus: float
    mem: float
    gpus: int = 0
    ports: Sequence[int] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JobSetOrder:
    """Jobs that are asked for together.

    Parameters
    ----------
    image
        The image that they run in; None for processes of a host.
    environment
        What all tasks are given besides their own.
    """

    name: str
    user: str
    origin: str
    pool: str
    document: Mapping[str, Any]
    tasks: Sequence[TaskOrder]
    min_completed: int
    max_retries: int
    image: str | None = None
    staging: Staging = NOTHING
    environment: Mapping[str, str] = field(default_factory=dict)
