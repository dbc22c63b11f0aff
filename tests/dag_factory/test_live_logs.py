"""What jobs print, in the log store and in the task's log: as it happens, however much it is."""

import asyncio
import contextlib
import resource
from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalog.logs import KEPT, LogStore, Stream, log_store
from dag_factory import kept_logs
from dag_factory.told_logs import TOLD
from tests.dag_factory.jobs import WAIT, Bench
from tests.dag_factory.programs import python, until
from tests.support.logs import KINDS, set_bucket, set_store
from tests.support.s3 import VARIABLE, s3_in_a_process


def kept(bench: Bench, execution_id: int, stream: Stream = Stream.STDOUT) -> bytes:
    with bench.world.database.transaction() as tx:
        execution = tx.executions.get(execution_id)
    assert execution.started is not None
    return b"".join(log_store().log(execution_id, execution.started, stream).chunks())


@pytest.fixture(params=KINDS)
def store(
    request: pytest.FixtureRequest,
    logs: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> LogStore:
    """Keep logs in a store of each kind."""
    del logs  # set before this
    return set_store(request, monkeypatch, tmp_path)


async def test_what_a_running_job_prints_is_kept_as_it_happens_also_after_a_takeover(
    bench: Bench, store: LogStore
) -> None:
    del store
    job = bench.queue(f"echo one; echo other >&2; {WAIT} echo two", max_tries=1)
    first = asyncio.create_task(bench.runner().run(job.id))
    await until(lambda: bench.world.executions(job.id))
    execution = bench.last(job)
    await until(lambda: bench.last(job).started)
    await until(lambda: kept(bench, execution.id) == b"one\n")
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    second = asyncio.create_task(bench.runner().run(job.id))
    bench.let_go()
    assert await second
    assert kept(bench, execution.id) == b"one\ntwo\n"
    assert kept(bench, execution.id, Stream.STDERR) == b"other\n"


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["directory", "s3"])
async def test_a_gibibyte_of_output_is_kept_in_part_and_never_held_in_memory(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    with contextlib.ExitStack() as stack:
        if kind == "s3":
            server = stack.enter_context(s3_in_a_process())  # what it holds is not ours
            monkeypatch.setenv(VARIABLE, server.connection)
            set_bucket(monkeypatch, server.new_bucket())
            monkeypatch.setattr(kept_logs, "_FINISH_SECONDS", 600.0)
            log_store().sizes(1, datetime.now(UTC))  # its client takes memory, too
        await a_gibibyte(bench)


async def a_gibibyte(bench: Bench) -> None:
    program = "import os; os.write(1, bytes(range(256))); os.ftruncate(1, 1 << 30); print(1)"
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    job = bench.queue(f"{python('')[0]} -I -S -c '{program}'", "gibibyte", max_tries=1)
    assert await bench.runner().run(job.id)
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert used < 64 * 1024
    content = kept(bench, bench.last(job).id)
    assert KEPT < len(content) < KEPT + 100
    assert content.startswith(bytes(range(256)))
    assert content.endswith(b"\x001\n")
    assert (bench.last(job).stdout or "").endswith("1\n")


async def test_the_task_is_told_as_it_happens_and_a_successor_goes_on_there(
    bench: Bench, store: LogStore
) -> None:
    del store
    program = f"echo one; echo other >&2; {WAIT} echo two; printf three"
    job = bench.queue(program, max_tries=1)
    told: list[str] = []
    first = asyncio.create_task(bench.runner().run(job.id, told.append))
    await until(lambda: len(told) >= 2)
    await until(lambda: kept(bench, bench.last(job).id) == b"one\n")
    await until(lambda: kept(bench, bench.last(job).id, Stream.STDERR) == b"other\n")
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    assert told == ["one", "[stderr] other"]
    second = asyncio.create_task(bench.runner().run(job.id, told.append))
    bench.let_go()
    assert await second
    assert told == ["one", "[stderr] other", "two", "three"]


async def test_the_task_is_told_no_more_than_a_part_and_where_the_rest_is(bench: Bench) -> None:
    program = f'{python("")[0]} -I -S -c \'print(("x" * 99 + chr(10)) * 10_000, end="")\''
    job = bench.queue(program, "wordy", max_tries=1)
    told: list[str] = []
    assert await bench.runner().run(job.id, told.append)
    assert sum(len(each) + 1 for each in told[:-1]) == pytest.approx(TOLD, abs=2)
    assert f"/job-executions/{bench.last(job).id}/logs/" in told[-1]


async def test_a_job_that_fails_tells_its_last_words(bench: Bench) -> None:
    job = bench.queue("echo why >&2; exit 3", "failing", max_tries=1)
    told: list[str] = []
    assert not await bench.runner().run(job.id, told.append)
    assert told == ["[stderr] why"]
