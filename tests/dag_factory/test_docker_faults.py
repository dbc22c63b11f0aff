"""Executions whose engine fails, or never was there."""

import asyncio
from pathlib import Path

import pytest

from dag_factory.failures import JobFailure
from dag_factory.runtimes.docker import DockerRuntime
from dag_factory.runtimes.docker_check import missing
from dag_factory.runtimes.runtime import Found
from examples.docker import BUILD, IMAGE
from tests.dag_factory.conftest import Containers
from tests.support.docker import TINY_IMAGE, PrivateEngine, docker, require_docker
from tests.support.invocations import invocation


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """Point to where no engine is; return its address."""
    address = f"unix://{tmp_path}/nothing.sock"
    monkeypatch.setenv("DOCKER_HOST", address)
    return address


async def test_a_start_without_an_engine_says_so(no_engine: str, tmp_path: Path) -> None:
    execution = invocation(tmp_path, "true")

    with pytest.raises(JobFailure, match="Docker engine does not answer") as raised:
        await DockerRuntime().start(execution)

    assert raised.value.error_name == "docker"
    assert no_engine in raised.value.detail
    assert "Start it, or set DOCKER_HOST" in raised.value.detail


@pytest.mark.usefixtures("no_engine")
async def test_looking_for_a_new_execution_without_an_engine_says_so(tmp_path: Path) -> None:
    execution = invocation(tmp_path, "true")
    execution.work.remove()

    with pytest.raises(JobFailure, match="does not answer"):
        await DockerRuntime().find(execution)


@pytest.mark.parametrize("address", ["nonsense", "unix://", "tcp://127.0.0.1:1"])
async def test_an_address_of_no_engine_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, address: str
) -> None:
    monkeypatch.setenv("DOCKER_HOST", address)

    with pytest.raises(JobFailure, match="does not answer") as raised:
        await DockerRuntime().start(invocation(tmp_path, "true"))

    assert address in raised.value.detail


@pytest.mark.usefixtures("no_engine")
def test_a_missing_engine_is_missing() -> None:
    assert "The Docker engine does not answer" in str(missing(IMAGE))


@pytest.mark.docker
def test_a_missing_image_is_missing_and_how_to_have_it() -> None:
    require_docker()

    assert missing("airscale/no-such:1", BUILD) == (
        f"The image 'airscale/no-such:1' is not on the Docker engine. {BUILD}"
    )


@pytest.mark.docker
def test_with_engine_and_image_nothing_is_missing() -> None:
    require_docker()

    assert missing(IMAGE) is None


@pytest.mark.docker
@pytest.mark.timeout(300)
async def test_a_job_whose_host_crashed_is_lost_once_the_engine_is_back(
    engine_of_its_own: PrivateEngine, containers: Containers
) -> None:
    execution = containers.new("sleep", "600", image=TINY_IMAGE)
    await containers.runtime.start(execution)
    waiting = asyncio.create_task(containers.runtime.wait(execution))

    await asyncio.to_thread(engine_of_its_own.crash, execution.name)
    await asyncio.to_thread(engine_of_its_own.start)

    with pytest.raises(JobFailure, match="while the Docker engine was away") as raised:
        await waiting
    assert raised.value.error_name == "node-lost"
    assert await containers.runtime.find(execution) is Found.EXITED
    await containers.runtime.remove(execution)
    assert not docker("ps", "--all", "--quiet", host=engine_of_its_own.host)
