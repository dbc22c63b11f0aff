"""Records of what is submitted, registered and queued by name."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from catalog.records.staging import NOTHING, Staging
from schemas.job_data import JobData

DEFAULT_POOL = "default"
"""The queue of jobs that name none."""
NO_DATA = JobData(inputs={}, output_workspaces={})


@dataclass(frozen=True, slots=True)
class Submission:
    """A job as somebody asks for it; what is None is as the job type says. Times in seconds.

    Parameters
    ----------
    user
        Who asks.
    owner
        Whose job it is; who asks, if that is None.
    origin
        The dialect that it was asked in.
    data
        Values of the inputs; outputs without a workspace go to that of results.
    uid
        The name of the job outside the catalogue.
    name
        What the submitter calls the job.
    parameters
        The submission as it was given.
    payload_hash
        The same for submissions that ask for the same work.
    is_deduplicated
        Whether a job with the same `payload_hash` that is queued, runs or has completed will do.
    """

    job_type_id: int
    user: str
    origin: str
    data: JobData = NO_DATA
    uid: UUID = field(default_factory=uuid4)
    owner: str | None = None
    name: str | None = None
    tags: tuple[str, ...] = ()
    pool: str | None = None
    priority: int | None = None
    timeout: int | None = None
    soft_timeout: int | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    staging: Staging = NOTHING
    parameters: Mapping[str, Any] | None = None
    payload_hash: str | None = None
    is_deduplicated: bool = False


@dataclass(frozen=True, slots=True)
class AdHocType:
    """A job type that follows from a submission or a registered document.

    Parameters
    ----------
    document
        The job type as in a configuration document, version 1.0.
    output_patterns
        Output name to glob patterns below the output directory.
    """

    document: Mapping[str, Any]
    output_patterns: Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class PoolRecord:
    """A queue that jobs are submitted to; its shares of the cluster in percent."""

    id: int
    name: str
    description: str | None
    capacity: float | None
    max_capacity: float | None
    created: datetime
    last_modified: datetime


@dataclass(frozen=True, slots=True)
class RegistrationRecord:
    """A document that somebody registered."""

    kind: str
    key: str
    document: dict[str, Any]
    job_type_id: int | None
    created: datetime
    last_modified: datetime
