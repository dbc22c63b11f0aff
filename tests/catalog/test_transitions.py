"""State changes: only those of the tables, and only by whoever is first."""

from dataclasses import replace
from itertools import product
from typing import Final

import pytest

from catalog.errors import ConflictError
from catalog.records.work import JobRecord
from catalog.states import (
    EXECUTION_TRANSITIONS,
    INGEST_TRANSITIONS,
    JOB_TRANSITIONS,
    ExecutionStatus,
    IngestStatus,
    JobStatus,
)
from tests.support.catalogues import World, at_once, job_type

JOB_TABLE: Final = {
    "PENDING": "QUEUED BLOCKED CANCELED",
    "BLOCKED": "PENDING CANCELED",
    "QUEUED": "RUNNING FAILED CANCELED",
    "RUNNING": "COMPLETED FAILED CANCELED QUEUED",
    "FAILED": "QUEUED PENDING CANCELED",
    "CANCELED": "QUEUED PENDING BLOCKED",
    "COMPLETED": "",
}
EXECUTION_TABLE: Final = {
    "QUEUED": "RUNNING FAILED CANCELED",
    "RUNNING": "COMPLETED FAILED CANCELED QUEUED",
    "FAILED": "",
    "COMPLETED": "",
    "CANCELED": "",
}


@pytest.fixture
def job(world: World) -> JobRecord:
    """Return a queued job."""
    world.configure([job_type("step")])
    return world.queue_job("step")


def test_every_change_of_a_job_is_allowed_or_refused_as_the_table_says(
    world: World, job: JobRecord
) -> None:
    for before, after in product(JobStatus, JobStatus):
        with world.database.transaction() as tx:
            standing = tx.jobs.update(job.id, {"status": before})
        if after in JOB_TABLE[before].split():
            with world.database.transaction() as tx:
                tx.jobs.transition(standing, after)
            assert world.job(job.id).status is after
        else:
            refusal = f"is {before} and cannot become {after}"
            with (
                pytest.raises(ConflictError, match=refusal),
                world.database.transaction() as tx,
            ):
                tx.jobs.transition(standing, after)
            assert world.job(job.id).status is before


def test_every_change_of_an_execution_is_allowed_or_refused_as_the_table_says(
    world: World, job: JobRecord
) -> None:
    (execution,) = world.executions(job.id)
    for before, after in product(ExecutionStatus, ExecutionStatus):
        with world.database.transaction() as tx:
            standing = tx.executions.update(execution.id, {"status": before})
        try:
            with world.database.transaction() as tx:
                tx.executions.transition(standing, after)
        except ConflictError:
            assert after not in EXECUTION_TABLE[before].split(), (before, after)
        else:
            assert after in EXECUTION_TABLE[before].split(), (before, after)


def test_the_tables_name_every_state() -> None:
    assert set(JOB_TRANSITIONS) == set(JobStatus)
    assert set(EXECUTION_TRANSITIONS) == set(ExecutionStatus)
    assert set(INGEST_TRANSITIONS) == set(IngestStatus)


def test_what_is_completed_stays_completed() -> None:
    assert JOB_TRANSITIONS[JobStatus.COMPLETED] == frozenset()
    assert EXECUTION_TRANSITIONS[ExecutionStatus.COMPLETED] == frozenset()


def test_of_many_who_saw_the_same_state_one_changes_it(world: World, job: JobRecord) -> None:
    def change(number: int) -> JobRecord:
        with world.database.transaction() as tx:
            return tx.jobs.transition(job, JobStatus.RUNNING, {"reason": str(number)})

    outcomes = at_once(8, change)
    winners = [each for each in outcomes if isinstance(each, JobRecord)]
    assert len(winners) == 1
    assert sum(isinstance(each, ConflictError) for each in outcomes) == 7
    assert world.job(job.id).reason == winners[0].reason


def test_a_change_of_state_from_an_old_view_is_refused(world: World, job: JobRecord) -> None:
    old = replace(job, status=JobStatus.PENDING)
    with (
        pytest.raises(ConflictError, match="another process changed it first"),
        world.database.transaction() as tx,
    ):
        tx.jobs.transition(old, JobStatus.BLOCKED)
    assert world.job(job.id).status is JobStatus.QUEUED
