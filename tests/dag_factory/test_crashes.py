"""Whatever dies on the way of a job, it ends once, with one set of products."""

import asyncio
import inspect
import logging
import threading
from collections.abc import Callable, Iterable
from typing import Any, Final

import psycopg
import pytest
from psycopg import sql

from catalog.brokers import DirectoryBroker
from catalog.records.work import JobRecord
from catalog.services.executions import ExecutionService
from catalog.states import JobStatus
from dag_factory import outcome
from dag_factory.runtimes.process import ProcessRuntime
from dag_factory.work_directory import WorkDirectory
from tests.dag_factory.jobs import MAKE, WAIT, Bench
from tests.dag_factory.programs import until
from tests.support.catalogues import cut_all_others

pytestmark = pytest.mark.slow

STEPS: Final = {
    "look": (ExecutionService, "standing_of"),
    "begin": (ExecutionService, "begin"),
    "find": (ProcessRuntime, "find"),
    "prepare": (WorkDirectory, "prepare"),
    "give": (ProcessRuntime, "give"),
    "note": (ExecutionService, "starting"),
    "start": (ProcessRuntime, "start"),
    "wait": (ProcessRuntime, "wait"),
    "collect": (outcome, "collect"),
    "put": (DirectoryBroker, "put"),
    "store": (outcome, "store"),
    "complete": (ExecutionService, "complete"),
    "remove": (ProcessRuntime, "remove"),
    "tidy": (WorkDirectory, "remove"),
    "watch": (ExecutionService, "watch"),
}
"""Everything that a run waits for, by name; the watch goes on beside it."""
NOTE: Final = 'echo x >> "$2"; '
every_step = pytest.mark.parametrize("step", [each for each in STEPS if each != "watch"])


class Died(BaseException):
    """The process is gone: nothing of ours may catch this."""


class Fault(Exception):  # noqa: N818  # it stands for any exception
    """Something nobody thought of."""


class Saboteur:
    """Raises at one step each time it comes to the next of these sides of it."""

    def __init__(
        self,
        monkeypatch: pytest.MonkeyPatch,
        step: str,
        kind: type[BaseException],
        sides: Iterable[str],
    ) -> None:
        self.left = list(sides)
        self._kind = kind
        owner, name = STEPS[step]
        original = inspect.getattr_static(owner, name)
        is_async = inspect.iscoroutinefunction(original)
        replaced = self._async(original) if is_async else self._sync(original)
        monkeypatch.setattr(owner, name, replaced)

    def _raise(self, side: str) -> None:
        if self.left[:1] == [side]:
            self.left.pop(0)
            raise self._kind

    def _sync(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def step(*given: Any, **named: Any) -> Any:
            self._raise("before")
            result = original(*given, **named)
            self._raise("after")
            return result

        return step

    def _async(self, original: Callable[..., Any]) -> Callable[..., Any]:
        async def step(*given: Any, **named: Any) -> Any:
            self._raise("before")
            result = await original(*given, **named)
            self._raise("after")
            return result

        return step


def runs(bench: Bench) -> int:
    """Return how often the program ran."""
    return len(bench.notes().read_text().split())


def completed_once(bench: Bench, job: JobRecord) -> bool:
    """Say whether a job is complete with one product, and nothing of it is left."""
    (product,) = bench.products_of(job)
    stored = list((bench.world.home / "products").rglob(f"job_exe_{product.job_exe_id}/*"))
    return (
        bench.world.job(job.id).status is JobStatus.COMPLETED
        and product.is_published
        and [each.read_text() for each in stored] == ["made\n"]
        and bench.left() == []
    )


@every_step
async def test_a_runner_that_dies_before_or_after_any_step_is_continued_by_another(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    job = bench.queue(f"{NOTE} {MAKE}")
    saboteur = Saboteur(monkeypatch, step, Died, ["before", "after"])
    for _ in range(2):
        with pytest.raises(Died):
            await bench.run(job)
    assert saboteur.left == []
    assert await bench.run(job)
    assert completed_once(bench, job)
    assert runs(bench) == 1


@every_step
async def test_a_fault_at_any_step_ends_the_execution_and_the_job_is_tried_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    job = bench.queue(f"{NOTE} {MAKE}")
    saboteur = Saboteur(monkeypatch, step, Fault, ["after"])
    assert await bench.run(job)
    assert saboteur.left == []
    assert completed_once(bench, job)


@pytest.mark.parametrize("step", ["begin", "find", "start", "store"])
async def test_a_fault_that_stays_ends_the_job_as_unknown(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    job = bench.queue(f"{NOTE} {MAKE}", max_tries=2)
    with monkeypatch.context() as patched:
        Saboteur(patched, step, Fault, ["after"] * 100)
        assert not await bench.run(job)
    assert bench.error_of(job) == "unknown"
    assert bench.world.job(job.id).num_exes == 2
    assert "Airscale met a fault of its own (Fault())" in (bench.last(job).detail or "")
    assert bench.products_of(job) == []
    assert bench.left() == []


async def test_a_fault_of_the_watch_ends_the_execution_and_is_not_taken_for_a_cancellation(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = bench.queue(f"{NOTE} {WAIT} {MAKE}")
    Saboteur(monkeypatch, "watch", Fault, ["after"])
    running = asyncio.create_task(bench.run(job))
    await until(lambda: bench.world.job(job.id).num_exes > 1)
    bench.let_go()
    assert await running
    first, _ = bench.world.executions(job.id)
    assert "Fault()" in (first.detail or "")
    assert completed_once(bench, job)


async def test_runners_at_once_complete_a_job_once(bench: Bench) -> None:
    job = bench.queue(f"{NOTE} {MAKE}")
    assert await asyncio.gather(*(bench.run(job) for _ in range(4))) == [True] * 4
    assert completed_once(bench, job)
    assert runs(bench) == 1


@pytest.mark.parametrize("state", ["running", "ended"])
async def test_another_triggerer_takes_over_what_it_finds(bench: Bench, state: str) -> None:
    job = bench.queue(f"{NOTE} {WAIT} {MAKE}")

    def first_triggerer() -> None:
        async def die_while_it_runs() -> None:
            running = asyncio.create_task(bench.run(job))
            await until(bench.notes().exists)
            running.cancel()

        asyncio.run(die_while_it_runs())

    await asyncio.to_thread(first_triggerer)
    assert bench.world.job(job.id).status is JobStatus.RUNNING
    if state == "ended":
        bench.let_go()
        (left,) = bench.left()
        await until((bench.executions / left / "exit.json").exists)
    second = asyncio.create_task(bench.run(job))
    bench.let_go()
    assert await second
    assert completed_once(bench, job)
    assert runs(bench) == 1


async def test_connections_that_are_cut_at_any_time_do_no_harm(bench: Bench) -> None:
    job = bench.queue(f"{NOTE} sleep 0.3; {MAKE}")
    running = asyncio.create_task(bench.run(job))
    for _ in range(5):
        await asyncio.to_thread(cut_all_others, bench.world.database)
        await asyncio.wait([running], timeout=0.15)
    assert await running
    assert completed_once(bench, job)
    assert runs(bench) == 1


async def test_a_job_goes_on_while_the_database_is_away(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    job = bench.queue(f"{NOTE} {MAKE}")
    away = threading.Event()
    wait = ProcessRuntime.wait

    async def wait_and_lose_the_database(runtime: ProcessRuntime, running: Any) -> Any:
        end = await wait(runtime, running)
        if not away.is_set():
            away.set()
            await asyncio.to_thread(_allow_connections, bench, is_allowed=False)
        return end

    monkeypatch.setattr(ProcessRuntime, "wait", wait_and_lose_the_database)
    try:
        with caplog.at_level(logging.WARNING):
            running = asyncio.create_task(bench.run(job))
            await until(lambda: caplog.text.count("The catalogue does not answer") > 1)
    finally:
        _allow_connections(bench, is_allowed=True)
    assert await running
    assert completed_once(bench, job)
    assert runs(bench) == 1


def _allow_connections(bench: Bench, *, is_allowed: bool) -> None:
    """Open or shut the database to connections, as a server that comes and goes would."""
    url = bench.world.database.engine.url
    name = sql.Identifier(url.database or "")
    server = url.set(drivername="postgresql", database="postgres")
    with psycopg.connect(
        server.render_as_string(hide_password=False), autocommit=True
    ) as connection:
        connection.execute(
            sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}").format(name, sql.Literal(is_allowed))
        )
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            [url.database],
        )
