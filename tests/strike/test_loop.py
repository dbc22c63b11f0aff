"""Running a process in an event loop: woken by arrivals, patient with faults, done when told."""

import asyncio
import subprocess
import sys
from collections.abc import Callable

import pytest

from catalog.states import IngestStatus
from strike.loop import run_for
from strike.process import StrikeProcess
from strike.summary import PassSummary
from tests.strike.bench import StrikeBench
from tests.strike.conftest import MakeBench

pytestmark = pytest.mark.slow

PATIENCE = 30.0


async def until(condition: Callable[[], bool]) -> None:
    """Wait until a condition comes true."""
    async with asyncio.timeout(PATIENCE):
        while not await asyncio.to_thread(condition):  # noqa: ASYNC110  # nothing sets an Event
            await asyncio.sleep(0.02)


async def cancelled(task: asyncio.Task[bool]) -> None:
    """Cancel a task and wait until it has ended."""
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_files_are_ingested_as_they_arrive(make_bench: MakeBench) -> None:
    bench = make_bench(interval=PATIENCE)

    async def scenario() -> None:
        running = asyncio.create_task(run_for(bench.process, PATIENCE))
        await until((bench.inbox / "ingesting").is_dir)
        bench.send("one.txt")
        await until(lambda: bench.statuses() == {IngestStatus.INGESTED: 1})
        bench.send("two.txt")
        await until(lambda: bench.statuses() == {IngestStatus.INGESTED: 2})
        await cancelled(running)

    asyncio.run(scenario())


def test_a_run_ends_when_its_time_is_over_and_another_goes_on(bench: StrikeBench) -> None:
    assert not asyncio.run(run_for(bench.process, 0.2))
    bench.process = bench.new_process()
    bench.send("one.txt")

    assert not asyncio.run(run_for(bench.process, 0.5))

    assert bench.statuses() == {IngestStatus.INGESTED: 1}


def test_a_run_ends_when_the_strike_is_not_active(bench: StrikeBench) -> None:
    with bench.catalogue.database.transaction() as tx:
        tx.strikes.update(bench.strike.id, {"is_active": False})

    assert asyncio.run(run_for(bench.process, PATIENCE))


def test_a_fault_of_a_pass_does_not_end_the_run(
    bench: StrikeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = StrikeProcess.run_pass
    faults: list[int] = []

    def fail_first(process: StrikeProcess, patience: float | None = None) -> PassSummary:
        if not faults:
            faults.append(1)
            message = "a fault"
            raise RuntimeError(message)
        return real(process, patience)

    monkeypatch.setattr(StrikeProcess, "run_pass", fail_first)
    bench.send("one.txt")

    assert not asyncio.run(run_for(bench.process, 2.0))

    assert bench.statuses() == {IngestStatus.INGESTED: 1}


def test_a_run_that_is_cancelled_gives_its_lock_back(bench: StrikeBench) -> None:
    async def scenario() -> None:
        running = asyncio.create_task(run_for(bench.process, PATIENCE))
        await until((bench.inbox / "ingesting").is_dir)
        await cancelled(running)

    asyncio.run(scenario())
    bench.process = bench.new_process()

    assert bench.run().problem is None


def test_all_but_the_airflow_parts_import_without_airflow() -> None:
    program = (
        "import sys, pkgutil, importlib, strike\n"
        "names = {each.name for each in pkgutil.iter_modules(strike.__path__)}\n"
        "for name in names - {'trigger', 'sensor', 'dag'}:\n"
        "    importlib.import_module(f'strike.{name}')\n"
        "assert 'airflow' not in sys.modules\n"
        "assert {'scanner', 'rules', 'ingest', 'process'} <= names\n"
    )

    subprocess.run([sys.executable, "-c", program], check=True)
