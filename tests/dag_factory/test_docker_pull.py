"""Images of a real registry that wants a login, and of one that is silent."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module

import pytest

from airscale.doctor.findings import Verdict
from airscale.doctor.stores import look_at_registries
from catalog.states import JobStatus
from dag_factory.failures import JobFailure
from dag_factory.runtimes.docker_registry import CONNECTION_VARIABLE
from tests.dag_factory.conftest import Containers
from tests.dag_factory.jobs import Bench
from tests.support.docker import docker, require_docker, with_own_execution_ids
from tests.support.registry import PASSWORD, Registry, running_registry

pytestmark = pytest.mark.docker
CONNECTION = "AIRFLOW_CONN_LAB"
WRONG = "never-mind-which"


@pytest.fixture(scope="module")
def registry() -> Iterator[Registry]:
    require_docker()
    import_module("dag_factory.runtimes.docker_provider")  # Airflow sets up logging anew
    with running_registry() as running:
        yield running


@pytest.fixture
def image(registry: Registry) -> Iterator[str]:
    """Return an image that only the registry has."""
    image = registry.push("science/tiny:1")
    yield image
    docker("image", "rm", "--force", image)


@pytest.fixture(autouse=True)
def connection(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    """Name a connection that is not to the registry, and one that is."""
    monkeypatch.setenv("AIRFLOW_CONN_HUB", json.dumps({"host": "docker.io", "login": "x"}))
    monkeypatch.setenv(CONNECTION, registry.connection())
    monkeypatch.setenv(CONNECTION_VARIABLE, "hub,lab")


async def test_a_private_image_is_pulled_with_the_login_of_its_registry(
    containers: Containers, image: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        end = await containers.run(containers.shell("exit 7", image=image))

    assert end.code == 7
    assert f"Pulling the image {image!r}" in caplog.text
    assert PASSWORD not in caplog.text


async def test_a_wrong_password_is_named_by_registry_and_connection(
    containers: Containers,
    registry: Registry,
    image: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv(CONNECTION, registry.connection(WRONG))

    with caplog.at_level(logging.DEBUG), pytest.raises(JobFailure) as raised:
        await containers.runtime.start(containers.new("true", image=image))

    assert raised.value.error_name == "image-pull"
    assert f"from the registry {registry.address!r} with the login of" in raised.value.detail
    assert "connection 'lab'" in raised.value.detail
    assert "correct the username and password" in raised.value.detail
    assert WRONG not in raised.value.detail + caplog.text


async def test_a_changed_password_holds_from_the_next_pull_on(
    containers: Containers, registry: Registry, image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CONNECTION, registry.connection(WRONG))
    execution = containers.shell("exit 7", image=image)
    with pytest.raises(JobFailure):
        await containers.runtime.start(execution)

    monkeypatch.setenv(CONNECTION, registry.connection())

    assert (await containers.run(execution)).code == 7


async def test_without_a_connection_the_sentence_says_how_to_have_one(
    containers: Containers, registry: Registry, image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CONNECTION_VARIABLE, "hub")

    with pytest.raises(JobFailure) as raised:
        await containers.runtime.start(containers.new("true", image=image))

    assert raised.value.error_name == "image-pull"
    assert f"from the registry {registry.address!r} without a login" in raised.value.detail
    assert f"name an Airflow connection to it with {CONNECTION_VARIABLE}" in raised.value.detail


async def test_an_image_that_the_registry_has_not_got_is_named(
    containers: Containers, registry: Registry
) -> None:
    image = f"{registry.address}/science/other:1"

    with pytest.raises(JobFailure, match="could not be pulled") as raised:
        await containers.runtime.start(containers.new("true", image=image))

    assert raised.value.error_name == "image-pull"
    assert image in raised.value.detail


async def test_of_an_image_that_is_there_no_connection_is_read(
    containers: Containers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CONNECTION_VARIABLE, "nowhere")

    assert (await containers.run(containers.shell("exit 7"))).code == 7


@dataclass(slots=True)
class SilentRegistry:
    """A registry that takes connections and never says a word."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)
    image: str = ""
    writers: set[asyncio.StreamWriter] = field(default_factory=set)

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read what comes until one of both has enough."""
        self.asked.set()
        self.writers.add(writer)
        with suppress(ConnectionError):
            await reader.read()
        writer.close()

    async def close(self) -> None:
        """Have enough."""
        for writer in self.writers:
            writer.transport.abort()
        closed = (writer.wait_closed() for writer in self.writers)
        await asyncio.gather(*closed, return_exceptions=True)


@pytest.fixture
async def silent() -> AsyncIterator[SilentRegistry]:
    """Serve one."""
    registry = SilentRegistry()
    server = await asyncio.start_server(registry.connect, "127.0.0.1", 0)
    registry.image = f"127.0.0.1:{server.sockets[0].getsockname()[1]}/never:1"
    yield registry
    server.close()
    await registry.close()


async def test_a_job_that_is_cancelled_while_its_image_is_pulled_never_starts(
    bench: Bench, silent: SilentRegistry
) -> None:
    execution_id = with_own_execution_ids(bench.world.catalogue)
    job = bench.queue("true", uses_docker=True, docker_image=silent.image)
    running = asyncio.create_task(bench.run(job))
    await silent.asked.wait()

    bench.world.catalogue.executions.cancel(job.id, "No longer wanted.")

    assert not await running
    assert bench.world.job(job.id).status is JobStatus.CANCELED
    assert bench.left() == []
    assert not docker("ps", "--all", "--quiet", "--filter", f"name=exe-{execution_id}")


async def test_a_pull_takes_of_the_time_of_its_job(bench: Bench, silent: SilentRegistry) -> None:
    with_own_execution_ids(bench.world.catalogue)
    job = bench.queue("true", uses_docker=True, docker_image=silent.image, max_tries=1, timeout=2)

    assert not await bench.run(job)

    assert bench.error_of(job) == "timeout"
    assert bench.left() == []


def test_the_doctor_signs_in_with_each_connection(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CONNECTION_VARIABLE, "lab,old")
    monkeypatch.setenv("AIRFLOW_CONN_OLD", registry.connection(WRONG))

    right, wrong = look_at_registries()

    assert (right.verdict, right.subject) == (Verdict.WELL, f"registry {registry.address}")
    assert right.sentence == "It accepts the login of the connection 'lab'."
    assert wrong.verdict is Verdict.WARNING
    assert "cannot sign in with the connection 'old'" in wrong.sentence
    assert WRONG not in wrong.sentence


def test_the_doctor_names_a_connection_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CONNECTION_VARIABLE, "nowhere")

    (found,) = look_at_registries()

    assert found.verdict is Verdict.WARNING
    assert "'nowhere'" in found.sentence
