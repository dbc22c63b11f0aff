"""The outbox: runs that must exist, each claimed by one process at a time."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from catalog.records.execution import OpenRun
from catalog.stores.outbox import CHANNEL
from catalog.tables import Outbox
from tests.support.catalogues import (
    World,
    at_once,
    job_type,
    recipe_job,
    recipe_type,
    rolled_back,
)


@pytest.fixture
def queued(world: World) -> World:
    """Return a world in which six jobs wait for their runs."""
    world.configure([job_type("step")])
    for _ in range(6):
        world.queue_job("step")
    return world


def claim(world: World, limit: int = 10) -> list[str]:
    with world.database.transaction() as tx:
        return [each.run_id for each in tx.outbox.claim(limit)]


def dispatch(world: World, run_id: str) -> None:
    with world.database.transaction() as tx:
        (found,) = [each for each in tx.outbox.claim(10) if each.run_id == run_id]
        tx.outbox.dispatched(found.id)


def test_claims_at_once_never_share_a_row(queued: World) -> None:
    with queued.database.transaction() as one, queued.database.transaction() as other:
        first = {each.id for each in one.outbox.claim(4)}
        second = {each.id for each in other.outbox.claim(4)}
        assert (len(first), len(second)) == (4, 2)
        assert not first & second


def test_rows_are_claimed_oldest_first(queued: World) -> None:
    assert claim(queued, 3) == [f"job-{job.id}" for job in queued.all_jobs()[:3]]


def test_a_claim_that_is_rolled_back_leaves_its_rows_to_others(queued: World) -> None:
    with rolled_back(queued.database) as tx:
        for each in tx.outbox.claim(10):
            tx.outbox.dispatched(each.id)
    assert len(claim(queued)) == 6


def test_what_was_dispatched_is_not_claimed_again(queued: World) -> None:
    dispatch(queued, f"job-{queued.all_jobs()[0].id}")
    assert len(claim(queued)) == 5


def test_a_postponed_row_waits_and_keeps_why(queued: World) -> None:
    with queued.database.transaction() as tx:
        first = tx.outbox.claim(1)[0]
        tx.outbox.postpone(first.id, 3600, "Airflow has not read it yet.")
    assert first.run_id not in claim(queued)
    with queued.database.engine.begin() as connection:
        row = connection.execute(
            text(
                "SELECT attempts, problem, not_before - clock_timestamp() FROM outbox WHERE id=:id"
            ),
            {"id": first.id},
        ).one()
        connection.execute(text("UPDATE outbox SET not_before = clock_timestamp()"))
    assert row[:2] == (1, "Airflow has not read it yet.")
    assert timedelta(minutes=59) < row[2] <= timedelta(hours=1)
    assert first.run_id in claim(queued)


def test_a_run_is_asked_for_once(world: World) -> None:
    for conf in ({"a": 1}, {"a": 2}):
        with world.database.transaction() as tx:
            tx.outbox.add("dag", "run", 1, conf)
    assert world.runs() == [{"a": 1}]


def test_the_dispatcher_is_woken_at_the_commit_and_not_before(world: World) -> None:
    url = world.database.engine.url.set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as listener:
        listener.execute(f"LISTEN {CHANNEL}")
        with world.database.transaction() as tx:
            tx.outbox.add("dag", "run", 1, {})
            assert list(listener.notifies(timeout=0.05, stop_after=1)) == []
        (woken,) = listener.notifies(timeout=10, stop_after=1)
        assert woken.payload == "run"


def test_a_transaction_that_fails_wakes_nobody(world: World) -> None:
    url = world.database.engine.url.set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as listener:
        listener.execute(f"LISTEN {CHANNEL}")
        with rolled_back(world.database) as tx:
            tx.outbox.add("dag", "run", 1, {})
        assert list(listener.notifies(timeout=0.05, stop_after=1)) == []
    assert world.count(Outbox) == 0


def test_open_runs_are_those_dispatched_with_jobs_that_wait_or_run(world: World) -> None:
    jobs: dict[str, Any] = {
        "a": recipe_job("step"),
        "b": recipe_job("step"),
        "c": recipe_job("step", parents={"a": {}}),
    }
    world.configure([job_type("step")], [recipe_type("three", jobs)])
    recipe, alone = world.queue_recipe("three"), world.queue_job("step")
    ids = {name: job.id for name, job in world.jobs(recipe).items()}
    open_runs = world.catalogue.runs.open
    assert open_runs(0) == []
    dispatch(world, f"recipe-{recipe.id}")
    dispatch(world, f"job-{alone.id}")
    world.begin(ids["b"])
    expected = OpenRun(f"recipe-{recipe.id}", {"a": ids["a"], "b": ids["b"]})
    assert open_runs(0) == [expected, OpenRun(f"job-{alone.id}", {"job": alone.id})]
    assert open_runs(60) == []
    world.run(ids["b"])
    world.fail(alone.id)
    assert open_runs(0) == [OpenRun(f"recipe-{recipe.id}", {"a": ids["a"]})]


def test_a_run_that_vanished_is_asked_for_again(queued: World) -> None:
    run_id = f"job-{queued.all_jobs()[0].id}"
    dispatch(queued, run_id)
    queued.catalogue.runs.ask_again(run_id)
    assert claim(queued, 1) == [run_id]


def test_dispatchers_at_once_dispatch_every_row_once(queued: World) -> None:
    def drain(_: int) -> list[int]:
        done: list[int] = []
        while True:
            with queued.database.transaction() as tx:
                claimed = tx.outbox.claim(1)
                for each in claimed:
                    tx.outbox.dispatched(each.id)
                    done.append(each.id)
            if not claimed:
                return done

    drained = [each for found in at_once(3, drain) if isinstance(found, list) for each in found]
    assert len(drained) == len(set(drained)) == 6
