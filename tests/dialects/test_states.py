"""The states of jobs: in SQL as in Python, and in the words of every dialect."""

from dataclasses import fields
from datetime import UTC, datetime
from itertools import product
from typing import Final

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from catalog.job_states import LOST_ERRORS, Evidence, JobState, state_of
from catalog.queries.work_rows import Standing
from catalog.queries.work_states import in_states
from catalog.states import JobStatus
from catalog.tables import Error, Job
from plugins.rest.states import WORDS, Words, states_called, words_of
from tests.support.catalogues import World, job_type

MOZART: Final = {
    "job-queued", "job-started", "job-failed", "job-completed", "job-offline", "job-revoked",
    "job-deduped",
}  # fmt: skip
EVERY_EVIDENCE: Final = [
    Evidence(status, error, num_exes, started, duplicate, archived)
    for status, error, num_exes, started, duplicate, archived in product(
        [*JobStatus, "SOMETHING NEW"],
        [None, "unknown", *sorted(LOST_ERRORS)],
        [0, 1, 2],
        [False, True],
        [False, True],
        [False, True],
    )
]


def test_every_state_has_words() -> None:
    assert set(WORDS) == set(JobState)


def test_every_combination_has_a_state_and_words() -> None:
    for evidence in EVERY_EVIDENCE:
        for original in (None, *JobState):
            words = words_of(Standing(state_of(evidence), original))
            assert words.uws
            assert words.mozart in {*MOZART, None}


def test_a_status_that_nobody_knows_is_a_state_of_its_own() -> None:
    assert state_of(Evidence("SOMETHING NEW")) is JobState.UNKNOWN


def test_only_a_job_that_was_removed_has_no_words() -> None:
    for state, words in WORDS.items():
        values = [getattr(words, each.name) for each in fields(Words)]
        assert (None in values) == (state is JobState.ARCHIVED)


def test_a_duplicate_follows_the_job_it_repeats() -> None:
    words = words_of(Standing(JobState.DEDUPED, JobState.RUNNING))

    assert (words.mozart, words.unity, words.ogc) == ("job-deduped", "running", "running")


def test_a_word_leads_back_to_its_states() -> None:
    found = states_called("error", lambda words: words.ocps)

    assert found == {
        JobState.FAILED, JobState.REJECTED, JobState.UPSTREAM_FAILED, JobState.LOST
    }  # fmt: skip
    assert states_called("nonsense", lambda words: words.ocps) == frozenset()


@pytest.fixture
def world_with_evidence(world: World) -> dict[int, JobState]:
    """Return job id to state: a job for each combination that the catalogue can hold."""
    world.configure([job_type("a")])
    states = {}
    now = datetime.now(UTC)
    original = world.queue_job("a")
    states[original.id] = JobState.QUEUED
    with Session(world.database.engine) as session, session.begin():
        errors = {error.name: error.id for error in session.scalars(select(Error))}
    for each in EVERY_EVIDENCE[::7]:  # coprime to every factor: each value with each other
        if each.status not in set(JobStatus):
            continue
        job = world.queue_job("a")
        values = {
            "status": each.status,
            "error_id": None if each.error_name is None else errors[each.error_name],
            "num_exes": each.num_exes,
            "started": now if each.has_started else None,
            "duplicate_of": original.id if each.is_duplicate else None,
            "archived": now if each.is_archived else None,
        }
        with Session(world.database.engine) as session, session.begin():
            session.execute(update(Job).where(Job.id == job.id).values(**values))
        states[job.id] = state_of(each)
    return states


def test_sql_and_python_agree_on_states(
    world: World, world_with_evidence: dict[int, JobState]
) -> None:
    wanted = [{state} for state in JobState]
    wanted += [set(states_called("error", lambda words: words.ocps)), set(JobState)]
    with Session(world.database.engine) as session:
        for states in wanted:
            found = set(session.scalars(select(Job.id).where(in_states(states))))
            assert found == {
                job_id for job_id, state in world_with_evidence.items() if state in states
            }
