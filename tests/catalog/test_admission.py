"""The gate: limits hold however many admit at once, the order holds, and nobody starves."""

import socket
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from catalog.records.admission import Amount, Candidate, NodeRoom, Rooms
from catalog.records.execution import (
    ExecutionPlan,
    Failure,
    Held,
    NodeResources,
    Resources,
    Watched,
)
from catalog.services.admission import PATIENCE, choose, refusal
from catalog.states import JobStatus
from catalog.tables import Admitter, Job, JobExecution, Node
from tests.support.catalogues import ALGORITHM_ERROR, World, job_type, results
from tests.support.statements import counted_statements

HOST = "node-1"
NOTHING = Resources(0.0, 0.0, 0.0)
ORDER = "cba"


def offer(
    world: World, cpus: float, mem: float = 8192.0, slots: int | None = None, host: str = HOST
) -> None:
    """Let a node tell what it has."""
    has = NodeResources(Resources(cpus, mem, 100.0), NOTHING, slots)
    world.catalogue.executions.report(host, has)


def look(world: World, *job_ids: int, admitter: str = "one", host: str = HOST) -> list[int]:
    """Let jobs wait in a process, and return those of them that wait no more."""
    watched = Watched(admitter, (), {host: job_ids})
    return sorted(world.catalogue.executions.watch(host, watched).unqueued)


def running(world: World) -> list[int]:
    """Return the ids of the jobs that run."""
    return [each.id for each in world.all_jobs() if each.status is JobStatus.RUNNING]


def finish(world: World, job_id: int) -> None:
    """Complete a job that runs."""
    plan = world.catalogue.executions.begin(job_id, HOST)
    assert isinstance(plan, ExecutionPlan)
    world.catalogue.executions.complete(plan.job_exe_id, results(plan))


def queue(world: World, count: int, name: str = "a", **settings: Any) -> list[int]:
    """Queue jobs of a type of these settings."""
    world.configure([job_type(name, **settings)])
    return [world.queue_job(name).id for _ in range(count)]


@pytest.mark.parametrize(
    ("has", "needs"),
    [
        ({"cpus": 1.5}, {"cpus_required": 0.5}),
        ({"cpus": 0.9}, {"cpus_required": 0.3}),
        ({"cpus": 99.0, "mem": 1000.0}, {"mem_required": 300.0}),
        ({"cpus": 99.0, "slots": 3}, {}),
        ({"cpus": 99.0}, {"max_scheduled": 3}),
    ],
)
def test_as_many_begin_as_there_is_room_for(
    world: World, has: dict[str, Any], needs: dict[str, Any]
) -> None:
    offer(world, **has)
    jobs = queue(world, 5, **needs)
    assert look(world, *jobs) == jobs[:3]
    assert running(world) == jobs[:3]
    finish(world, jobs[0])
    assert look(world, *jobs[3:]) == jobs[3:4]


def test_a_job_begins_on_its_node_and_its_type_s_limit_counts_on_all_nodes(world: World) -> None:
    for host in ("node-1", "node-2"):
        offer(world, 1.0, host=host)
    one, two, three = queue(world, 3, max_scheduled=2)
    assert look(world, one, admitter="one", host="node-1") == [one]
    assert look(world, two, three, admitter="two", host="node-2") == [two]
    with Session(world.database.engine) as session:
        places = session.execute(
            select(JobExecution.job_id, Node.hostname).join(Node, Node.id == JobExecution.node_id)
        ).all()
    assert sorted(map(tuple, places)) == [(one, "node-1"), (two, "node-2")]
    finish(world, one)
    assert look(world, three, admitter="two", host="node-2") == []  # its own node is full


def test_lower_priority_numbers_come_first_then_older_jobs(world: World) -> None:
    offer(world, 1.0)
    late = queue(world, 2, "late", priority=200)
    soon = queue(world, 2, "soon", priority=10)
    begun = []
    waiting = [*late, *soon]
    while waiting:
        (begins,) = look(world, *waiting)
        begun.append(begins)
        waiting.remove(begins)
        finish(world, begins)
    assert begun == [*soon, *late]


def test_a_place_is_kept_for_the_first_who_waits_in_another_process(world: World) -> None:
    offer(world, 1.0)
    (late,) = queue(world, 1, "late", priority=200)
    (soon,) = queue(world, 1, "soon", priority=10)
    with world.database.transaction() as tx:
        tx.scheduler.pause(is_paused=True)
    look(world, soon, admitter="two")
    with world.database.transaction() as tx:
        tx.scheduler.pause(is_paused=False)
    assert look(world, late, admitter="one") == []
    assert look(world, soon, admitter="two") == [soon]


def test_no_place_is_kept_for_who_waits_in_a_process_that_died(world: World) -> None:
    offer(world, 1.0)
    (late,) = queue(world, 1, "late", priority=200)
    (soon,) = queue(world, 1, "soon", priority=10)
    with world.database.transaction() as tx:
        tx.scheduler.pause(is_paused=True)
    look(world, soon, admitter="two")
    with world.database.transaction() as tx:
        tx.scheduler.pause(is_paused=False)
    with Session(world.database.engine) as session, session.begin():
        session.execute(
            update(Admitter)
            .where(Admitter.name == "two")
            .values(seen=Admitter.seen - timedelta(seconds=30))
        )
    assert look(world, late, admitter="one") == [late]


@pytest.mark.parametrize("what", ["scheduler", "node", "job type"])
def test_what_is_paused_lets_nothing_begin(world: World, what: str) -> None:
    offer(world, 4.0)
    (job,) = queue(world, 1)
    (other,) = queue(world, 1, "other")
    pause(world, what, job, is_paused=True)
    assert look(world, job, other) == ([other] if what == "job type" else [])
    assert isinstance(world.catalogue.executions.begin(job, HOST), Held)
    pause(world, what, job, is_paused=False)
    assert job in look(world, job)


def pause(world: World, what: str, job_id: int, *, is_paused: bool) -> None:
    """Pause or resume something."""
    with world.database.transaction() as tx:
        match what:
            case "scheduler":
                tx.scheduler.pause(is_paused=is_paused)
            case "node":
                tx.nodes.update(tx.nodes.seen(HOST).id, {"is_paused": is_paused})
            case _:
                job_type_id = tx.jobs.get(job_id).job_type_id
                tx.job_types.update(job_type_id, {"is_paused": is_paused})


def test_a_job_that_was_admitted_keeps_its_place_when_its_process_dies(world: World) -> None:
    offer(world, 1.0)
    first, second = queue(world, 2)
    assert look(world, first, second) == [first]
    # Another process enters both tasks again: the first goes on, the second has to wait.
    assert isinstance(world.catalogue.executions.begin(first, HOST), ExecutionPlan)
    assert look(world, second, admitter="two") == []
    finish(world, first)
    assert look(world, second, admitter="two") == [second]


def test_a_job_that_never_started_waits_anew_on_the_host_that_takes_it_over(world: World) -> None:
    offer(world, 1.0)
    offer(world, 1.0, host="node-2")
    (job,) = queue(world, 1)
    look(world, job)
    plan = world.catalogue.executions.begin(job, HOST)
    assert isinstance(plan, ExecutionPlan)

    assert isinstance(world.catalogue.executions.begin(job, "node-2"), Held)

    assert world.job(job).status is JobStatus.QUEUED
    assert look(world, job, admitter="two", host="node-2") == [job]
    starting = world.catalogue.executions.starting
    assert not starting(plan.job_exe_id, "", {}, HOST)
    assert starting(plan.job_exe_id, "", {}, "node-2")
    assert len(world.executions(job)) == 1


def test_a_long_running_job_is_tried_again_but_not_at_once(world: World) -> None:
    offer(world, 4.0)
    (job,) = queue(world, 1, is_long_running=True, max_tries=1, timeout=1)
    plan = world.begin(job)
    assert plan.timeout == 0

    world.catalogue.executions.fail(plan.job_exe_id, Failure(ALGORITHM_ERROR, "-"))

    assert world.job(job).status is JobStatus.QUEUED
    assert look(world, job) == []
    with Session(world.database.engine) as session, session.begin():
        session.execute(
            update(JobExecution).values(started=JobExecution.started - timedelta(minutes=2))
        )
    assert look(world, job) == [job]


def test_a_long_running_job_that_airflow_lost_gets_another_run(world: World) -> None:
    (job,) = queue(world, 1, is_long_running=True, max_tries=1)
    with world.database.transaction() as tx:
        for each in tx.outbox.claim(10):
            tx.outbox.dispatched(each.id)
    world.begin(job)
    world.catalogue.runs.lose(job, "Its task has ended.", f"job-{job}")
    assert world.job(job).status is JobStatus.QUEUED
    assert len(world.runs()) == 2


def test_how_much_is_asked_does_not_depend_on_how_many_wait(world: World) -> None:
    offer(world, 1.0)
    jobs = queue(world, 12)
    counts = []
    for waiting in (jobs[:2], jobs):
        look(world, *waiting)
        with counted_statements(world.database) as statements:
            look(world, *waiting)
        counts.append(len(statements))
    assert counts[0] == counts[1]


# The rule itself, apart from the database.

CANDIDATES = st.lists(
    st.builds(
        Candidate,
        job_id=st.integers(1, 10**6),
        job_type_id=st.integers(1, 3),
        node_id=st.integers(1, 2),
        is_ours=st.just(value=True),
        seconds=st.floats(0, 2 * PATIENCE),
        need=st.builds(Amount, st.integers(0, 6), st.integers(0, 6)),
    ),
    max_size=12,
    unique_by=lambda each: each.job_id,
)
AMOUNTS = st.builds(Amount, st.integers(0, 8), st.integers(0, 8), st.integers(0, 5))
NODES = st.builds(
    lambda free, used, is_paused: NodeRoom(
        Amount(free.cpus + used.cpus, free.mem + used.mem, free.jobs + used.jobs), free, is_paused
    ),
    AMOUNTS,
    AMOUNTS,
    st.booleans(),
)
ROOMS = st.builds(
    Rooms,
    is_paused=st.booleans(),
    nodes=st.fixed_dictionaries({1: NODES, 2: NODES}),
    types=st.dictionaries(st.integers(1, 3), st.integers(-1, 3)),
)


@given(CANDIDATES, ROOMS)
def test_what_is_chosen_fits_together(candidates: list[Candidate], rooms: Rooms) -> None:
    chosen = choose(candidates, rooms)
    for node_id, room in rooms.nodes.items():
        here = [each.need for each in chosen if each.node_id == node_id]
        assert not (here and (rooms.is_paused or room.is_paused))
        assert sum(each.cpus for each in here) <= room.free.cpus
        assert sum(each.mem for each in here) <= room.free.mem
        assert sum(each.jobs for each in here) <= room.free.jobs
    for type_id, left in rooms.types.items():
        assert sum(each.job_type_id == type_id for each in chosen) <= max(left, 0)


@given(CANDIDATES, ROOMS)
def test_nobody_who_waited_long_is_passed_on_its_node(
    candidates: list[Candidate], rooms: Rooms
) -> None:
    chosen = choose(candidates, rooms)
    left = dict(rooms.types)
    for index, each in enumerate(candidates):
        if each in chosen:
            if each.job_type_id in left:
                left[each.job_type_id] -= 1
            continue
        could = (
            each.need.fits(rooms.nodes[each.node_id].total) and left.get(each.job_type_id, 1) > 0
        )
        if could and each.seconds >= PATIENCE:
            later = [other for other in candidates[index + 1 :] if other.node_id == each.node_id]
            assert not set(later) & set(chosen)


@given(CANDIDATES, ROOMS)
def test_nobody_waits_for_what_is_too_big_or_full(
    candidates: list[Candidate], rooms: Rooms
) -> None:
    total = {node_id: room.total for node_id, room in rooms.nodes.items()}
    possible = [
        each
        for each in candidates
        if each.need.fits(total[each.node_id]) and rooms.types.get(each.job_type_id, 1) > 0
    ]
    assert choose(possible, rooms) == choose(candidates, rooms)


def wanting(job_id: int, seconds: float, need: Amount) -> Candidate:
    """Return a job that waits for node 1."""
    return Candidate(job_id, 1, 1, is_ours=True, seconds=seconds, need=need)


def order_of(chosen: Sequence[Candidate]) -> list[int]:
    """Return the ids of what was chosen."""
    return [each.job_id for each in chosen]


def test_small_jobs_pass_a_big_one_for_a_while_and_then_no_more() -> None:
    rooms = Rooms(is_paused=False, nodes={1: NodeRoom(Amount(4, 4, 9), Amount(2, 4, 9))}, types={})
    small = wanting(2, 0.0, Amount(1, 1))
    for seconds, begins in ((0.0, [2]), (PATIENCE, [])):
        big = wanting(1, seconds, Amount(4, 1))
        assert order_of(choose([big, small], rooms)) == begins


def test_a_host_that_is_alive_is_a_node_and_keeps_what_it_told(world: World) -> None:
    executions = world.catalogue.executions
    executions.alive({"idle", HOST})
    offer(world, 2.0)
    with Session(world.database.engine) as session:
        before = {each.hostname: each.last_offer for each in session.scalars(select(Node))}
    executions.alive({"idle", HOST})
    with Session(world.database.engine) as session:
        nodes = {each.hostname: each for each in session.scalars(select(Node))}
    assert nodes.keys() == {"idle", HOST}
    assert all(each.last_offer > before[name] for name, each in nodes.items())  # type: ignore[operator]  # both have been seen
    assert (nodes[HOST].cpus_total, nodes["idle"].cpus_total) == (2.0, None)


def test_a_host_is_a_node_once_it_has_reported(world: World) -> None:
    offer(world, 2.0, host=socket.gethostname())
    with Session(world.database.engine) as session:
        node = session.scalars(select(Node)).one()
        assert (node.hostname, node.cpus_total) == (socket.gethostname(), 2.0)
        assert node.last_offer is not None
        assert session.scalars(select(Job)).first() is None


def test_a_queue_that_has_used_up_its_share_holds_up_nobody() -> None:
    room = NodeRoom(Amount(9, 9, 9), Amount(9, 9, 9))
    rooms = Rooms(is_paused=False, nodes={1: room}, types={}, pools={"small": Amount(2, 2, 99)})
    wanted = [
        replace(wanting(number, 0.0, Amount(1, 1)), pool=pool)
        for number, pool in ((1, "small"), (2, "small"), (3, "small"), (4, "default"))
    ]

    assert [each.job_id for each in choose(wanted, rooms)] == [1, 2, 4]
    assert refusal(wanted[0], replace(rooms, pools={"small": Amount(0, 9, 9)})) is not None
