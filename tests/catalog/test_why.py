"""Why a job that waits at the gate has not begun: a sentence for every cause."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from catalog.records.execution import Failure
from catalog.tables import Job
from tests.catalog.test_admission import HOST, look, offer, queue
from tests.support.catalogues import World


def why(world: World, job_id: int) -> str:
    """Return why a job is not running."""
    answer = world.catalogue.queries.waiting.why(job_id)
    assert answer.run is None
    return answer.why


@pytest.mark.parametrize(
    ("needs", "says"),
    [
        ({"cpus_required": 3.0}, "needs 3 CPUs, 128 MiB"),
        ({"mem_required": 9000.0}, "has 2 CPUs, 8192 MiB in all"),
    ],
)
def test_too_big_for_every_node(world: World, needs: dict[str, Any], says: str) -> None:
    offer(world, 2.0)
    (job,) = queue(world, 1, **needs)
    (other,) = queue(world, 1, "small")
    assert look(world, job, other) == [other]
    assert says in why(world, job)
    assert "no node is big enough" in why(world, job)

    offer(world, 8.0, 16384.0, host="large")
    assert "only large would do" in why(world, job)


def test_as_many_of_its_type_run_as_may(world: World) -> None:
    offer(world, 9.0)
    first, second, third = queue(world, 3, max_scheduled=2)
    look(world, first, second, third)
    assert why(world, third) == (
        f"At most 2 jobs of its type run at once (max_scheduled);"
        f" running now: jobs {first}, {second}."
    )


def test_no_cpus_free(world: World) -> None:
    offer(world, 1.5)
    first, second, third = queue(world, 3)
    look(world, first, second, third)
    assert why(world, second) == (
        f"It needs 1 CPUs, 128 MiB, and the node {HOST} has 0.5 CPUs, 8064 MiB free;"
        f" running there: job {first}."
    )
    assert "behind 1 that come first by priority, then by age" in why(world, third)


def test_the_share_of_its_queue_is_used_up(world: World) -> None:
    world.catalogue.pools.save("vc1", 20.0, 25.0)
    offer(world, 8.0)
    first, second, third, elsewhere = queue(world, 4)
    with Session(world.database.engine) as session, session.begin():
        session.execute(update(Job).where(Job.id != elsewhere).values(pool="vc1"))
    assert look(world, first, second, third) == [first, second]
    assert why(world, third) == (
        "It needs 1 CPUs, 128 MiB, and the share of its queue 'vc1' is used up: at most 25 % of the"
        f" cluster; running of it: jobs {first}, {second}."
    )
    assert look(world, third, elsewhere) == [elsewhere]


def test_a_job_whose_queue_is_used_up_stands_in_nobodys_way(world: World) -> None:
    world.catalogue.pools.save("vc1", 20.0, 50.0)
    offer(world, 2.0)
    first, behind, free = queue(world, 3)
    with Session(world.database.engine) as session, session.begin():
        session.execute(update(Job).where(Job.id != free).values(pool="vc1"))
    assert look(world, first) == [first]
    with world.database.transaction() as tx:
        tx.scheduler.pause(is_paused=True)
    look(world, behind, free)
    with world.database.transaction() as tx:
        tx.scheduler.pause(is_paused=False)
    assert "'vc1' is used up" in why(world, behind)
    assert "may begin" in why(world, free)


def test_no_slot_free(world: World) -> None:
    offer(world, 9.0, slots=1)
    first, second = queue(world, 2)
    look(world, first, second)
    assert "0 slots free" in why(world, second)


def test_its_turn_has_not_come(world: World) -> None:
    offer(world, 2.0)
    (runs,) = queue(world, 1, "runs", cpus_required=1.0)
    (big,) = queue(world, 1, "big", cpus_required=2.0, priority=1)
    (small,) = queue(world, 1, "small", cpus_required=1.0)
    look(world, runs)
    with Session(world.database.engine) as session, session.begin():
        session.execute(
            update(Job).where(Job.id == big).values(queued=Job.queued - timedelta(hours=1))
        )
    assert look(world, big, small) == []
    assert why(world, small) == (
        f"Its turn has not come on the node {HOST}: it is behind 1 that come first by priority,"
        " then by age."
    )


def test_its_node_is_paused_and_another_is_not(world: World) -> None:
    offer(world, 2.0)
    offer(world, 2.0, host="other")
    (job,) = queue(world, 1)
    with world.database.transaction() as tx:
        tx.nodes.update(tx.nodes.seen(HOST).id, {"is_paused": True})
    look(world, job)
    assert f"The node {HOST}, on which it waits, is paused" in why(world, job)


def test_it_is_long_running_and_rests(world: World) -> None:
    offer(world, 2.0)
    (job,) = queue(world, 1, is_long_running=True)
    look(world, job)
    plan = world.catalogue.executions.begin(job, HOST)
    world.catalogue.executions.fail(plan.job_exe_id, Failure("unknown", "-"))  # type: ignore[union-attr]  # it began
    look(world, job)
    assert "long-running and has failed" in why(world, job)


def test_nothing_keeps_it(world: World) -> None:
    offer(world, 1.0)
    first, second = queue(world, 2)
    look(world, first, second)
    world.catalogue.executions.cancel(first, "-")
    assert "does so within seconds" in why(world, second)
