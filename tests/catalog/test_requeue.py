"""Requeueing: which jobs get another try, and what becomes of the rest of their recipes."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.errors import NotFoundError
from catalog.records.execution import Ended
from catalog.records.work import JobSelection, RecipeRecord
from catalog.states import JobStatus
from catalog.tables import Outbox
from tests.support.catalogues import World, job_type, recipe_job, recipe_type
from tests.support.processing import strike_configuration

COMPLETED, FAILED, CANCELED = JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELED
PENDING, BLOCKED, QUEUED = JobStatus.PENDING, JobStatus.BLOCKED, JobStatus.QUEUED


@pytest.fixture
def chain(world: World) -> RecipeRecord:
    """Return a recipe of a, then b, then c, of which a has completed and b failed."""
    jobs = {
        "a": recipe_job("one"),
        "b": recipe_job("one", parents={"a": {}}),
        "c": recipe_job("two", parents={"b": {}}),
    }
    world.configure([job_type("one"), job_type("two")], [recipe_type("chain", jobs)])
    recipe = world.queue_recipe("chain")
    world.run(world.jobs(recipe)["a"].id)
    world.fail(world.jobs(recipe)["b"].id)
    return recipe


def run_ids(world: World) -> list[str]:
    """Return the ids of all runs that were asked for, oldest first."""
    with Session(world.database.engine) as session:
        return list(session.scalars(select(Outbox.run_id).order_by(Outbox.id)))


def dispatch_all(world: World) -> None:
    """Note that every run exists."""
    with world.database.transaction() as tx:
        for each in tx.outbox.claim(100):
            tx.outbox.dispatched(each.id)


def ids(world: World, recipe: RecipeRecord, *names: str) -> list[int]:
    """Return the ids of jobs of a recipe."""
    jobs = world.jobs(recipe)
    return [jobs[name].id for name in names]


def test_a_failed_job_is_queued_with_one_more_try_and_its_children_wait_again(
    world: World, chain: RecipeRecord
) -> None:
    assert world.statuses(chain) == {"a": COMPLETED, "b": FAILED, "c": BLOCKED}
    before = world.jobs(chain)["b"]

    matched = world.catalogue.requeue.requeue(JobSelection(statuses=["FAILED"]), priority=7)

    job = world.jobs(chain)["b"]
    assert matched == (job.id,)
    assert world.statuses(chain) == {"a": COMPLETED, "b": QUEUED, "c": PENDING}
    assert (job.num_exes, job.max_tries, job.priority) == (
        before.num_exes + 1, before.num_exes + 1, 7,
    )  # fmt: skip
    assert (job.error_id, job.reason, job.ended) == (None, None, None)
    assert world.jobs(chain)["c"].priority != 7


def test_a_requeued_recipe_runs_to_its_end(world: World, chain: RecipeRecord) -> None:
    world.catalogue.requeue.requeue(JobSelection(statuses=["FAILED"]))
    for name in ("b", "c"):
        world.run(world.jobs(chain)[name].id)

    assert world.recipe(chain.id).completed is not None
    completed = world.jobs(chain)["a"].id
    assert world.catalogue.executions.begin(completed, "host") == Ended(succeeded=True)


def test_a_job_cancelled_before_it_was_queued_waits_until_its_parents_allow_it(
    world: World, chain: RecipeRecord
) -> None:
    (b, c) = ids(world, chain, "b", "c")
    world.catalogue.executions.cancel(c, "-")

    world.catalogue.requeue.requeue(JobSelection(job_ids=[c]))
    assert world.statuses(chain)["c"] is BLOCKED

    world.catalogue.executions.cancel(c, "-")
    world.catalogue.requeue.requeue(JobSelection(job_ids=[b, c]))
    assert world.statuses(chain) == {"a": COMPLETED, "b": QUEUED, "c": PENDING}


def test_a_job_that_was_never_queued_is_queued_when_its_parents_have_completed(
    world: World, chain: RecipeRecord
) -> None:
    (b, c) = ids(world, chain, "b", "c")
    world.catalogue.executions.cancel(c, "-")
    world.catalogue.requeue.requeue(JobSelection(job_ids=[b]))
    world.run(b)
    assert world.statuses(chain)["c"] is CANCELED

    world.catalogue.requeue.requeue(JobSelection(job_ids=[c]))

    assert world.statuses(chain)["c"] is QUEUED
    world.run(c)
    assert world.recipe(chain.id).completed is not None


def test_jobs_that_neither_failed_nor_were_cancelled_stay_as_they_are(
    world: World, chain: RecipeRecord
) -> None:
    dispatch_all(world)
    a, c = ids(world, chain, "a", "c")
    before = world.jobs(chain)

    assert world.catalogue.requeue.requeue(JobSelection(job_ids=[c, a]), priority=1) == (a, c)

    assert world.jobs(chain) == before
    assert run_ids(world) == [f"recipe-{chain.id}"]


def test_conditions_are_met_together(world: World, chain: RecipeRecord) -> None:
    b, c = ids(world, chain, "b", "c")

    def matched(**wanted: object) -> tuple[int, ...]:
        with world.database.transaction() as tx:
            selected = tx.jobs.selected(JobSelection(**wanted))  # type: ignore[arg-type]  # passed on
        return tuple(each.job_id for each in selected)

    job = world.job(b)
    assert matched(job_ids=[b, c]) == (b, c)
    assert matched(job_ids=[b, c], statuses=["FAILED"]) == (b,)
    assert matched(job_ids=[b, c], job_type_names=["two"]) == (c,)
    assert matched(job_ids=[b, c], job_type_ids=[job.job_type_id]) == (b,)
    assert matched(job_ids=[b], job_type_categories=["none"]) == ()
    assert matched(job_ids=[b], started=job.last_modified, ended=job.last_modified) == (b,)
    assert matched(statuses=["EXPLODED"]) == ()


def test_nothing_matched_is_not_found(world: World) -> None:
    with pytest.raises(NotFoundError, match="No job matches"):
        world.catalogue.requeue.requeue(JobSelection(job_ids=[99]))


def test_a_requeue_asks_for_another_run_with_the_same_jobs(
    world: World, chain: RecipeRecord
) -> None:
    dispatch_all(world)

    world.catalogue.requeue.requeue(JobSelection(statuses=["FAILED"]))
    dispatch_all(world)
    world.fail(world.jobs(chain)["b"].id)
    world.catalogue.requeue.requeue(JobSelection(statuses=["FAILED"]))

    first = f"recipe-{chain.id}"
    assert run_ids(world) == [first, f"{first}-2", f"{first}-3"]
    assert world.runs()[0] == world.runs()[2]


def test_a_run_that_was_not_made_yet_will_do_for_the_requeued_job(
    world: World, chain: RecipeRecord
) -> None:
    world.catalogue.requeue.requeue(JobSelection(statuses=["FAILED"]))

    assert run_ids(world) == [f"recipe-{chain.id}"]


def test_a_job_on_its_own_gets_another_run(world: World) -> None:
    world.configure([job_type("one")])
    job = world.queue_job("one")
    dispatch_all(world)
    world.catalogue.executions.cancel(job.id, "-")

    world.catalogue.requeue.requeue(JobSelection(job_ids=[job.id]))

    assert world.job(job.id).status is QUEUED
    assert run_ids(world) == [f"job-{job.id}", f"job-{job.id}-2"]


def test_only_the_newest_run_says_whether_airflow_lost_a_job(
    world: World, chain: RecipeRecord
) -> None:
    dispatch_all(world)
    world.catalogue.requeue.requeue(JobSelection(statuses=["FAILED"]))
    runs = world.catalogue.runs

    assert runs.open(quiet_seconds=0.0) == []

    dispatch_all(world)
    (run,) = runs.open(quiet_seconds=0.0)
    assert (run.run_id, run.jobs) == (
        f"recipe-{chain.id}-2", {"b": world.jobs(chain)["b"].id},
    )  # fmt: skip


def test_a_job_is_not_lost_with_a_run_that_a_newer_one_replaced(
    world: World, chain: RecipeRecord
) -> None:
    dispatch_all(world)
    world.catalogue.requeue.requeue(JobSelection(statuses=["FAILED"]))
    job_id = world.jobs(chain)["b"].id

    world.catalogue.runs.lose(job_id, "-", f"recipe-{chain.id}")
    assert world.job(job_id).status is QUEUED

    world.catalogue.runs.lose(job_id, "-", f"recipe-{chain.id}-2")
    assert world.job(job_id).status is FAILED


def test_a_cancelled_strike_process_can_be_requeued(world: World) -> None:
    strike = world.catalogue.strikes.create("incoming", strike_configuration())
    world.catalogue.executions.cancel(strike.job_id, "-")

    world.catalogue.requeue.requeue(JobSelection(job_ids=[strike.job_id]))

    assert world.job(strike.job_id).status is QUEUED
