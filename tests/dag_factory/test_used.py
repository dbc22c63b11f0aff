"""What executions used: counted by the kernel for processes, asked of the engine for containers."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from kubernetes_asyncio.client import ApiClient, Configuration, CoreV1Api

from catalog.records.execution import NOT_KNOWN, Used
from dag_factory.runtimes.docker_used import use_in
from dag_factory.runtimes.kubernetes_cluster import Api
from dag_factory.runtimes.kubernetes_pod import CONTAINER
from dag_factory.runtimes.kubernetes_used import note_pod_use
from dag_factory.runtimes.kubernetes_used import use_in as pod_use_in
from dag_factory.runtimes.seen_use import note_use, noted_use
from tests.dag_factory.conftest import Containers
from tests.dag_factory.jobs import MAKE, Bench
from tests.support.docker import async_until, require_docker
from tests.support.invocations import invocation

MIB = 1024 * 1024
BUSY = "until [ -e go ]; do :; done"
_WORK = "import time; held = bytearray(48 << 20)\nwhile time.process_time() < 0.3: pass"


@pytest.fixture
def engine() -> None:
    """Skip the test where there is no engine."""
    require_docker()


@pytest.mark.parametrize(("program", "completes"), [(MAKE, True), ("exit 7", False)])
async def test_what_a_process_used_is_kept(bench: Bench, program: str, *, completes: bool) -> None:
    job = bench.queue(f"{sys.executable} -c '{_WORK}'; {program}", max_tries=1, mem_required=512)

    assert await bench.run(job) is completes

    execution = bench.last(job)
    assert 0.3 <= (execution.cpu_seconds_used or 0.0) < 60.0
    assert 48.0 <= (execution.mem_used or 0.0) < 512.0


async def test_what_a_process_used_until_its_timeout_is_kept(bench: Bench) -> None:
    job = bench.queue("while :; do :; done", timeout=1, max_tries=1)

    assert not await bench.run(job)

    assert bench.error_of(job) == "timeout"
    assert bench.last(job).cpu_seconds_used is not None
    assert 0.0 < (bench.last(job).mem_used or 0.0) < 64.0


async def test_what_nothing_was_started_for_is_not_known(bench: Bench) -> None:
    job = bench.queue(MAKE, disk_out_const_required=1e12, max_tries=1)

    assert not await bench.run(job)

    assert bench.last(job).cpu_seconds_used is None
    assert bench.last(job).mem_used is None


def test_the_most_that_was_seen_stays(tmp_path: Path) -> None:
    assert noted_use(tmp_path) == NOT_KNOWN
    for seen in (Used(1.0, 90.0), Used(2.0, None), Used(None, 40.0)):
        note_use(tmp_path, seen)

    assert noted_use(tmp_path) == Used(2.0, 90.0)


@pytest.mark.parametrize("idle", ["inactive_file", "total_inactive_file"])
def test_files_that_the_kernel_only_keeps_are_no_memory_in_use(idle: str) -> None:
    said = {
        "cpu_stats": {"cpu_usage": {"total_usage": 1_500_000_000}},
        "memory_stats": {"usage": 30 * MIB, "stats": {idle: 20 * MIB}},
    }

    assert use_in(said) == Used(1.5, 10.0)


@pytest.mark.parametrize(
    "said", [{}, {"cpu_stats": {"cpu_usage": {"total_usage": 0}}, "memory_stats": {}}]
)
def test_what_the_engine_says_of_a_container_that_has_ended_is_nothing(
    said: dict[str, Any],
) -> None:
    assert use_in(said) is None


async def test_the_memory_of_a_pod_is_what_the_metrics_of_its_cluster_say(tmp_path: Path) -> None:
    known, unknown = invocation(tmp_path, "true"), invocation(tmp_path, "true")

    async def answer(request: web.Request) -> web.Response:
        assert request.path.endswith(f"/namespaces/jobs/pods/{known.name}")
        usage = {"cpu": "250m", "memory": "2048Ki"}
        return web.json_response({"containers": [{"name": CONTAINER, "usage": usage}]})

    app = web.Application()
    app.router.add_get(f"/apis/metrics.k8s.io/v1beta1/{{rest:.*{known.name}}}", answer)
    async with (
        TestServer(app) as server,
        ApiClient(Configuration(host=str(server.make_url("")).rstrip("/"))) as client,
    ):
        for each in (known, unknown):
            await note_pod_use(Api(CoreV1Api(client), "jobs"), each)

    assert noted_use(known.work.root) == Used(mem=2.0)
    assert noted_use(unknown.work.root) == NOT_KNOWN


@pytest.mark.parametrize("memory", ["", "lots", None])
def test_what_is_no_amount_of_memory_is_not_known(memory: str | None) -> None:
    assert pod_use_in({"containers": [{"name": CONTAINER, "usage": {"memory": memory}}]}) is None


@pytest.mark.docker
@pytest.mark.timeout(180)
@pytest.mark.usefixtures("engine")
async def test_what_a_container_used_is_known_after_its_end(containers: Containers) -> None:
    execution = containers.shell(BUSY)
    await containers.runtime.start(execution)
    assert containers.runtime.used(execution) == NOT_KNOWN

    async def let_go_when_seen() -> None:
        await async_until(lambda: containers.runtime.used(execution).mem is not None)
        (execution.work.outputs / "go").touch()

    await asyncio.gather(let_go_when_seen(), containers.runtime.wait(execution))
    await containers.runtime.remove(execution)

    used = containers.runtime.used(execution)
    assert 0.0 < (used.cpu_seconds or 0.0) < 120.0
    assert 0.0 < (used.mem or 0.0) < 64.0


@pytest.mark.docker
@pytest.mark.timeout(180)
@pytest.mark.usefixtures("engine")
async def test_a_container_that_is_stopped_is_asked_before(containers: Containers) -> None:
    execution = containers.shell(BUSY)
    await containers.runtime.start(execution)

    await containers.runtime.kill(execution)

    assert (containers.runtime.used(execution).mem or 0.0) > 0.0
