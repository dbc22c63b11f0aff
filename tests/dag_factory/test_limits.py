"""What a job may use, what becomes of one that wants more, and what is measured of it."""

import os
from pathlib import Path
from typing import Any

import pytest

from catalog.brokers import broker_of
from catalog.records.execution import OutputPlace
from dag_factory.disk import check_room, disk_used
from dag_factory.failures import JobFailure
from dag_factory.runtimes.docker_container import creation
from dag_factory.runtimes.privilege import PRIVILEGED_VARIABLE
from dag_factory.runtimes.process import ProcessRuntime
from dag_factory.runtimes.runtime import Exit, Invocation
from tests.dag_factory.jobs import MAKE, Bench
from tests.dag_factory.programs import python
from tests.dag_factory.test_kubernetes_pod import with_plan
from tests.support.invocations import invocation

MIB = 1024 * 1024
GREEDY = "b = bytearray(200 << 20)"


async def run(execution: Invocation) -> Exit:
    runtime = ProcessRuntime()
    await runtime.start(execution)
    return await runtime.wait(execution)


async def test_a_process_has_as_many_cpus_as_it_requires(tmp_path: Path) -> None:
    program = "import os; print(len(os.sched_getaffinity(0)))"
    execution = invocation(tmp_path, *python(program), cpus=0.5)
    await run(execution)
    assert execution.work.stdout.read_text() == "1\n"


async def test_a_process_that_requires_more_cpus_than_there_are_has_all(tmp_path: Path) -> None:
    program = "import os; print(len(os.sched_getaffinity(0)))"
    execution = invocation(tmp_path, *python(program), cpus=10_000)
    await run(execution)
    assert int(execution.work.stdout.read_text()) == len(os.sched_getaffinity(0))


async def test_a_process_that_wants_more_memory_than_it_has_is_out_of_memory(
    tmp_path: Path,
) -> None:
    end = await run(invocation(tmp_path, *python(GREEDY), mem=128.0))
    assert (end.code, end.out_of_memory) == (1, True)


async def test_a_process_within_its_memory_is_not_stopped(tmp_path: Path) -> None:
    end = await run(invocation(tmp_path, *python(GREEDY), mem=256.0))
    assert (end.code, end.out_of_memory) == (0, False)


async def test_a_process_that_fails_for_another_reason_is_not_out_of_memory(
    tmp_path: Path,
) -> None:
    end = await run(invocation(tmp_path, *python("raise ValueError('dark')"), mem=128.0))
    assert (end.code, end.out_of_memory) == (1, False)


async def test_a_child_of_the_command_has_the_same_memory_limit(tmp_path: Path) -> None:
    ask = "import resource; print(resource.getrlimit(resource.RLIMIT_DATA)[0])"
    execution = invocation(tmp_path, "sh", "-c", f"'{python('')[0]}' -c '{ask}'; exit 0", mem=128.0)
    await run(execution)
    assert int(execution.work.stdout.read_text()) == 128 * MIB


async def test_numpy_and_rasterio_load_in_the_least_memory_a_job_can_have(tmp_path: Path) -> None:
    program = "import numpy, rasterio; numpy.ones((500, 500)) @ numpy.ones((500, 500))"
    end = await run(invocation(tmp_path, python("")[0], "-c", program, mem=128.0))
    assert end.code == 0


async def test_no_file_of_a_process_grows_without_end(tmp_path: Path) -> None:
    program = "open('sparse', 'wb').truncate(5 << 30)"
    execution = with_plan(invocation(tmp_path, *python(program)), disk_out=64.0)
    assert (await run(execution)).code != 0
    assert "File too large" in execution.work.stderr.read_text()


async def test_a_job_whose_output_would_not_fit_is_refused_by_the_name_of_its_volume(
    bench: Bench,
) -> None:
    job = bench.queue(MAKE, "vast", max_tries=1, disk_out_const_required=1e12)
    assert not await bench.run(job)
    assert bench.error_of(job) == "filesystem-io"
    execution = bench.last(job)
    assert "1,000,000,000,000 MiB for its output" in (execution.detail or "")
    assert str(bench.executions) in (execution.detail or "")
    assert execution.job_started is None
    assert bench.left() == []


def test_the_volume_of_the_workspace_is_looked_at_too(tmp_path: Path) -> None:
    has_no_room = broker_of({"version": "1.0", "broker": {"type": "host", "host_path": "/proc"}})
    outputs = {"out": OutputPlace(has_no_room, "job/1.0")}
    execution = with_plan(invocation(tmp_path, "true"), disk_out=1.0, outputs=outputs)
    with pytest.raises(JobFailure, match=r"/proc.* has 0 MiB free, and the job needs 1 MiB"):
        check_room(execution.plan, execution.work)


@pytest.mark.parametrize(("program", "completes"), [(MAKE, True), ("exit 7", False)])
async def test_what_the_output_took_is_kept(bench: Bench, program: str, *, completes: bool) -> None:
    fill = 'head -c 3145728 /dev/zero > "$1/more"; sync "$1/more"; '
    job = bench.queue(fill + program, max_tries=1)
    assert await bench.run(job) is completes
    assert 2.9 < (bench.last(job).disk_out_used or 0.0) < 4.0


def test_links_take_no_disk(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/dev/zero")
    assert disk_used(tmp_path) < 0.1


def host_config(execution: Invocation) -> Any:
    return creation(execution)["HostConfig"]


def test_a_privileged_container_is_refused_where_that_is_not_allowed(tmp_path: Path) -> None:
    execution = with_plan(invocation(tmp_path, "true"), docker_privileged=True)
    with pytest.raises(JobFailure, match=f"{PRIVILEGED_VARIABLE}=1") as caught:
        creation(execution)
    assert caught.value.error_name == "launch"


def test_a_privileged_container_is_privileged_where_that_is_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PRIVILEGED_VARIABLE, "1")
    execution = with_plan(invocation(tmp_path, "true"), docker_privileged=True)
    assert host_config(execution)["Privileged"] is True


def test_a_container_asks_for_its_gpus(tmp_path: Path) -> None:
    execution = with_plan(invocation(tmp_path, "true"), gpus=2)
    wanted = [{"Count": 2, "Capabilities": [["gpu"]]}]
    assert host_config(execution)["DeviceRequests"] == wanted


def test_a_container_without_gpus_asks_for_none(tmp_path: Path) -> None:
    assert host_config(invocation(tmp_path, "true"))["DeviceRequests"] == []
