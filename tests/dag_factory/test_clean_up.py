"""What is left of executions: removed when they have ended, by the policy, and never before."""

from datetime import timedelta

import pytest

from catalog.records.execution import ExecutionPlan, Failure
from dag_factory.clean_up import CLEAN_UP_VARIABLE, CleanUp, remove_orphans
from dag_factory.runtimes.docker import DockerRuntime
from dag_factory.runtimes.process import ProcessRuntime
from dag_factory.runtimes.runtime import Found, Invocation, Runtime
from dag_factory.work_directory import WorkDirectory
from examples.docker import IMAGE
from tests.dag_factory.jobs import MAKE, Bench
from tests.support.docker import docker, require_docker

NOW = timedelta()


@pytest.fixture
def an_engine() -> None:
    require_docker()


async def started(bench: Bench, runtime: Runtime, name: str, **settings: object) -> Invocation:
    """Return an execution that runs, and that nobody looks after."""
    job = bench.queue("true", name, max_tries=1, **settings)
    plan = bench.world.catalogue.executions.begin(job.id, "host")
    assert isinstance(plan, ExecutionPlan)
    work = WorkDirectory.of(bench.executions, plan.job_exe_id)
    work.prepare()
    execution = Invocation(plan, work, ("sleep", "600"), {})
    await runtime.start(execution)
    return execution


def fail(bench: Bench, execution: Invocation) -> None:
    bench.world.catalogue.executions.fail(execution.plan.job_exe_id, Failure("node-lost", "-"))


async def swept(bench: Bench, policy: CleanUp | None = None, grace: timedelta = NOW) -> set[int]:
    service = bench.world.catalogue.executions
    return set(await remove_orphans(service, bench.executions, policy or CleanUp(), grace))


async def test_an_orphan_process_is_stopped_and_removed_and_a_living_one_is_not(
    bench: Bench,
) -> None:
    runtime = ProcessRuntime()
    orphan = await started(bench, runtime, "orphan")
    living = await started(bench, runtime, "living")
    try:
        fail(bench, orphan)
        assert await swept(bench, grace=timedelta(hours=1)) == set()
        assert await swept(bench) == {orphan.plan.job_exe_id}
        assert not orphan.work.root.exists()
        assert await runtime.find(living) is Found.RUNNING
    finally:
        await runtime.kill(living)
        living.work.remove()


@pytest.mark.docker
@pytest.mark.timeout(180)
@pytest.mark.usefixtures("an_engine")
async def test_an_orphan_container_is_removed_and_a_living_one_is_not(bench: Bench) -> None:
    runtime = DockerRuntime()
    settings = {"uses_docker": True, "docker_image": IMAGE}
    made = [await started(bench, runtime, name, **settings) for name in ("gone", "alive")]
    orphan, living = made
    try:
        fail(bench, orphan)
        assert await swept(bench) == {orphan.plan.job_exe_id}
        assert await runtime.find(living) is Found.RUNNING
        left = await runtime.leftovers(bench.executions)
        assert left == {living.plan.job_exe_id}
    finally:
        for each in made:
            docker("rm", "--force", "--volumes", each.name)
            each.work.remove()


async def test_what_failed_is_kept_where_only_success_is_removed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CLEAN_UP_VARIABLE, "on-success")
    failing = bench.queue("exit 7", "failing", max_tries=1)
    assert not await bench.run(failing)
    assert await bench.run(bench.queue(MAKE, "fine"))
    kept = bench.last(failing).id
    assert bench.left() == [f"exe-{kept}"]
    assert await swept(bench, CleanUp.from_environment()) == set()
    assert await swept(bench) == {kept}
    assert bench.left() == []


async def test_what_is_kept_for_hours_is_removed_by_a_later_sweep(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CLEAN_UP_VARIABLE, "0.5")
    job = bench.queue(MAKE, "kept")
    assert await bench.run(job)
    assert bench.left() == [f"exe-{bench.last(job).id}"]
    assert await swept(bench, CleanUp.from_environment()) == set()
    assert await swept(bench) == {bench.last(job).id}


def test_a_policy_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CLEAN_UP_VARIABLE, "never")
    with pytest.raises(ValueError, match="always, on-success or a number of hours"):
        CleanUp.from_environment()
