"""Executions as containers, on a real engine with the example's image."""

import asyncio
import dataclasses
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dag_factory.failures import JobFailure
from dag_factory.runtimes.docker import DockerRuntime
from dag_factory.runtimes.runtime import Found, Invocation
from tests.dag_factory.conftest import Containers
from tests.support.docker import async_until, docker, engine_proxy, require_docker
from tests.support.invocations import input_file

pytestmark = [pytest.mark.docker, pytest.mark.timeout(180)]
WAIT_FOR_GO = "until [ -e go ]; do sleep 0.05; done"


@pytest.fixture(autouse=True, scope="module")
def engine() -> None:
    require_docker()


def test_nothing_is_there_before_the_start(containers: Containers) -> None:
    assert asyncio.run(containers.runtime.find(containers.new("true"))) is Found.ABSENT


async def test_the_exit_code_is_that_of_the_command(containers: Containers) -> None:
    assert (await containers.run(containers.shell("exit 7"))).code == 7


async def test_the_end_is_when_the_container_ended(containers: Containers) -> None:
    end = await containers.run(containers.new("true"))

    assert abs(datetime.now(UTC) - end.completed) < timedelta(seconds=30)


async def test_streams_are_kept_separately(containers: Containers) -> None:
    execution = containers.shell("echo to stdout; echo to stderr >&2")

    await containers.run(execution)

    assert execution.work.stdout.read_text() == "to stdout\n"
    assert execution.work.stderr.read_text() == "to stderr\n"


async def test_the_whole_of_a_long_log_is_kept(containers: Containers) -> None:
    execution = containers.shell("echo first >&2; seq 1 100000; echo last >&2")

    await containers.run(execution)

    assert execution.work.stdout.read_bytes() == b"".join(b"%d\n" % n for n in range(1, 100_001))
    assert execution.work.stderr.read_text() == "first\nlast\n"


async def test_a_running_container_is_heard_also_by_who_takes_it_over(
    containers: Containers,
) -> None:
    execution = containers.shell(f"echo one; echo other >&2; {WAIT_FOR_GO}; echo two")
    await containers.runtime.start(execution)
    first = asyncio.create_task(containers.runtime.wait(execution))
    await async_until(lambda: content(execution.work.stdout) == "one\n")
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)

    second = asyncio.create_task(DockerRuntime().wait(execution))
    (execution.work.outputs / "go").touch()

    assert (await second).code == 0
    assert content(execution.work.stdout) == "one\ntwo\n"
    assert content(execution.work.stderr) == "other\n"


async def test_output_that_is_no_text_is_kept_as_text(containers: Containers) -> None:
    execution = containers.shell(r"printf 'a\000\377\200b\n'; printf 'no end of line'")

    await containers.run(execution)

    # The engine's log is text: it replaces what is none.
    assert execution.work.stdout.read_text() == "a\0\ufffd\ufffdb\nno end of line"


async def test_the_command_has_its_environment_and_no_shell(containers: Containers) -> None:
    execution = containers.new(
        "printenv", "JOB_ID", environment={"JOB_ID": "a b='$HOME'\nü"}, exit_codes={}
    )

    await containers.run(execution)

    assert execution.work.stdout.read_text() == "a b='$HOME'\nü\n"


@pytest.mark.parametrize(
    "name", ["two words.txt", "größe-日本.txt", "new\nline.txt", "a:b,c=d.txt", "-n.txt", "'\"$x"]
)
async def test_an_input_is_seen_under_its_name(
    containers: Containers, tmp_path: Path, name: str
) -> None:
    files = {"image": (input_file(tmp_path / "raw" / name, "content"),)}
    path = str(containers.runtime.input_path(containers.new("x").work, "image", name))

    execution = containers.new("cat", "--", path, files=files)

    assert (await containers.run(execution)).code == 0, execution.work.stderr.read_text()
    assert execution.work.stdout.read_text() == "content"


async def test_all_files_of_an_input_are_in_its_directory(
    containers: Containers, tmp_path: Path
) -> None:
    files = {
        "scenes": (
            input_file(tmp_path / "1" / "a.txt", "one", 1),
            input_file(tmp_path / "2" / "a.txt", "two", 2),
        ),
        "none": (),
    }
    execution = containers.shell("cd /airscale/inputs; ls scenes none", files=files)

    await containers.run(execution)

    assert execution.work.stdout.read_text() == "none:\n\nscenes:\na-2.txt\na.txt\n"


async def test_an_input_cannot_be_written(containers: Containers, tmp_path: Path) -> None:
    given = input_file(tmp_path / "raw" / "a.txt", "before")
    given.path.chmod(0o666)
    execution = containers.shell("echo x > /airscale/inputs/i/a.txt", files={"i": (given,)})

    assert (await containers.run(execution)).code != 0
    assert given.path.read_text() == "before"


async def test_neighbours_of_an_input_cannot_be_seen(
    containers: Containers, tmp_path: Path
) -> None:
    given = input_file(tmp_path / "raw" / "a.txt", "")
    input_file(tmp_path / "raw" / "secret.txt", "")
    execution = containers.shell(f"ls /airscale/inputs/i; ls {tmp_path}", files={"i": (given,)})

    assert (await containers.run(execution)).code != 0
    assert execution.work.stdout.read_text() == "a.txt\n"


async def test_the_users_of_images_may_write_outputs(containers: Containers) -> None:
    execution = containers.shell("mkdir -p a/b && id -u | tee a/b/user")

    assert (await containers.run(execution)).code == 0
    assert (execution.work.outputs / "a/b/user").read_text() == "10001\n"


async def test_cpu_time_is_limited(containers: Containers) -> None:
    execution = containers.shell(
        "cd /sys/fs/cgroup; cat cpu/cpu.cfs_period_us cpu/cpu.cfs_quota_us cpu.max", cpus=0.3
    )

    await containers.run(execution)

    assert execution.work.stdout.read_text().split() in (
        ["100000", "30000"],  # version 1 of cgroups
        ["30000", "100000"],  # version 2
    )


async def test_a_job_may_ask_for_more_cpus_than_there_are(containers: Containers) -> None:
    execution = containers.new("true", cpus=4.0 * (os.cpu_count() or 1))

    assert (await containers.run(execution)).code == 0


async def test_too_much_memory_ends_the_job_as_such(containers: Containers) -> None:
    end = await containers.run(
        containers.new("python3", "-c", "x = bytearray(200_000_000)", mem=32.0)
    )

    assert end.out_of_memory
    assert end.code != 0


async def test_a_job_may_ask_for_hardly_any_memory(containers: Containers) -> None:
    assert (await containers.run(containers.new("true", mem=1.0))).code == 0


async def test_an_image_that_is_nowhere_is_named(containers: Containers) -> None:
    execution = containers.new("true", image="localhost:1/no/such-image:9")

    with pytest.raises(
        JobFailure, match=r"localhost:1/no/such-image:9.*Build or load it"
    ) as raised:
        await containers.runtime.start(execution)

    assert raised.value.error_name == "image-pull"


async def test_a_job_type_without_an_image_is_named(containers: Containers) -> None:
    with pytest.raises(JobFailure, match=r"'test' version '1\.0'.*no docker_image") as raised:
        await containers.runtime.start(containers.new("true", image=None))

    assert raised.value.error_name == "image-pull"


async def test_a_command_that_is_not_in_the_image_is_named(containers: Containers) -> None:
    execution = containers.new("no-such-command")

    with pytest.raises(JobFailure, match="'no-such-command' could not be started") as raised:
        await containers.runtime.start(execution)

    assert raised.value.error_name == "launch"
    assert not exists(execution)


async def test_who_takes_over_finds_the_container(containers: Containers) -> None:
    execution = containers.shell(WAIT_FOR_GO)
    await containers.runtime.start(execution)
    before = inspected(execution)["Id"]

    assert await containers.runtime.find(execution) is Found.RUNNING
    await containers.runtime.start(execution)
    assert inspected(execution)["Id"] == before
    (execution.work.outputs / "go").touch()
    assert (await containers.runtime.wait(execution)).code == 0
    assert await containers.runtime.find(execution) is Found.EXITED


async def test_a_container_that_was_only_made_is_started(containers: Containers) -> None:
    execution = containers.shell("exit 5")
    await containers.run(execution)
    configuration = inspected(execution)
    docker("rm", execution.name)
    labels = [
        f"--label={name}={value}" for name, value in configuration["Config"]["Labels"].items()
    ]
    image, command = execution.plan.docker_image, execution.argv
    docker("create", "--name", execution.name, *labels, str(image), *command)

    assert await containers.runtime.find(execution) is Found.ABSENT
    assert (await containers.run(execution)).code == 5


async def test_of_two_starts_at_once_one_makes_the_container(containers: Containers) -> None:
    execution = containers.shell("echo once >> runs")

    await asyncio.gather(*(containers.runtime.start(execution) for _ in range(4)))
    await containers.runtime.wait(execution)

    assert (execution.work.outputs / "runs").read_text() == "once\n"


async def test_a_container_of_an_earlier_catalogue_makes_room(containers: Containers) -> None:
    execution = containers.shell("echo new")
    earlier = dataclasses.replace(
        execution,
        plan=dataclasses.replace(execution.plan, started=datetime(2020, 1, 1, tzinfo=UTC)),
        argv=("echo", "old"),
    )
    await containers.run(earlier)
    (execution.work.root / "container.id").unlink()

    assert await containers.runtime.find(execution) is Found.ABSENT
    await containers.run(execution)
    assert execution.work.stdout.read_text() == "new\n"


async def test_the_container_of_another_system_is_left_alone(containers: Containers) -> None:
    theirs = containers.new("sleep", "60")
    await containers.runtime.start(theirs)
    ours = containers.new("true")
    plan = dataclasses.replace(ours.plan, job_exe_id=theirs.plan.job_exe_id)
    ours = dataclasses.replace(ours, plan=plan)

    with pytest.raises(JobFailure, match="not from this system"):
        await containers.runtime.find(ours)
    await containers.runtime.kill(ours)

    assert inspected(theirs)["State"]["Running"]


async def test_a_kill_leaves_the_log_and_the_container(containers: Containers) -> None:
    execution = containers.shell("echo begun; touch begun; sleep 600")
    await containers.runtime.start(execution)
    await async_until((execution.work.outputs / "begun").exists)

    await containers.runtime.kill(execution)

    assert await containers.runtime.find(execution) is Found.EXITED
    assert execution.work.stdout.read_text() == "begun\n"


async def test_a_container_is_asked_to_end_before_it_is_killed(containers: Containers) -> None:
    script = "trap 'echo saved; exit 0' TERM; touch begun; while :; do sleep 0.05; done"
    execution = containers.shell(script)
    await containers.runtime.start(execution)
    await async_until((execution.work.outputs / "begun").exists)

    await containers.runtime.kill(execution)

    assert not inspected(execution)["State"]["Running"]
    assert execution.work.stdout.read_text() == "saved\n"


async def test_killing_what_is_not_there_does_nothing(containers: Containers) -> None:
    await containers.runtime.kill(containers.new("true"))


async def test_removing_twice_is_the_same_as_once(containers: Containers) -> None:
    execution = containers.new("true")
    await containers.run(execution)

    await containers.runtime.remove(execution)
    await containers.runtime.remove(execution)

    assert not exists(execution)


async def test_a_container_that_vanishes_is_lost(containers: Containers) -> None:
    execution = containers.new("sleep", "600")
    await containers.runtime.start(execution)
    waiting = asyncio.create_task(containers.runtime.wait(execution))

    docker("rm", "--force", execution.name)

    with pytest.raises(JobFailure, match=r"removed from outside|killed from outside") as raised:
        await waiting
    assert raised.value.error_name == "node-lost"
    assert await containers.runtime.find(execution) is Found.LOST


async def test_a_kill_from_outside_is_no_fault_of_the_algorithm(containers: Containers) -> None:
    execution = containers.new("sleep", "600")
    await containers.runtime.start(execution)

    docker("kill", execution.name)

    with pytest.raises(JobFailure, match=r"killed from outside \(exit code 137\)") as raised:
        await containers.runtime.wait(execution)
    assert raised.value.error_name == "node-lost"


async def test_an_exit_code_that_the_job_type_maps_is_its_own(containers: Containers) -> None:
    execution = containers.shell("exit 143", exit_codes={143: "bad-image"})

    assert (await containers.run(execution)).code == 143


async def test_a_wait_outlives_its_connection(
    containers: Containers, monkeypatch: pytest.MonkeyPatch
) -> None:
    execution = containers.shell(f"{WAIT_FOR_GO}; exit 9")
    async with engine_proxy() as proxy:
        monkeypatch.setenv("DOCKER_HOST", proxy.host)
        await containers.runtime.start(execution)
        waiting = asyncio.create_task(containers.runtime.wait(execution))
        await async_until(lambda: proxy.has_asked(b"/wait"))

        proxy.cut()
        await async_until(lambda: proxy.has_asked(b"refused"))
        proxy.open = True
        await async_until(lambda: proxy.has_asked(b"/wait"))
        (execution.work.outputs / "go").touch()

        assert (await waiting).code == 9


async def test_a_running_container_is_found_when_the_engine_answers_again(
    containers: Containers, monkeypatch: pytest.MonkeyPatch
) -> None:
    execution = containers.new("sleep", "600")
    await containers.runtime.start(execution)
    async with engine_proxy() as proxy:
        monkeypatch.setenv("DOCKER_HOST", proxy.host)
        proxy.cut()
        finding = asyncio.create_task(containers.runtime.find(execution))
        await async_until(lambda: proxy.has_asked(b"refused"))
        proxy.open = True

        assert await finding is Found.RUNNING
    monkeypatch.delenv("DOCKER_HOST")


async def test_the_event_loop_goes_on_while_jobs_run(containers: Containers) -> None:
    executions = [containers.new("sleep", "0.3") for _ in range(4)]
    loop = asyncio.get_running_loop()
    longest = 0.0

    async def watch() -> None:
        nonlocal longest
        while True:
            before = loop.time()
            await asyncio.sleep(0.01)
            longest = max(longest, loop.time() - before)

    watching = asyncio.create_task(watch())
    await asyncio.gather(*map(containers.run, executions))
    watching.cancel()

    assert longest < 0.5


def content(log: Path) -> str:
    """Return a log so far."""
    return log.read_text() if log.exists() else ""


def exists(execution: Invocation) -> bool:
    """Say whether the container is there."""
    return bool(docker("ps", "--all", "--quiet", "--filter", f"name=^{execution.name}$"))


def inspected(execution: Invocation) -> dict[str, Any]:
    """Return what the engine says of the container."""
    (description,) = json.loads(docker("inspect", execution.name))
    assert isinstance(description, dict)
    return description


async def test_the_executions_of_a_system_are_listed(containers: Containers) -> None:
    execution = containers.new("true")
    await containers.run(execution)

    elsewhere = containers.executions.with_name("elsewhere")
    assert await containers.runtime.leftovers(containers.executions) == {execution.plan.job_exe_id}
    assert await containers.runtime.leftovers(elsewhere) == frozenset()
