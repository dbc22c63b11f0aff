"""The closed sets of the catalogue, and the transitions allowed between states.

A state is changed by compare-and-set only: the store updates the row where it still has
the state the caller saw, and a transition that is not listed here cannot be written.
Source: seed 001, Job, Job Execution and Ingest Services; contract section 4.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class JobStatus(StrEnum):
    """Where a job is: PENDING waits for parents, BLOCKED has a parent that will not complete."""

    PENDING = "PENDING"
    BLOCKED = "BLOCKED"
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    FAILED = "FAILED"
    COMPLETED = "COMPLETED"
    CANCELED = "CANCELED"


class JobSetOutcome(StrEnum):
    """How jobs ended that were submitted together."""

    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    STOPPED = "STOPPED"


class ExecutionStatus(StrEnum):
    """Where one execution of a job is; the last three are final."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    FAILED = "FAILED"
    COMPLETED = "COMPLETED"
    CANCELED = "CANCELED"


class IngestStatus(StrEnum):
    """Where one generation of a file is between the ingest directory and a workspace."""

    TRANSFERRING = "TRANSFERRING"
    TRANSFERRED = "TRANSFERRED"
    QUEUED = "QUEUED"
    DEFERRED = "DEFERRED"
    INGESTING = "INGESTING"
    INGESTED = "INGESTED"
    DUPLICATE = "DUPLICATE"
    ERRORED = "ERRORED"


class ScanStatus(StrEnum):
    """Where a scan is: SCANNED is the end of a dry run, INGESTED the end for good."""

    CREATED = "CREATED"
    QUEUED = "QUEUED"
    SCANNING = "SCANNING"
    SCANNED = "SCANNED"
    INGESTED = "INGESTED"
    FAILED = "FAILED"


class ErrorCategory(StrEnum):
    """Who can mend an error: operator (SYSTEM), developer (ALGORITHM), provider (DATA)."""

    SYSTEM = "SYSTEM"
    ALGORITHM = "ALGORITHM"
    DATA = "DATA"


class FileKind(StrEnum):
    """A source came from outside; a product was made by a job."""

    SOURCE = "SOURCE"
    PRODUCT = "PRODUCT"


class EventType(StrEnum):
    """What made the system act."""

    INGEST = "INGEST"
    PARSE = "PARSE"
    CLOCK = "CLOCK"
    USER = "USER"
    STRIKE_CREATED = "STRIKE_CREATED"


JOB_TRANSITIONS: Final[Mapping[JobStatus, frozenset[JobStatus]]] = {
    JobStatus.PENDING: frozenset({JobStatus.QUEUED, JobStatus.BLOCKED, JobStatus.CANCELED}),
    JobStatus.BLOCKED: frozenset({JobStatus.PENDING, JobStatus.CANCELED}),
    JobStatus.QUEUED: frozenset({JobStatus.RUNNING, JobStatus.FAILED, JobStatus.CANCELED}),
    JobStatus.RUNNING: frozenset(
        {JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELED, JobStatus.QUEUED}
    ),
    JobStatus.FAILED: frozenset({JobStatus.QUEUED, JobStatus.PENDING, JobStatus.CANCELED}),
    JobStatus.CANCELED: frozenset({JobStatus.QUEUED, JobStatus.PENDING, JobStatus.BLOCKED}),
    JobStatus.COMPLETED: frozenset(),
}

EXECUTION_TRANSITIONS: Final[Mapping[ExecutionStatus, frozenset[ExecutionStatus]]] = {
    ExecutionStatus.QUEUED: frozenset(
        {ExecutionStatus.RUNNING, ExecutionStatus.FAILED, ExecutionStatus.CANCELED}
    ),
    ExecutionStatus.RUNNING: frozenset(
        {
            ExecutionStatus.COMPLETED,
            ExecutionStatus.FAILED,
            ExecutionStatus.CANCELED,
            ExecutionStatus.QUEUED,
        }
    ),
    ExecutionStatus.FAILED: frozenset(),
    ExecutionStatus.COMPLETED: frozenset(),
    ExecutionStatus.CANCELED: frozenset(),
}

INGEST_TRANSITIONS: Final[Mapping[IngestStatus, frozenset[IngestStatus]]] = {
    IngestStatus.TRANSFERRING: frozenset({IngestStatus.TRANSFERRED, IngestStatus.ERRORED}),
    IngestStatus.TRANSFERRED: frozenset(
        {IngestStatus.QUEUED, IngestStatus.DEFERRED, IngestStatus.ERRORED}
    ),
    IngestStatus.QUEUED: frozenset({IngestStatus.INGESTING, IngestStatus.ERRORED}),
    IngestStatus.DEFERRED: frozenset(
        {IngestStatus.TRANSFERRED, IngestStatus.QUEUED, IngestStatus.ERRORED}
    ),
    IngestStatus.INGESTING: frozenset(
        {IngestStatus.INGESTED, IngestStatus.DUPLICATE, IngestStatus.ERRORED}
    ),
    IngestStatus.ERRORED: frozenset({IngestStatus.TRANSFERRING}),
    IngestStatus.INGESTED: frozenset(),
    IngestStatus.DUPLICATE: frozenset(),
}
