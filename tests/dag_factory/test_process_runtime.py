"""Jobs as processes: run once, found again, killed whole, whoever watches."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from catalog.records.execution import InputFile
from dag_factory.failures import JobFailure
from dag_factory.runtimes import process
from dag_factory.runtimes.process import ProcessRuntime
from dag_factory.runtimes.runtime import Exit, Found, Invocation
from tests.dag_factory.programs import python, until
from tests.support.invocations import invocation

SLEEP = "import time; time.sleep(120)"


@pytest.fixture
def runtime() -> ProcessRuntime:
    """Return a runtime; it keeps nothing."""
    return ProcessRuntime()


@pytest.fixture
async def sleeper(runtime: ProcessRuntime, tmp_path: Path) -> AsyncIterator[Invocation]:
    """Return a job that runs, and whose command sleeps."""
    running = invocation(
        tmp_path, *python(f"open('pid', 'w').write(str(__import__('os').getpid())); {SLEEP}")
    )
    await runtime.start(running)
    await until(lambda: (running.work.outputs / "pid").exists() and pid_of(running))
    yield running
    await runtime.kill(running)


def pid_of(running: Invocation) -> int:
    """Return the pid of the command, 0 while it has not said it."""
    return int((running.work.outputs / "pid").read_text() or 0)


def supervisor_of(running: Invocation) -> int:
    started: dict[str, Any] = json.loads((running.work.root / "started.json").read_text())
    return int(started["pid"])


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def run(runtime: ProcessRuntime, running: Invocation) -> Exit:
    await runtime.start(running)
    return await runtime.wait(running)


async def test_a_command_runs_in_the_output_directory_and_its_exit_code_is_known(
    runtime: ProcessRuntime, tmp_path: Path
) -> None:
    running = invocation(tmp_path, *python("import os; print(os.getcwd()); raise SystemExit(7)"))
    assert await runtime.find(running) is Found.ABSENT
    end = await run(runtime, running)
    assert end.code == 7
    assert await runtime.find(running) is Found.EXITED
    assert running.work.stdout.read_text().strip() == str(running.work.outputs)


async def test_a_command_that_dies_of_a_signal_has_a_negative_code(
    runtime: ProcessRuntime, tmp_path: Path
) -> None:
    end = await run(runtime, invocation(tmp_path, *python("import os; os.kill(os.getpid(), 9)")))
    assert end.code == -signal.SIGKILL


async def test_output_of_any_bytes_is_kept(runtime: ProcessRuntime, tmp_path: Path) -> None:
    program = "import os; os.write(1, bytes(range(256))); os.write(2, b'\\0\\xff')"
    running = invocation(tmp_path, *python(program))
    await run(runtime, running)
    assert running.work.stdout.read_bytes() == bytes(range(256))
    assert running.work.stderr.read_bytes() == b"\0\xff"


async def test_starts_at_once_run_the_command_once(runtime: ProcessRuntime, tmp_path: Path) -> None:
    running = invocation(tmp_path, *python("open('ran', 'a').write('x')"))
    await asyncio.gather(*(runtime.start(running) for _ in range(4)))
    ends = await asyncio.gather(*(runtime.wait(running) for _ in range(4)))
    await runtime.start(running)
    assert len(set(ends)) == 1
    assert (running.work.outputs / "ran").read_text() == "x"


async def test_a_command_that_is_not_there_is_a_launch_failure(
    runtime: ProcessRuntime, tmp_path: Path
) -> None:
    with pytest.raises(JobFailure, match="'no-such-command' could not be started") as caught:
        await run(runtime, invocation(tmp_path, "no-such-command"))
    assert caught.value.error_name == "launch"


async def test_a_file_that_is_not_executable_is_a_launch_failure(
    runtime: ProcessRuntime, tmp_path: Path
) -> None:
    (tmp_path / "plain").touch()
    with pytest.raises(JobFailure, match="Permission denied") as caught:
        await run(runtime, invocation(tmp_path, str(tmp_path / "plain")))
    assert caught.value.error_name == "launch"


async def test_a_command_is_looked_for_on_the_algorithm_path_first(
    runtime: ProcessRuntime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    algorithm = tmp_path / "algorithms" / "true"
    algorithm.parent.mkdir()
    algorithm.write_text("#!/bin/sh\nexit 42\n")
    algorithm.chmod(0o755)
    monkeypatch.setenv("AIRSCALE_ALGORITHM_PATH", str(algorithm.parent))
    end = await run(runtime, invocation(tmp_path, "true"))
    assert end.code == 42


async def test_a_job_outlives_whoever_started_it(
    runtime: ProcessRuntime, sleeper: Invocation
) -> None:
    assert await runtime.find(sleeper) is Found.RUNNING
    assert psutil.Process(supervisor_of(sleeper)).ppid() != os.getpid()
    assert os.getsid(pid_of(sleeper)) == os.getsid(supervisor_of(sleeper)) != os.getsid(0)


async def test_a_command_whose_supervisor_was_killed_runs_on_and_is_then_lost(
    runtime: ProcessRuntime, sleeper: Invocation
) -> None:
    os.kill(supervisor_of(sleeper), signal.SIGKILL)
    await until(lambda: not is_alive(supervisor_of(sleeper)))
    assert await runtime.find(sleeper) is Found.RUNNING
    os.kill(pid_of(sleeper), signal.SIGKILL)
    with pytest.raises(JobFailure, match="vanished without an exit status") as caught:
        await runtime.wait(sleeper)
    assert caught.value.error_name == "node-lost"
    assert await runtime.find(sleeper) is Found.LOST


async def test_a_lost_job_is_not_started_again(
    runtime: ProcessRuntime, sleeper: Invocation
) -> None:
    await runtime.kill(sleeper)
    assert await runtime.find(sleeper) is Found.LOST
    first = supervisor_of(sleeper)
    await runtime.start(sleeper)
    with pytest.raises(JobFailure, match="vanished without an exit status"):
        await runtime.wait(sleeper)  # the second supervisor may still hold the lock, to look
    assert await runtime.find(sleeper) is Found.LOST
    assert supervisor_of(sleeper) == first


async def test_a_kill_ends_the_command_and_what_it_started(
    runtime: ProcessRuntime, tmp_path: Path
) -> None:
    program = (
        "import os, time\n"
        "children = [os.fork() or os.setpgid(0, 0) for _ in range(2)]\n"
        f"open(str(os.getpid()), 'w').close()\n{SLEEP}"
    )
    running = invocation(tmp_path, *python(program))
    await runtime.start(running)
    await until(lambda: len(list(running.work.outputs.iterdir())) == 4)
    pids = [int(each.name) for each in running.work.outputs.iterdir()]
    assert all(map(is_alive, pids))
    await runtime.kill(running)
    assert not any(map(is_alive, [*pids, supervisor_of(running)]))


async def test_a_command_is_asked_to_end_before_it_is_killed(
    runtime: ProcessRuntime, tmp_path: Path
) -> None:
    script = "trap 'echo saved > saved; exit 0' TERM; echo > begun; while :; do sleep 0.05; done"
    running = invocation(tmp_path, "sh", "-c", script)
    await runtime.start(running)
    await until((running.work.outputs / "begun").exists)
    await runtime.kill(running)
    assert (running.work.outputs / "saved").read_text() == "saved\n"
    assert await runtime.find(running) is Found.LOST


async def test_a_command_that_will_not_end_is_killed_soon(
    runtime: ProcessRuntime, tmp_path: Path
) -> None:
    program = (
        "import os, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"open('pid', 'w').write(str(os.getpid())); {SLEEP}"
    )
    running = invocation(tmp_path, *python(program))
    await runtime.start(running)
    await until(lambda: (running.work.outputs / "pid").exists() and pid_of(running))
    async with asyncio.timeout(30):
        await runtime.kill(running)
    assert not is_alive(pid_of(running))


async def test_a_kill_ends_a_command_whose_supervisor_is_dead_already(
    runtime: ProcessRuntime, sleeper: Invocation
) -> None:
    os.kill(supervisor_of(sleeper), signal.SIGKILL)
    await until(lambda: not is_alive(supervisor_of(sleeper)))
    await runtime.kill(sleeper)
    assert not is_alive(pid_of(sleeper))


async def test_a_kill_leaves_a_process_that_has_the_number_by_chance(
    runtime: ProcessRuntime, sleeper: Invocation, tmp_path: Path
) -> None:
    other = invocation(tmp_path, *python(SLEEP))
    await runtime.start(other)
    pid = supervisor_of(other)
    long_ago = {"pid": pid, "ticks": "1"}
    original = (sleeper.work.root / "started.json").read_text()
    (sleeper.work.root / "started.json").write_text(json.dumps(long_ago))
    await runtime.kill(sleeper)
    assert is_alive(pid)
    (sleeper.work.root / "started.json").write_text(original)
    await runtime.kill(other)


async def test_killing_what_is_not_there_or_has_ended_does_nothing(
    runtime: ProcessRuntime, tmp_path: Path
) -> None:
    running = invocation(tmp_path, *python("pass"))
    await runtime.kill(running)
    end = await run(runtime, running)
    await runtime.kill(running)
    assert await runtime.wait(running) == end


async def test_whoever_waits_for_a_job_that_was_removed_loses_it(
    runtime: ProcessRuntime, tmp_path: Path
) -> None:
    running = invocation(tmp_path, *python("pass"))
    await run(runtime, running)
    running.work.remove()
    with pytest.raises(JobFailure) as caught:
        await runtime.wait(running)
    assert caught.value.error_name == "node-lost"


async def test_a_work_directory_that_cannot_be_written_is_a_launch_failure(
    runtime: ProcessRuntime, tmp_path: Path
) -> None:
    running = invocation(tmp_path, *python("pass"))
    running.work.remove()
    with pytest.raises(JobFailure, match="could not be started") as caught:
        await runtime.start(running)
    assert caught.value.error_name == "launch"


async def test_neither_job_nor_supervisor_sees_our_secrets(
    runtime: ProcessRuntime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN",
        "AIRSCALE_DATABASE_URL",
        "TOKEN",
        "PGPASSWORD",
    ):
        monkeypatch.setenv(name, "secret")
    program = (
        "import json, os\n"
        "outer = open(f'/proc/{os.getppid()}/environ').read()\n"
        "print(json.dumps([dict(os.environ), outer]))"
    )
    running = invocation(tmp_path, *python(program), environment={"JOB_ID": "7"})
    await run(runtime, running)
    job, outer = json.loads(running.work.stdout.read_text())
    kept = {"HOME", "LANG", "LC_ALL", "TZ", "AIRSCALE_HOME", "AIRSCALE_STACK", "PATH", "JOB_ID"}
    assert job.keys() <= kept | {"LC_CTYPE"}  # which Python itself sets
    assert job["JOB_ID"] == "7"
    assert "secret" not in outer


def test_inputs_are_links_and_may_be_given_again(runtime: ProcessRuntime, tmp_path: Path) -> None:
    running = invocation(tmp_path / "executions", "true")
    original = tmp_path / "a.tif"
    original.write_bytes(b"content")
    files = {"my input": {"a.tif": InputFile(1, "a.tif", original, "image/tiff", 7)}}
    for _ in range(2):
        runtime.give(running.work, files)
    assert runtime.input_path(running.work, "my input", "a.tif").read_bytes() == b"content"


async def test_a_start_does_not_wait_for_a_work_directory_that_was_removed(
    runtime: ProcessRuntime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = invocation(tmp_path, *python("pass"))
    monkeypatch.setattr(process, "_launch", lambda made: made.work.remove())
    async with asyncio.timeout(5):
        with pytest.raises(JobFailure, match="work directory was removed"):
            await runtime.start(running)
