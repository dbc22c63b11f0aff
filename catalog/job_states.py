"""How a job stands, in one word: its status together with what explains it.

The status of a job says where it is for the catalogue; people and other systems also ask why. The
states are a closed set, and a status that is not known is a state of its own.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from catalog.states import JobStatus

LOST_ERRORS: Final = frozenset({"node-lost", "scheduler-lost", "timeout"})
"""Errors of jobs that were cut off from outside, and may well succeed when they run again."""


class JobState(StrEnum):
    """How a job stands; `state_of` says what each is made of."""

    HELD = "HELD"
    UPSTREAM_FAILED = "UPSTREAM_FAILED"
    QUEUED = "QUEUED"
    RETRY_WAIT = "RETRY_WAIT"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    LOST = "LOST"
    REJECTED = "REJECTED"
    CANCELED = "CANCELED"
    DEDUPED = "DEDUPED"
    ARCHIVED = "ARCHIVED"
    UNKNOWN = "UNKNOWN"


ENDED: Final = frozenset(
    {
        JobState.SUCCEEDED,
        JobState.FAILED,
        JobState.LOST,
        JobState.REJECTED,
        JobState.CANCELED,
        JobState.DEDUPED,
        JobState.ARCHIVED,
    }
)
"""States that a job leaves only when somebody asks for it."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the state of a job follows from.

    Parameters
    ----------
    status
        As it stands in the catalogue.
    error_name
        The error that the job failed with.
    num_exes
        How often it was queued.
    has_started
        Whether its last try began.
    is_duplicate
        Whether another job stands for it.
    is_archived
        Whether somebody removed it.
    """

    status: str
    error_name: str | None = None
    num_exes: int = 0
    has_started: bool = False
    is_duplicate: bool = False
    is_archived: bool = False


def state_of(evidence: Evidence) -> JobState:
    """Return how a job stands; a status that is not known is `JobState.UNKNOWN`, never an error."""
    if evidence.is_archived:
        return JobState.ARCHIVED
    if evidence.is_duplicate:
        return JobState.DEDUPED
    match evidence.status:
        case JobStatus.QUEUED:
            return JobState.QUEUED if evidence.num_exes <= 1 else JobState.RETRY_WAIT
        case JobStatus.FAILED:
            return _failed(evidence)
        case _:
            return _PLAIN.get(evidence.status, JobState.UNKNOWN)


def _failed(evidence: Evidence) -> JobState:
    if evidence.error_name in LOST_ERRORS:
        return JobState.LOST
    return JobState.FAILED if evidence.has_started else JobState.REJECTED


_PLAIN: Final[dict[str, JobState]] = {
    JobStatus.PENDING: JobState.HELD,
    JobStatus.BLOCKED: JobState.UPSTREAM_FAILED,
    JobStatus.RUNNING: JobState.RUNNING,
    JobStatus.COMPLETED: JobState.SUCCEEDED,
    JobStatus.CANCELED: JobState.CANCELED,
}
