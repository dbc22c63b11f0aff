"""What cannot be kept of a log: it stops no job, is said once, and is kept as soon as it can be."""

import asyncio
import contextlib
import logging
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from catalog.logs import CONNECTION_VARIABLE, LOGS_VARIABLE, Stream, log_store
from dag_factory.clean_up import CleanUp, remove_orphans
from dag_factory.kept_logs import KeptOutput, KeptStream, LogKeeper
from dag_factory.runtimes.runtime import Invocation
from tests.dag_factory.jobs import WAIT, Bench
from tests.dag_factory.programs import DEADLINE, until
from tests.support.invocations import invocation
from tests.support.s3 import CONNECTION, VARIABLE, S3Server

LONG = "head -c 600000 /dev/zero | tr '\\0' x"


@pytest.fixture
def blocked(logs: Path) -> Path:
    """Let the log store be where no directory can be made; return the file that is in the way."""
    logs.write_text("in the way")
    return logs


@pytest.fixture
def execution(tmp_path: Path) -> Invocation:
    """Return an execution that has printed a line."""
    made = invocation(tmp_path / "executions", "true")
    made.work.prepare()
    made.work.stdout.write_text("one\n")
    return made


def kept(execution: Invocation) -> bytes:
    plan = execution.plan
    return b"".join(log_store().log(plan.job_exe_id, plan.started, Stream.STDOUT).chunks())


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage() for each in caplog.records if each.levelno == logging.WARNING]


def test_a_log_that_cannot_be_kept_is_said_once_and_once_when_it_can_be_again(
    execution: Invocation, blocked: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stream = KeptStream(execution, Stream.STDOUT)
    for _ in range(5):
        stream.copy_new()
    (said,) = warnings(caplog)
    assert f"The stdout of {execution.name} cannot be kept now" in said
    blocked.unlink()
    stream.copy_new()
    stream.copy_new()
    assert warnings(caplog)[1:] == [f"The stdout of {execution.name} is kept again."]
    assert kept(execution) == b"one\n"


def test_a_log_that_could_not_be_kept_to_the_end_is_said_once_more(
    execution: Invocation, blocked: Path, caplog: pytest.LogCaptureFixture
) -> None:
    del blocked
    output = KeptOutput(execution)
    execution.work.stdout.write_bytes(b"x" * 300_000)
    output.streams[0].copy_new()
    assert not output.finish()
    assert [f"The stdout of {execution.name}" in each for each in warnings(caplog)] == [True, True]
    assert "is not kept whole" in warnings(caplog)[1]


def test_what_failed_is_not_tried_again_at_once(execution: Invocation, blocked: Path) -> None:
    del blocked
    stream = KeptStream(execution, Stream.STDOUT)
    for _ in range(7):
        stream.copy_new()
    assert not stream.becomes_due()  # for a minute


def test_a_stream_is_queued_once_however_long_the_store_takes(execution: Invocation) -> None:
    stream = KeptStream(execution, Stream.STDOUT)
    assert stream.becomes_due()
    assert not stream.becomes_due()
    stream.copy_new()
    assert not stream.becomes_due()
    execution.work.stdout.write_text("one\ntwo\n")
    assert stream.becomes_due()


def test_nothing_is_copied_after_the_end(execution: Invocation) -> None:
    output = KeptOutput(execution)
    output.streams[0].copy_new()
    assert output.finish()
    execution.work.stdout.write_text("one\nafterwards\n")
    output.streams[0].copy_new()
    assert kept(execution) == b"one\n"


async def test_a_job_completes_and_its_log_is_kept_later_where_the_store_was_away(
    bench: Bench, blocked: Path
) -> None:
    job = bench.queue(LONG, "unkept", max_tries=1)
    assert await bench.run(job)
    last = bench.last(job)
    assert f"exe-{last.id}" in bench.left()
    await asyncio.to_thread(blocked.unlink)
    service = bench.world.catalogue.executions
    removed = await remove_orphans(service, bench.executions, CleanUp(), timedelta())
    assert last.id in removed
    assert f"exe-{last.id}" not in bench.left()
    assert last.started is not None
    log = log_store().log(last.id, last.started, Stream.STDOUT)
    assert b"".join(log.chunks()) == b"x" * 600_000


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the log store be a bucket of a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        endpoint = f"http://127.0.0.1:{server.getsockname()[1]}"
        monkeypatch.setenv(VARIABLE, S3Server(endpoint).connection)
        monkeypatch.setenv(CONNECTION_VARIABLE, CONNECTION)
        monkeypatch.setenv(LOGS_VARIABLE, f"s3://silent-{server.getsockname()[1]}/logs")
        yield


@pytest.mark.slow
@pytest.mark.usefixtures("silent")
async def test_a_bucket_that_does_not_answer_keeps_no_task_log_and_no_job_waiting(
    bench: Bench,
) -> None:
    told: list[str] = []
    jobs = [bench.queue(f"echo one; {WAIT}", max_tries=1) for _ in range(6)]
    runner = bench.runner()
    running = [asyncio.create_task(runner.run(each.id, told.append)) for each in jobs]
    await until(lambda: told == ["one"] * 6)
    bench.let_go()
    async with asyncio.timeout(DEADLINE):
        assert all(await asyncio.gather(*running))


async def test_many_logs_are_followed_by_a_few_threads(tmp_path: Path) -> None:
    before = set(threading.enumerate())  # of other tests, too
    keeper = LogKeeper()
    made = [invocation(tmp_path / "executions", "true") for _ in range(30)]
    async with contextlib.AsyncExitStack() as stack:
        for number, each in enumerate(made):
            each.work.prepare()
            await stack.enter_async_context(keeper.following(KeptOutput(each)))
            each.work.stdout.write_text(f"{number}\n")
        wanted = [f"{number}\n".encode() for number in range(len(made))]
        await until(lambda: [kept(each) for each in made] == wanted)
        threads = [each.name for each in threading.enumerate() if each not in before]
        assert sum(name.startswith("logs_") for name in threads) <= 8
