"""The example's recipe, run to its end by the runner with a container for each job."""

import asyncio
import json
import resource
import time
from pathlib import Path
from typing import Any

import pytest

from catalog.brokers import broker_of
from catalog.catalogue import Catalogue
from catalog.logs import Stream, log_store
from catalog.states import FileKind, JobStatus
from dag_factory.runner import JobRunner
from examples.docker import IMAGE
from examples.docker.configuration import docker_configuration
from tests.dag_factory.test_runner import details, files, outbox, statuses
from tests.support.docker import async_until, docker, require_docker, with_own_execution_ids
from tests.support.scenes import arrive_scene, configuration, load_example

pytestmark = [pytest.mark.docker, pytest.mark.timeout(180)]


@pytest.fixture(autouse=True, scope="module")
def engine() -> None:
    require_docker()


@pytest.fixture
def first_execution(catalogue: Catalogue) -> int:
    """Give executions ids of this test's own; return the first."""
    return with_own_execution_ids(catalogue)


@pytest.mark.usefixtures("first_execution")
async def test_a_complete_scene_ends_as_published_products(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    load_example(catalogue, tmp_path, docker_configuration(configuration(), IMAGE))
    truth = arrive_scene(catalogue, tmp_path / "scenes")
    runner = JobRunner(catalogue.executions, tmp_path / "executions", slots=2)

    (conf,) = outbox(catalogue)
    assert await runner.run(conf["jobs"]["make_geotiff"]), details(catalogue)
    assert await runner.run(conf["jobs"]["detect_points"]), details(catalogue)

    products = files(catalogue, FileKind.PRODUCT)
    assert [each.media_type for each in products] == ["image/tiff", "application/vnd.geo+json"]
    with catalogue.database.transaction() as tx:
        workspace = tx.workspaces.named("products")
    found = json.loads(b"".join(broker_of(workspace.json_config).stream(products[1].file_path)))
    assert len(found["features"]) == len(truth)
    assert not list((tmp_path / "executions").iterdir())
    assert not containers_of(tmp_path)


async def test_a_job_beyond_its_timeout_leaves_no_container(
    catalogue: Catalogue, tmp_path: Path, first_execution: int
) -> None:
    load_example(catalogue, tmp_path, one_job_of(command="sleep", arguments="600", timeout=2))
    arrive_scene(catalogue, tmp_path / "scenes")
    runner = JobRunner(catalogue.executions, tmp_path / "executions", slots=2)

    (conf,) = outbox(catalogue)
    assert not await runner.run(conf["jobs"]["make_geotiff"])

    assert "ran longer than its timeout of 2 s" in str(details(catalogue)[0])
    assert not docker("ps", "--all", "--quiet", "--filter", f"name=exe-{first_execution}")


async def test_another_runner_takes_the_container_over(
    catalogue: Catalogue, tmp_path: Path, first_execution: int
) -> None:
    load_example(catalogue, tmp_path, one_job_of(command="sleep", arguments="5", timeout=60))
    arrive_scene(catalogue, tmp_path / "scenes")
    runner = JobRunner(catalogue.executions, tmp_path / "executions", slots=2)
    (conf,) = outbox(catalogue)
    job = conf["jobs"]["make_geotiff"]
    name = f"airscale-exe-{first_execution}"

    first = asyncio.create_task(runner.run(job))
    await async_until(lambda: bool(docker("ps", "--quiet", "--filter", f"name={name}")))
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    assert statuses(catalogue)[0] is JobStatus.RUNNING
    await runner.run(job)

    # `sleep` makes no products; what it ended with is the verdict on the one container.
    (detail,) = [each for each in details(catalogue) if each]
    assert "was not produced" in detail


async def test_a_container_that_prints_slowly_is_shown_while_it_runs(
    catalogue: Catalogue, tmp_path: Path, first_execution: int
) -> None:
    load_example(catalogue, tmp_path, script("echo slow; sleep 600"))
    arrive_scene(catalogue, tmp_path / "scenes")
    (conf,) = outbox(catalogue)
    job = conf["jobs"]["make_geotiff"]
    told: list[str] = []

    running = asyncio.create_task(runner_of(catalogue, tmp_path).run(job, told.append))
    await async_until(lambda: kept(catalogue, first_execution) == b"slow\n")
    await async_until(lambda: told == ["slow"])
    began = time.monotonic()
    catalogue.executions.cancel(job, "Enough.")
    assert not await running

    assert time.monotonic() - began < 30  # under 10 on a machine that has the time
    assert not containers_of(tmp_path)
    assert kept(catalogue, first_execution) == b"slow\n"


@pytest.mark.slow
async def test_a_container_may_print_a_lot(
    catalogue: Catalogue, tmp_path: Path, first_execution: int
) -> None:
    lines = 40_000  # of 1,000 bytes: the engine begins a second file of its log
    load_example(catalogue, tmp_path, script(f"yes {'x' * 999} | head -n {lines}; exit 3"))
    arrive_scene(catalogue, tmp_path / "scenes")
    (conf,) = outbox(catalogue)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    assert not await runner_of(catalogue, tmp_path).run(conf["jobs"]["make_geotiff"])

    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024
    assert kept(catalogue, first_execution) == (b"x" * 999 + b"\n") * lines


def runner_of(catalogue: Catalogue, folder: Path) -> JobRunner:
    return JobRunner(catalogue.executions, folder / "executions", slots=2)


def kept(catalogue: Catalogue, job_exe_id: int) -> bytes:
    """Return what the log store has of the standard output of an execution so far."""
    with catalogue.database.transaction() as tx:
        started = tx.executions.get(job_exe_id).started
    if started is None:
        return b""
    return b"".join(log_store().log(job_exe_id, started, Stream.STDOUT).chunks())


def script(program: str) -> dict[str, object]:
    """Return the example with a shell program as its first job."""
    return one_job_of(command="sh", arguments=f"-c '{program}'", timeout=120)


def one_job_of(command: str, arguments: str, timeout: int) -> dict[str, object]:
    """Return the example with another command for its first job, tried once."""
    document: dict[str, Any] = docker_configuration(configuration(), IMAGE)
    job_type = document["job_types"][0]
    job_type["interface"] |= {"command": command, "command_arguments": arguments}
    job_type |= {"timeout": timeout, "max_tries": 1}
    return document


def containers_of(folder: Path) -> list[str]:
    """Return the containers whose work directory is below a folder."""
    labels = docker("ps", "--all", "--format", '{{.Label "airscale.work_directory"}}')
    return [each for each in labels.splitlines() if each.startswith(str(folder))]
