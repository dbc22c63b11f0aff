"""The states of jobs as conditions of SQL; `catalog.job_states` says the same of one job."""

from collections.abc import Collection, Mapping
from typing import Final

from sqlalchemy import ColumnElement, and_, false, or_, select

from catalog.job_states import LOST_ERRORS, JobState
from catalog.states import JobStatus
from catalog.tables import Error, Job

Condition = ColumnElement[bool]

_LOST: Final = Job.error_id.in_(select(Error.id).where(Error.name.in_(LOST_ERRORS)))
_ITS_OWN: Final = (Job.archived.is_(None), Job.duplicate_of.is_(None))
_NOT_LOST: Final = Job.error_id.is_(None) | ~_LOST
_WITHIN: Final[Mapping[JobStatus, Mapping[JobState, Condition | None]]] = {
    JobStatus.PENDING: {JobState.HELD: None},
    JobStatus.BLOCKED: {JobState.UPSTREAM_FAILED: None},
    JobStatus.QUEUED: {
        JobState.QUEUED: Job.num_exes <= 1,
        JobState.RETRY_WAIT: Job.num_exes > 1,
    },
    JobStatus.RUNNING: {JobState.RUNNING: None},
    JobStatus.FAILED: {
        JobState.LOST: _LOST,
        JobState.FAILED: and_(_NOT_LOST, Job.started.is_not(None)),
        JobState.REJECTED: and_(_NOT_LOST, Job.started.is_(None)),
    },
    JobStatus.COMPLETED: {JobState.SUCCEEDED: None},
    JobStatus.CANCELED: {JobState.CANCELED: None},
}
"""Status to the states that a job of it may have, and what tells them apart."""


def in_states(states: Collection[JobState]) -> Condition:
    """Return the condition that a job is in one of these states."""
    found = []
    parts = _parts(states)
    if parts:
        found.append(and_(*_ITS_OWN, or_(*parts)))
    if JobState.DEDUPED in states:
        found.append(and_(Job.archived.is_(None), Job.duplicate_of.is_not(None)))
    if JobState.ARCHIVED in states:
        found.append(Job.archived.is_not(None))
    return or_(*found) if found else false()


def in_states_apart(states: Collection[JobState]) -> list[Condition]:
    """Return conditions of which a job meets one at most, and then is in one of these states.

    Each has one status or several that need no further look. Removed jobs and duplicates meet none.
    """
    return [and_(*_ITS_OWN, each) for each in _parts(states)]


def _parts(states: Collection[JobState]) -> list[Condition]:
    """Return the conditions on statuses; one whose states are all wanted needs no further look."""
    whole = [status for status, within in _WITHIN.items() if within.keys() <= set(states)]
    found: list[Condition] = [Job.status.in_(whole)] if whole else []
    for status, within in _WITHIN.items():
        found += [
            and_(Job.status == status, condition)
            for state, condition in within.items()
            if status not in whole and state in states and condition is not None
        ]
    return found
