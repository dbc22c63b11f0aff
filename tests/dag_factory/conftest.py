"""Fixtures of the DAG factory: a catalogue with workspaces, and executions in containers."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from catalog.catalogue import Catalogue
from dag_factory.runtimes.docker import DockerRuntime
from dag_factory.runtimes.runtime import Exit, Invocation
from tests.support.catalogues import World
from tests.support.docker import PrivateEngine, docker, private_engine, require_dockerd
from tests.support.invocations import invocation


class Containers:
    """Makes executions, runs them, and removes their containers in the end."""

    def __init__(self, executions: Path) -> None:
        self.executions = executions
        self.runtime = DockerRuntime()
        self.made: list[Invocation] = []

    def new(self, *argv: str, **options: object) -> Invocation:
        """Return an invocation; options are those of `tests.support.invocations.invocation`."""
        made = invocation(self.executions, *argv, **options)  # type: ignore[arg-type]  # passed on
        self.made.append(made)
        return made

    def shell(self, script: str, **options: object) -> Invocation:
        """Return an invocation of a shell script."""
        return self.new("sh", "-c", script, **options)

    async def run(self, execution: Invocation) -> Exit:
        """Run an execution to its end."""
        await self.runtime.start(execution)
        return await self.runtime.wait(execution)


@pytest.fixture
async def containers(tmp_path: Path) -> AsyncIterator[Containers]:
    """Return a maker of executions."""
    made = Containers(tmp_path / "executions")
    yield made
    for each in made.made:
        docker("rm", "--force", "--volumes", each.name)


@pytest.fixture
def engine_of_its_own(monkeypatch: pytest.MonkeyPatch) -> Iterator[PrivateEngine]:
    """Return an engine that the test may kill, and let the runtime use it."""
    require_dockerd()
    with private_engine() as engine:
        monkeypatch.setenv("DOCKER_HOST", engine.host)
        yield engine


@pytest.fixture
def world(catalogue: Catalogue, tmp_path: Path) -> World:
    """Return a catalogue with workspaces, of the test's own."""
    return World.over(catalogue, tmp_path)
