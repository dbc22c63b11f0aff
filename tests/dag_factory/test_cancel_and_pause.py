"""Jobs cancelled, paused and requeued from elsewhere while the runner has them: real processes."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psutil
import pytest

from catalog.records.execution import Ended, ExecutionPlan, Held, HostReport, NodeResources, Watched
from catalog.records.work import JobSelection, RecipeRecord
from catalog.services.executions import ExecutionService
from catalog.states import JobStatus
from catalog.tables import Waiting
from dag_factory.runner import JobRunner
from tests.support.catalogues import World, interface, job_type, recipe_job, recipe_type

pytestmark = pytest.mark.slow

_DEADLINE: Final = 30.0


@dataclass(frozen=True)
class CountingService(ExecutionService):
    """Notes when the catalogue is asked."""

    begun: list[float] = field(default_factory=list)
    looked: list[float] = field(default_factory=list)

    def begin(self, job_id: int, hostname: str) -> ExecutionPlan | Ended | Held:
        """Begin, and note when."""
        self.begun.append(time.monotonic())
        return super().begin(job_id, hostname)

    def watch(
        self, hostname: str, watched: Watched, resources: NodeResources | None = None
    ) -> HostReport:
        """Look, and note when."""
        self.looked.append(time.monotonic())
        return super().watch(hostname, watched, resources)


def shell(script: str) -> dict[str, object]:
    """Return the interface of a job that runs a shell script."""
    return interface(command="sh", arguments=f"-c {script!r}")


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    began = time.monotonic()
    while not await asyncio.to_thread(condition):
        assert time.monotonic() - began < _DEADLINE
        await asyncio.sleep(0.05)


def pid_in(file: Path) -> int:
    """Return the process id a job wrote; 0 if it did not yet."""
    try:
        return int(file.read_text() or 0)
    except FileNotFoundError:
        return 0


@pytest.fixture
def runner(world: World, tmp_path: Path) -> JobRunner:
    """Return a runner with one slot."""
    return JobRunner(world.catalogue.executions, tmp_path / "executions", slots=1)


async def test_the_process_of_a_cancelled_job_is_killed_and_its_task_ends(
    world: World, runner: JobRunner, tmp_path: Path
) -> None:
    pid_file = tmp_path / "pid"
    world.configure([job_type("sleeper", shell(f"echo $$ > {pid_file}; exec sleep 600"))])
    job = world.queue_job("sleeper")
    task = asyncio.create_task(runner.run(job.id))
    await until(lambda: pid_in(pid_file) > 0)
    pid = pid_in(pid_file)

    world.catalogue.executions.cancel(job.id, "Cancelled by a test.")

    await until(lambda: not psutil.pid_exists(pid))
    assert await asyncio.wait_for(task, _DEADLINE) is False
    assert world.job(job.id).status is JobStatus.CANCELED
    assert not list((tmp_path / "executions").iterdir())


async def test_nothing_begins_while_the_scheduler_is_paused_and_little_is_asked(
    world: World, tmp_path: Path
) -> None:
    service = CountingService(world.database)
    runner = JobRunner(service, tmp_path / "executions", slots=1)
    world.configure([job_type("quick", shell("true"))])
    jobs = [world.queue_job("quick") for _ in range(12)]
    pause(world, is_paused=True)
    tasks = [asyncio.create_task(runner.run(job.id)) for job in jobs]
    await until(lambda: world.count(Waiting) == len(jobs))
    service.looked.clear()
    await until(lambda: len(service.looked) >= 3)

    assert {world.job(job.id).status for job in jobs} == {JobStatus.QUEUED}
    assert not service.begun
    gaps = [
        later - earlier for earlier, later in zip(service.looked, service.looked[1:], strict=False)
    ]
    assert min(gaps) > 0.9

    pause(world, is_paused=False)

    assert all(await asyncio.wait_for(asyncio.gather(*tasks), 2 * _DEADLINE))


async def test_jobs_of_a_paused_type_leave_the_slots_to_others(
    world: World, runner: JobRunner
) -> None:
    world.configure([job_type("paused", shell("true")), job_type("other", shell("true"))])
    held, free = world.queue_job("paused"), world.queue_job("other")
    with world.database.transaction() as tx:
        tx.job_types.update(held.job_type_id, {"is_paused": True})
    waiting = asyncio.create_task(runner.run(held.id))

    assert await asyncio.wait_for(runner.run(free.id), _DEADLINE)

    assert world.job(held.id).status is JobStatus.QUEUED
    with world.database.transaction() as tx:
        tx.job_types.update(held.job_type_id, {"is_paused": False})
    assert await asyncio.wait_for(waiting, _DEADLINE)


async def test_a_job_that_is_cancelled_while_it_is_held_ends_its_task(
    world: World, runner: JobRunner
) -> None:
    world.configure([job_type("quick", shell("true"))])
    job = world.queue_job("quick")
    pause(world, is_paused=True)
    task = asyncio.create_task(runner.run(job.id))
    await until(lambda: world.count(Waiting) == 1)

    world.catalogue.executions.cancel(job.id, "-")

    assert await asyncio.wait_for(task, _DEADLINE) is False


async def test_the_new_run_of_a_requeued_recipe_runs_only_what_is_not_complete(
    world: World, runner: JobRunner, tmp_path: Path
) -> None:
    marks = tmp_path / "marks"
    jobs = {"a": recipe_job("first"), "b": recipe_job("second", parents={"a": {}})}
    world.configure(
        [
            job_type("first", shell(f"echo a >> {marks}")),
            job_type("second", shell(f"echo b >> {marks}; test -e {tmp_path}/mended")),
        ],
        [recipe_type("pair", jobs)],
    )
    recipe = world.queue_recipe("pair")
    dispatch_all(world)
    assert await run_of(world, runner) == {"a": True, "b": False}
    assert world.statuses(recipe)["b"] is JobStatus.FAILED
    (tmp_path / "mended").touch()

    world.catalogue.requeue.requeue(JobSelection(statuses=["FAILED"]))

    assert len(world.runs()) == 2
    assert await run_of(world, runner) == {"a": True, "b": True}
    assert completed(world, recipe)
    assert marks.read_text().split().count("a") == 1


async def run_of(world: World, runner: JobRunner) -> dict[str, bool]:
    """Run the tasks of the newest run, as Airflow does: a task after those it waits for."""
    tasks = world.runs()[-1]["jobs"]
    return {name: await runner.run(tasks[name]) for name in sorted(tasks)}


def completed(world: World, recipe: RecipeRecord) -> bool:
    """Say whether a recipe is complete."""
    return world.recipe(recipe.id).completed is not None


def dispatch_all(world: World) -> None:
    """Note that every run exists."""
    with world.database.transaction() as tx:
        for each in tx.outbox.claim(100):
            tx.outbox.dispatched(each.id)


def pause(world: World, *, is_paused: bool) -> None:
    """Pause or resume the scheduler."""
    with world.database.transaction() as tx:
        tx.scheduler.pause(is_paused=is_paused)
