"""The gate under several admitters at once: never over a limit, nobody starves, all finish."""

import itertools
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from catalog.catalogue import Catalogue
from catalog.database import Database
from catalog.records.execution import ExecutionPlan, NodeResources, Resources, Watched
from catalog.records.work import JobExecutionRecord
from catalog.states import JobStatus
from tests.support.catalogues import World, at_once, job_type, results
from tests.support.postgres import PostgresServer

pytestmark = pytest.mark.slow

ADMITTERS: Final = 4
HOSTS: Final = ("node-1", "node-2")
_DEADLINE: Final = 120.0
_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class Kind:
    """A job type, and how many jobs of it there are."""

    cpus: float
    mem: float
    most: int | None
    priority: int
    count: int


KINDS = st.lists(
    st.builds(
        Kind,
        cpus=st.sampled_from((0.25, 0.3, 1.0, 2.0)),
        mem=st.sampled_from((128.0, 500.0, 1024.0)),
        most=st.sampled_from((None, None, 1, 2)),
        priority=st.sampled_from((1, 100)),
        count=st.integers(1, 5),
    ),
    min_size=1,
    max_size=3,
)
HAS = st.builds(
    NodeResources,
    st.builds(
        Resources, st.sampled_from((2.0, 2.2)), st.sampled_from((1024.0, 2048.0)), st.just(1.0)
    ),
    st.just(Resources(0.0, 0.0, 0.0)),
    st.sampled_from((None, 2)),
)


@pytest.fixture(scope="module")
def world(
    postgres: PostgresServer, catalogue_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Return a catalogue that all examples share; every example ends all its jobs."""
    name = postgres.create(catalogue_template)
    database = Database(postgres.url(name), pool_size=ADMITTERS)
    yield World.over(Catalogue(database), tmp_path_factory.mktemp("gate"))
    database.close()
    postgres.drop(name)


@settings(
    max_examples=8,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # no shrinking: threads do not repeat
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(kinds=KINDS, has=st.tuples(HAS, HAS))
def test_limits_hold_and_all_jobs_finish(
    world: World, kinds: list[Kind], has: tuple[NodeResources, NodeResources]
) -> None:
    nodes = dict(zip(HOSTS, has, strict=True))
    for host, resources in nodes.items():
        world.catalogue.executions.report(host, resources)
    jobs = _queue(world, kinds)

    def admitter(number: int) -> None:
        _work(world, number, [job_id for job_id in jobs if job_id % ADMITTERS == number])

    assert at_once(ADMITTERS, admitter) == [None] * ADMITTERS

    assert {world.job(job_id).status for job_id in jobs} == {JobStatus.COMPLETED}
    _check_limits(world, jobs, nodes)


def _queue(world: World, kinds: list[Kind]) -> dict[int, Kind]:
    """Queue the jobs of an example; return their kinds by their ids."""
    jobs: dict[int, Kind] = {}
    for kind in kinds:
        name = f"kind-{next(_numbers)}"
        world.configure(
            [
                job_type(
                    name,
                    cpus_required=kind.cpus,
                    mem_required=kind.mem,
                    max_scheduled=kind.most,
                    priority=kind.priority,
                )
            ]
        )
        jobs |= {world.queue_job(name).id: kind for _ in range(kind.count)}
    return jobs


def _work(world: World, number: int, waiting: list[int]) -> None:
    """Do what a triggerer does: wait with all jobs, and run those that may begin."""
    executions = world.catalogue.executions
    host = HOSTS[number % len(HOSTS)]
    deadline = time.monotonic() + _DEADLINE
    while waiting:
        assert time.monotonic() < deadline, f"{waiting} never began"
        report = executions.watch(host, Watched(f"admitter-{number}", (), {host: waiting}))
        for job_id in report.unqueued:
            waiting.remove(job_id)
            plan = executions.begin(job_id, host)
            assert isinstance(plan, ExecutionPlan)
            ended = executions.complete(plan.job_exe_id, results(plan))
            assert ended is not None
            assert ended.succeeded
    executions.watch(host, Watched(f"admitter-{number}"))


def _check_limits(
    world: World, jobs: Mapping[int, Kind], nodes: Mapping[str, NodeResources]
) -> None:
    """Look at every moment at which a job began: what ran then fits."""
    runs: list[tuple[Kind, JobExecutionRecord]] = []
    for job_id, kind in jobs.items():
        (execution,) = world.executions(job_id)
        runs.append((kind, execution))
    with world.database.transaction() as tx:
        ids = {tx.nodes.seen(host).id: has for host, has in nodes.items()}
    for _, begun in runs:
        now = [(kind, each) for kind, each in runs if _runs_at_start_of(each, begun)]
        for node_id, has in ids.items():
            here = [kind for kind, each in now if each.node_id == node_id]
            assert sum(each.cpus for each in here) <= has.total.cpus + 1e-9
            assert sum(each.mem for each in here) <= has.total.mem
            assert has.slots is None or len(here) <= has.slots
        for kind, _ in runs:
            same = [each for each, _ in now if each is kind]
            assert kind.most is None or len(same) <= kind.most


def _runs_at_start_of(each: JobExecutionRecord, begun: JobExecutionRecord) -> bool:
    assert begun.started is not None
    assert each.started is not None
    assert each.ended is not None
    return each.started <= begun.started < each.ended
