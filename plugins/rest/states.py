"""The states of jobs in the words of every dialect: one table for all of them.

Source: seeds 000, 002, 003 and 004; IVOA UWS 1.1; OGC API - Processes, part 1. Airflow's own
states that wait for a person cannot occur: no task of ours asks anybody.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from catalog.job_states import JobState
from catalog.queries.work_rows import Standing


@dataclass(frozen=True, slots=True)
class Words:
    """What each dialect calls a state; None where the dialect does not know the job any more.

    Parameters
    ----------
    mozart
        ``job-...`` (seed 000, with ``job-revoked`` and ``job-deduped`` of the real system).
    unity
        Of the jobs database (seed 002).
    wpst
        Of the WPS-T.
    ogc
        Of OGC API - Processes.
    ocps
        The phase (seed 003).
    uws
        The phase of IVOA UWS.
    pai
        The state (seed 004).
    """

    mozart: str | None
    unity: str | None
    wpst: str | None
    ogc: str | None
    ocps: str | None
    uws: str
    pai: str


# A client of Unity takes its words for a stream: what has run is never "submitted" again.
# A duplicate is what the job is that it repeats, where a dialect has no word of its own for it.
# fmt: off
WORDS: Final[Mapping[JobState, Words]] = {
    JobState.HELD: Words(
        "job-queued", "submitted", "accepted", "accepted", "pending", "PENDING", "WAITING"),
    JobState.QUEUED: Words(
        "job-queued", "submitted", "accepted", "accepted", "queued", "QUEUED", "WAITING"),
    JobState.RETRY_WAIT: Words(
        "job-queued", "running", "running", "running", "queued", "QUEUED", "WAITING"),
    JobState.RUNNING: Words(
        "job-started", "running", "running", "running", "executing", "EXECUTING", "RUNNING"),
    JobState.SUCCEEDED: Words(
        "job-completed", "succeeded", "succeeded", "successful", "completed", "COMPLETED",
        "SUCCEEDED"),
    JobState.FAILED: Words(
        "job-failed", "failed", "failed", "failed", "error", "ERROR", "FAILED"),
    JobState.REJECTED: Words(
        "job-failed", "failed", "failed", "failed", "error", "ERROR", "FAILED"),
    JobState.UPSTREAM_FAILED: Words(
        "job-failed", "failed", "failed", "failed", "error", "ERROR", "FAILED"),
    JobState.LOST: Words(
        "job-offline", "failed", "failed", "failed", "error", "ERROR", "FAILED"),
    JobState.CANCELED: Words(
        "job-revoked", "failed", "dismissed", "dismissed", "aborted", "ABORTED", "STOPPED"),
    JobState.DEDUPED: Words(
        "job-deduped", "succeeded", "succeeded", "successful", "completed", "COMPLETED",
        "SUCCEEDED"),
    JobState.ARCHIVED: Words(
        None, None, None, None, None, "ARCHIVED", "JOB_NOT_FOUND"),
    JobState.UNKNOWN: Words(
        "job-offline", "running", "running", "running", "unknown", "UNKNOWN", "UNKNOWN"),
}
# fmt: on


def words_of(standing: Standing) -> Words:
    """Return what the dialects call the state of a job."""
    words = WORDS[standing.state]
    if standing.state is not JobState.DEDUPED or standing.original in (None, JobState.ARCHIVED):
        return words
    followed = WORDS[standing.original]
    return replace(words, unity=followed.unity, wpst=followed.wpst, ogc=followed.ogc)


def states_called(word: str, in_dialect: Callable[[Words], str | None]) -> frozenset[JobState]:
    """Return the states that a dialect has this word for; none for a word it has not.

    Parameters
    ----------
    in_dialect
        Takes the word of the dialect, as ``lambda words: words.ocps``.
    """
    return frozenset(state for state, words in WORDS.items() if in_dialect(words) == word)
