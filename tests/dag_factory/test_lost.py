"""A job whose task or host is gone fails only when it is known that nothing is left of it."""

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from catalog.records.execution import ExecutionPlan
from catalog.records.work import JobRecord
from catalog.states import JobStatus
from catalog.tables import Node, Outbox
from dag_factory import attempt
from dag_factory.runtimes.process import _members
from dag_factory.runtimes.supervisor import ticks
from examples.docker import IMAGE
from tests.dag_factory.jobs import MAKE, WAIT, Bench
from tests.dag_factory.programs import until
from tests.support.docker import docker, require_docker

pytestmark = pytest.mark.slow
NOTE = 'echo $$ >> "$2"; '
LONG_AGO = datetime.now(UTC) - timedelta(hours=1)


@pytest.fixture
def an_engine() -> None:
    require_docker()


async def begun(bench: Bench, job: JobRecord, is_there: Callable[[], object]) -> None:
    """Let a triggerer run a job until something is there, and die."""

    def triggerer() -> None:
        async def die() -> None:
            running = asyncio.create_task(bench.run(job))
            await until(is_there)
            running.cancel()

        asyncio.run(die())

    await asyncio.to_thread(triggerer)


def lose(bench: Bench, job: JobRecord) -> int:
    """Sweep a job whose task has ended in Airflow; return how many runs it has then."""
    run_id = f"job-{job.id}"
    with Session(bench.world.database.engine) as session, session.begin():
        mine = update(Outbox).where(Outbox.subject == run_id)
        session.execute(mine.values(dispatched=LONG_AGO))
    bench.world.catalogue.runs.lose(job.id, "Its task has ended.", run_id)
    return runs(bench, job)


def status(bench: Bench, job: JobRecord) -> JobStatus:
    return bench.world.job(job.id).status


async def test_a_process_that_runs_is_taken_up_by_another_run(bench: Bench) -> None:
    job = bench.queue(f"{NOTE} {WAIT} {MAKE}")
    await begun(bench, job, bench.notes().exists)

    assert lose(bench, job) == 2
    assert status(bench, job) is JobStatus.RUNNING

    bench.let_go()
    assert await bench.run(job)
    assert len(bench.notes().read_text().split()) == 1
    assert len(bench.products_of(job)) == 1


async def test_a_process_that_is_gone_is_lost_when_another_run_has_looked(bench: Bench) -> None:
    job = bench.queue(f"{NOTE} {WAIT} {MAKE}", max_tries=1)
    await begun(bench, job, lambda: bench.notes().exists() and bench.notes().read_text().strip())
    command = int(bench.notes().read_text())
    for pid in _members(os.getsid(command)):
        with suppress(ProcessLookupError):  # its script sleeps in short processes
            os.kill(pid, signal.SIGKILL)
    await until(lambda: ticks(command) is None)

    assert lose(bench, job) == 2
    assert status(bench, job) is JobStatus.RUNNING

    assert not await bench.run(job)
    assert bench.error_of(job) == "node-lost"


@pytest.mark.docker
@pytest.mark.timeout(180)
@pytest.mark.usefixtures("an_engine")
@pytest.mark.parametrize("is_gone", [False, True])
async def test_a_container_is_looked_for_before_its_job_is_lost(
    bench: Bench, *, is_gone: bool
) -> None:
    settings = {"uses_docker": True, "docker_image": IMAGE, "max_tries": 1}
    job = bench.queue("true", "sleep", arguments="600", **settings)
    executions = bench.world.executions
    job_exe_id = executions(job.id)[-1].id
    name = f"airscale-exe-{job_exe_id}"
    try:
        await begun(bench, job, (bench.executions / f"exe-{job_exe_id}" / "container.id").exists)
        if is_gone:
            docker("rm", "--force", name)

        assert lose(bench, job) == 2
        assert status(bench, job) is JobStatus.RUNNING

        if is_gone:
            assert not await bench.run(job)
            assert bench.error_of(job) == "node-lost"
        else:
            bench.world.catalogue.executions.cancel(job.id, "-")
            assert not await bench.run(job)
            assert len(executions(job.id)) == 1
    finally:
        docker("rm", "--force", "--volumes", name)


async def test_a_job_that_was_never_started_is_queued_again_in_another_run(bench: Bench) -> None:
    job = bench.queue(MAKE)
    assert isinstance(begin(bench, job, "host"), ExecutionPlan)

    assert lose(bench, job) == 2
    assert status(bench, job) is JobStatus.QUEUED
    assert await bench.run(job)
    assert len(bench.products_of(job)) == 1


async def test_a_job_that_was_never_started_fails_with_its_last_try(bench: Bench) -> None:
    job = bench.queue(MAKE, max_tries=1)

    assert lose(bench, job) == 1
    assert status(bench, job) is JobStatus.FAILED
    assert bench.error_of(job) == "scheduler-lost"


async def test_runs_are_asked_for_ever_more_seldom(bench: Bench) -> None:
    job = bench.queue(MAKE)
    plan = begin(bench, job, "host")
    bench.world.catalogue.executions.starting(plan.job_exe_id, "", {})
    with bench.world.database.transaction() as tx:
        for each in tx.outbox.claim(1000):
            tx.outbox.dispatched(each.id)

    bench.world.catalogue.runs.lose(job.id, "-", f"job-{job.id}")
    assert runs(bench, job) == 1, "it was made a moment ago"
    assert lose(bench, job) == 2


async def test_a_job_is_lost_with_the_host_that_started_it_once_that_is_silent(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempt, "_OTHERS_SECONDS", 0.02)
    job = bench.queue(MAKE, max_tries=1)
    plan = begin(bench, job, "another-host")
    assert bench.world.catalogue.executions.starting(plan.job_exe_id, "", {}, "another-host")

    looking = asyncio.create_task(bench.run(job))
    done, _ = await asyncio.wait([looking], timeout=0.5)
    assert not done
    assert status(bench, job) is JobStatus.RUNNING

    with Session(bench.world.database.engine) as session, session.begin():
        mine = Node.hostname == "another-host"
        session.execute(update(Node).where(mine).values(last_offer=LONG_AGO))
    assert not await looking
    assert bench.error_of(job) == "node-lost"
    assert "another-host" in (bench.last(job).detail or "")


def begin(bench: Bench, job: JobRecord, hostname: str) -> ExecutionPlan:
    plan = bench.world.catalogue.executions.begin(job.id, hostname)
    assert isinstance(plan, ExecutionPlan)
    return plan


def runs(bench: Bench, job: JobRecord) -> int:
    with Session(bench.world.database.engine) as session:
        return session.query(Outbox).filter(Outbox.subject == f"job-{job.id}").count()
