"""Which of Airflow's state colours a state of the catalogue has; the names are CSS classes."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from catalog.states import ErrorCategory, ExecutionStatus, IngestStatus, JobStatus


class Tone(StrEnum):
    """A state of Airflow, for its colour."""

    SUCCESS = "success"
    FAILED = "failed"
    RUNNING = "running"
    QUEUED = "queued"
    SCHEDULED = "scheduled"
    UPSTREAM_FAILED = "upstream-failed"
    SKIPPED = "skipped"
    DEFERRED = "deferred"
    NONE = "none"


_OF_JOBS: Final[Mapping[JobStatus, Tone]] = {
    JobStatus.PENDING: Tone.SCHEDULED,
    JobStatus.BLOCKED: Tone.UPSTREAM_FAILED,
    JobStatus.QUEUED: Tone.QUEUED,
    JobStatus.RUNNING: Tone.RUNNING,
    JobStatus.FAILED: Tone.FAILED,
    JobStatus.COMPLETED: Tone.SUCCESS,
    JobStatus.CANCELED: Tone.SKIPPED,
}
_OF_INGESTS: Final[Mapping[IngestStatus, Tone]] = {
    IngestStatus.TRANSFERRING: Tone.RUNNING,
    IngestStatus.TRANSFERRED: Tone.SCHEDULED,
    IngestStatus.QUEUED: Tone.QUEUED,
    IngestStatus.DEFERRED: Tone.DEFERRED,
    IngestStatus.INGESTING: Tone.RUNNING,
    IngestStatus.INGESTED: Tone.SUCCESS,
    IngestStatus.DUPLICATE: Tone.SKIPPED,
    IngestStatus.ERRORED: Tone.FAILED,
}
_OF_CATEGORIES: Final[Mapping[ErrorCategory, Tone]] = {
    ErrorCategory.SYSTEM: Tone.FAILED,
    ErrorCategory.ALGORITHM: Tone.DEFERRED,
    ErrorCategory.DATA: Tone.UPSTREAM_FAILED,
}


def tone(state: JobStatus | ExecutionStatus | IngestStatus | ErrorCategory | None) -> Tone:
    """Return the colour of a state; that of nothing for None."""
    match state:
        case None:
            return Tone.NONE
        case JobStatus():
            return _OF_JOBS[state]
        case ExecutionStatus():
            return _OF_JOBS[JobStatus(state)]
        case IngestStatus():
            return _OF_INGESTS[state]
        case ErrorCategory():
            return _OF_CATEGORIES[state]
