"""Executions as pods, in a real cluster."""

import asyncio
import dataclasses
import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from catalog.brokers import MOUNTS_VARIABLE
from dag_factory.clean_up import discard
from dag_factory.failures import JobFailure
from dag_factory.runtimes import kubernetes
from dag_factory.runtimes.kubernetes import PENDING_VARIABLE, KubernetesRuntime
from dag_factory.runtimes.kubernetes_pod import TEMPLATE_VARIABLE
from dag_factory.runtimes.runtime import Exit, Found, Invocation
from tests.dag_factory.pods import Pods, line_to_cluster, shared_folder
from tests.support.docker import async_until
from tests.support.invocations import input_file
from tests.support.kubernetes import (
    CONNECTION,
    connection,
    core,
    pods_called,
    remove_pod,
    require_kubernetes,
)

pytestmark = [pytest.mark.kubernetes, pytest.mark.timeout(300)]
TRIES = 3
WAIT_FOR_GO = "until [ -e go ]; do sleep 0.05; done"
STRANGE = "a b='$HOME' $(JOB_ID) $$(JOB_ID) $$ ü\n\"x"


@pytest.fixture(autouse=True, scope="module")
def cluster() -> Iterator[None]:
    require_kubernetes()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CONNECTION, connection())
        yield


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with shared_folder() as made:
        yield made


@pytest.fixture
async def pods(folder: Path) -> AsyncIterator[Pods]:
    made = Pods(folder)
    yield made
    await asyncio.to_thread(made.remove)


@dataclasses.dataclass(frozen=True)
class Ran:
    """An execution that has ended, and how."""

    execution: Invocation
    end: Exit | JobFailure

    @property
    def code(self) -> int:
        """The exit code."""
        assert isinstance(self.end, Exit), self.end
        return self.end.code

    @property
    def failure(self) -> JobFailure:
        """Why it failed."""
        assert isinstance(self.end, JobFailure), self.end
        return self.end

    @property
    def log(self) -> str:
        """What it printed."""
        return self.execution.work.stdout.read_text()


@pytest.fixture(scope="module")
def ran(folder: Path) -> Iterator[dict[str, Ran]]:
    """Run what needs nobody's help all at once: a pod takes seconds, many beside it do, too."""
    made = Pods(folder)
    executions = simple_executions(made, folder)
    ends = asyncio.run(made.outcomes(executions))
    yield {name: Ran(executions[name], end) for name, end in ends.items()}
    made.remove()


def simple_executions(pods: Pods, folder: Path) -> dict[str, Invocation]:
    given = input_file(folder / "raw" / "a.txt", "before")
    given.path.chmod(0o666)
    input_file(folder / "raw" / "secret.txt", "")
    same_name = (
        input_file(folder / "1" / "a.txt", "one", 1),
        input_file(folder / "2" / "a.txt", "two", 2),
    )
    odd = input_file(folder / "odd" / "größe: a,b c.txt", "odd")
    odd_path = str(pods.runtime.input_path(pods.new("x").work, "i", odd.file_name))
    return {
        "exit code": pods.shell("exit 7"),
        "streams": pods.shell("echo to stdout; sleep 0.2; echo to stderr >&2"),
        "arguments": pods.new(
            "printf", "%s", STRANGE, environment={"JOB_ID": "4", "HOME": "/somewhere"}
        ),
        "environment": pods.shell('echo "$TEXT"', environment={"TEXT": STRANGE, "JOB_ID": "4"}),
        "inputs": pods.shell(
            "cd /airscale/inputs; ls scenes none", files={"scenes": same_name, "none": ()}
        ),
        "odd name": pods.new("cat", odd_path, files={"i": (odd,)}),
        "read-only": pods.shell("echo x > /airscale/inputs/i/a.txt", files={"i": (given,)}),
        "neighbours": pods.shell(
            f"ls /airscale/inputs/i; ls {folder} /var/run/secrets", files={"i": (given,)}
        ),
        "outputs": pods.shell("pwd; mkdir -p a/b && echo made > a/b/made"),
        "limits": pods.shell(
            "cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/memory/memory.limit_in_bytes"
            " 2>/dev/null || cat /sys/fs/cgroup/cpu.max /sys/fs/cgroup/memory.max",
            cpus=0.3,
            mem=48.0,
        ),
        "image": pods.new("true", image="localhost:1/no/such-image:9"),
        "command": pods.new("no-such-command"),
        "mapped": pods.shell("exit 143", exit_codes={143: "bad-image"}),
        "killed": pods.shell("kill -KILL $$; exit 137"),
        "long log": pods.shell("seq 1 60000"),
    }


def test_the_exit_code_is_that_of_the_command(ran: dict[str, Ran]) -> None:
    assert ran["exit code"].code == 7


def test_the_end_is_when_the_container_ended(ran: dict[str, Ran]) -> None:
    end = ran["exit code"].end

    assert isinstance(end, Exit)
    assert abs(datetime.now(UTC) - end.completed) < timedelta(minutes=3)


def test_the_log_has_both_streams(ran: dict[str, Ran]) -> None:
    assert ran["streams"].log == "to stdout\nto stderr\n"


def test_arguments_reach_the_command_as_they_are(ran: dict[str, Ran]) -> None:
    assert ran["arguments"].log == STRANGE


def test_the_environment_reaches_the_command_as_it_is(ran: dict[str, Ran]) -> None:
    assert ran["environment"].log == f"{STRANGE}\n"


def test_all_files_of_an_input_are_in_its_directory(ran: dict[str, Ran]) -> None:
    assert ran["inputs"].log == "none:\n\nscenes:\na-2.txt\na.txt\n"


def test_a_name_that_no_mount_can_have_is_given_to_the_job_as_it_is_there(
    ran: dict[str, Ran],
) -> None:
    assert ran["odd name"].execution.argv[1] == "/airscale/inputs/i/größe_ a,b c.txt"
    assert ran["odd name"].log == "odd"


def test_an_input_cannot_be_written(ran: dict[str, Ran]) -> None:
    assert ran["read-only"].code != 0
    assert ran["read-only"].execution.plan.files["i"][0].path.read_text() == "before"


def test_neighbours_of_an_input_and_the_clusters_token_cannot_be_seen(
    ran: dict[str, Ran],
) -> None:
    seen = [line for line in ran["neighbours"].log.splitlines() if not line.startswith("ls: ")]

    assert seen == ["a.txt"]


def test_outputs_are_written_to_the_work_directory(ran: dict[str, Ran]) -> None:
    assert ran["outputs"].log == "/airscale/outputs\n"
    assert (ran["outputs"].execution.work.outputs / "a/b/made").read_text() == "made\n"


def test_cpus_and_memory_are_limits(ran: dict[str, Ran]) -> None:
    quota, *_, memory = ran["limits"].log.split()

    assert (quota, memory) == ("30000", str(48 * 2**20))


async def test_too_much_memory_ends_the_job_as_such(pods: Pods) -> None:
    """A busy engine may miss why the kernel killed; the job is tried again then."""
    for _ in range(TRIES):
        execution = pods.new("dd", "if=/dev/zero", "of=/dev/null", "bs=300M", "count=1", mem=32.0)
        await pods.runtime.start(execution)
        try:
            end = await pods.runtime.wait(execution)
        except JobFailure as failure:
            assert failure.error_name == "node-lost"  # noqa: PT017  # tried again
            continue
        assert end.out_of_memory
        assert end.code != 0
        return
    pytest.fail(f"{TRIES} times the engine did not say that the memory was used up")


def test_an_image_that_is_nowhere_is_named(ran: dict[str, Ran]) -> None:
    failure = ran["image"].failure

    assert failure.error_name == "image-pull"
    assert "'localhost:1/no/such-image:9' could not be pulled" in failure.detail


def test_a_command_that_is_not_in_the_image_is_named(ran: dict[str, Ran]) -> None:
    failure = ran["command"].failure

    assert failure.error_name == "launch"
    assert "'no-such-command' could not be started" in failure.detail


def test_an_exit_code_that_the_job_type_maps_is_its_own(ran: dict[str, Ran]) -> None:
    assert ran["mapped"].code == 143


def test_a_kill_from_outside_is_no_fault_of_the_algorithm(ran: dict[str, Ran]) -> None:
    failure = ran["killed"].failure

    assert failure.error_name == "node-lost"
    assert "killed from outside (exit code 137)" in failure.detail


def test_a_long_log_is_kept_whole(ran: dict[str, Ran]) -> None:
    assert ran["long log"].log == "".join(f"{number}\n" for number in range(1, 60_001))


async def test_nothing_is_there_before_the_start(pods: Pods) -> None:
    assert await pods.runtime.find(pods.new("true")) is Found.ABSENT


async def test_of_four_starts_at_once_one_makes_the_pod(pods: Pods) -> None:
    execution = pods.shell("echo once >> runs")

    await asyncio.gather(*(KubernetesRuntime().start(execution) for _ in range(4)))
    await pods.runtime.wait(execution)

    assert (execution.work.outputs / "runs").read_text() == "once\n"


async def test_who_takes_over_goes_on_with_the_log(pods: Pods) -> None:
    execution = pods.shell(f"echo begun; {WAIT_FOR_GO}; echo ended; exit 9")
    await pods.runtime.start(execution)
    first = asyncio.create_task(pods.runtime.wait(execution))
    await async_until(lambda: has_logged(execution, "begun"))
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    uid = pods_called(execution.name)[0].metadata.uid

    second = KubernetesRuntime()
    assert await second.find(execution) is Found.RUNNING
    await second.start(execution)
    assert pods_called(execution.name)[0].metadata.uid == uid
    (execution.work.outputs / "go").touch()

    assert (await second.wait(execution)).code == 9
    assert execution.work.stdout.read_text() == "begun\nended\n"
    assert await second.find(execution) is Found.EXITED


async def test_a_wait_outlives_its_connection(pods: Pods, monkeypatch: pytest.MonkeyPatch) -> None:
    execution = pods.shell(f"echo begun; {WAIT_FOR_GO}; echo ended; exit 9")
    async with line_to_cluster() as line:
        monkeypatch.setenv(CONNECTION, connection(line.server))
        runtime = KubernetesRuntime()
        await runtime.start(execution)
        waiting = asyncio.create_task(runtime.wait(execution))
        await async_until(lambda: has_logged(execution, "begun"))

        line.cut()
        await async_until(lambda: line.refused > 0)
        (execution.work.outputs / "go").touch()
        line.open = True

        assert (await waiting).code == 9
    assert execution.work.stdout.read_text() == "begun\nended\n"


async def test_a_cluster_that_does_not_answer_is_an_error_of_its_own(
    pods: Pods, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CONNECTION, connection("https://127.0.0.1:1"))

    with pytest.raises(JobFailure, match="API server does not answer") as raised:
        await KubernetesRuntime().start(pods.new("true"))

    assert raised.value.error_name == "kubernetes"
    assert "'kubernetes_default'" in raised.value.detail


async def test_a_connection_that_airflow_has_not_got_is_named(
    pods: Pods, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        CONNECTION,
        json.dumps({"conn_type": "kubernetes", "extra": {"kube_config_path": "/no/such/file"}}),
    )

    with pytest.raises(JobFailure, match="configuration cannot be used") as raised:
        await KubernetesRuntime().start(pods.new("true"))

    assert raised.value.error_name == "kubernetes"


async def test_a_pod_that_does_not_fit_is_given_up(
    pods: Pods, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PENDING_VARIABLE, "1")
    execution = pods.new("true", cpus=5000.0)

    with pytest.raises(JobFailure, match=r"has not started for .*Insufficient cpu") as raised:
        await pods.run(execution)

    assert raised.value.error_name == "kubernetes"


async def test_a_stopped_command_may_tidy_up_and_its_log_is_kept(
    pods: Pods, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kubernetes, "_STOP_SECONDS", 60.0)  # however slow the node is
    tidy = "trap 'echo tidy; touch tidy; exit 0' TERM; echo begun; touch begun"
    execution = pods.shell(f"{tidy}; while true; do sleep 0.1; done")
    await pods.runtime.start(execution)
    await async_until((execution.work.outputs / "begun").exists)

    await pods.runtime.kill(execution)

    assert pods_called(execution.name) == []
    assert (execution.work.outputs / "tidy").exists()
    assert execution.work.stdout.read_text() == "begun\ntidy\n"


async def test_a_command_that_will_not_stop_is_killed(pods: Pods) -> None:
    execution = pods.shell("trap '' TERM; touch begun; sleep 600")
    await pods.runtime.start(execution)
    await async_until((execution.work.outputs / "begun").exists)

    await pods.runtime.kill(execution)

    assert pods_called(execution.name) == []


async def test_killing_and_removing_what_is_not_there_does_nothing(pods: Pods) -> None:
    await pods.runtime.kill(pods.new("true"))
    await pods.runtime.remove(pods.new("true"))


async def test_a_pod_that_vanishes_is_lost(pods: Pods) -> None:
    execution = pods.shell("touch begun; sleep 600")
    await pods.runtime.start(execution)
    waiting = asyncio.create_task(pods.runtime.wait(execution))
    await async_until((execution.work.outputs / "begun").exists)

    remove_pod(execution.name)

    with pytest.raises(JobFailure, match="from outside") as raised:
        await waiting
    assert raised.value.error_name == "node-lost"
    assert await pods.runtime.find(execution) is Found.LOST


async def test_the_pod_of_another_system_is_left_alone(pods: Pods) -> None:
    theirs = pods.new("sleep", "600")
    await pods.runtime.start(theirs)
    ours = dataclasses.replace(
        (other := pods.new("true")),
        plan=dataclasses.replace(other.plan, job_exe_id=theirs.plan.job_exe_id),
    )

    with pytest.raises(JobFailure, match="not from this system"):
        await pods.runtime.find(ours)
    await pods.runtime.kill(ours)

    assert len(pods_called(theirs.name)) == 1


async def test_a_pod_of_an_earlier_catalogue_makes_room(pods: Pods) -> None:
    execution = pods.new("echo", "new")
    earlier = dataclasses.replace(
        execution,
        plan=dataclasses.replace(execution.plan, started=datetime(2020, 1, 1, tzinfo=UTC)),
    )
    await pods.runtime.start(earlier)
    (execution.work.root / "pod.made").unlink()

    assert await pods.runtime.find(execution) is Found.ABSENT
    assert pods_called(execution.name) == []


async def test_the_node_is_known_and_the_executions_are_listed(pods: Pods) -> None:
    execution = pods.new("true")
    await pods.runtime.start(execution)

    assert await pods.runtime.placed(execution) in {
        each.metadata.name for each in core().list_node().items
    }
    assert execution.plan.job_exe_id in await pods.runtime.leftovers(pods.executions)
    assert await pods.runtime.leftovers(pods.folder / "elsewhere") == frozenset()


async def test_an_orphan_is_found_stopped_and_removed(pods: Pods) -> None:
    execution = pods.new("sleep", "600")
    await pods.runtime.start(execution)
    (orphan,) = await pods.runtime.leftovers(pods.executions) & {execution.plan.job_exe_id}

    await discard(pods.runtime, execution)

    assert orphan == execution.plan.job_exe_id
    assert not execution.work.root.exists()
    await async_until(lambda: pods_called(execution.name) == [])


async def test_a_template_is_merged_under_the_pod(
    pods: Pods, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    template = tmp_path / "pod.yaml"
    template.write_text(
        "metadata: {annotations: {team: maps}, labels: {airscale.job_exe_id: wrong}}\n"
        "spec:\n"
        "  nodeSelector: {kubernetes.io/os: linux}\n"
        "  restartPolicy: Always\n"
        "  containers:\n"
        "  - {name: base, image: wrong, env: [{name: SITE, value: here}],"
        " volumeMounts: [{name: scratch, mountPath: /scratch}]}\n"
        "  volumes: [{name: scratch, emptyDir: {}}]\n"
    )
    monkeypatch.setenv(TEMPLATE_VARIABLE, str(template))
    execution = pods.shell("echo $SITE $OURS; ls -d /scratch", environment={"OURS": "too"})

    assert (await pods.run(execution)).code == 0
    (pod,) = pods_called(execution.name)

    assert execution.work.stdout.read_text() == "here too\n/scratch\n"
    assert pod.metadata.annotations["team"] == "maps"
    assert pod.metadata.labels["airscale.job_exe_id"] == str(execution.plan.job_exe_id)
    assert pod.spec.node_selector == {"kubernetes.io/os": "linux"}
    assert pod.spec.restart_policy == "Never"


async def test_a_volume_that_cannot_be_mounted_is_named_with_its_server(
    pods: Pods, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    given = input_file(folder / "raw" / "a.txt", "")
    monkeypatch.setenv(MOUNTS_VARIABLE, json.dumps({"127.0.0.1:/no/export": str(folder / "raw")}))
    monkeypatch.setenv(PENDING_VARIABLE, "5")
    execution = pods.new("true", files={"i": (given,)})

    with pytest.raises(JobFailure, match="has not started for") as raised:
        await pods.run(execution)

    assert raised.value.error_name == "kubernetes"
    assert "-t nfs 127.0.0.1:/no/export" in raised.value.detail


def has_logged(execution: Invocation, line: str) -> bool:
    """Say whether a line has been followed into the log."""
    return execution.work.stdout.exists() and line in execution.work.stdout.read_text()
