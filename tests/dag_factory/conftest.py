"""Fixtures of the DAG factory: a catalogue with workspaces, and executions in containers."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from catalog.catalogue import Catalogue
from catalog.database import Database
from catalog.logs import LOGS_VARIABLE
from dag_factory import runner
from dag_factory.runtimes.docker import DockerRuntime
from dag_factory.runtimes.runtime import Exit, Invocation
from tests.dag_factory.jobs import Bench
from tests.support.catalogues import World
from tests.support.docker import (
    LOCAL_ENGINE,
    PrivateEngine,
    private_engine,
    remove,
    require_dockerd,
)
from tests.support.invocations import invocation
from tests.support.postgres import PostgresServer


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


@pytest.fixture(autouse=True)
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the log store be a directory of the test's own; return it."""
    monkeypatch.setenv(LOGS_VARIABLE, str(tmp_path / "job-logs"))
    return tmp_path / "job-logs"


@pytest.fixture
async def containers(tmp_path: Path) -> AsyncIterator[Containers]:
    """Return a maker of executions."""
    made = Containers(tmp_path / "executions")
    engine = os.environ.get("DOCKER_HOST") or LOCAL_ENGINE  # before a test names another
    yield made
    for each in made.made:
        remove(each.name, engine)


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


@pytest.fixture(scope="module")
def module_bench(
    postgres: PostgresServer, catalogue_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Bench]:
    """Return a bench that the tests of a module share, each with jobs of its own."""
    name = postgres.create(catalogue_template)
    database = Database(postgres.url(name))
    yield Bench.over(World.over(Catalogue(database), tmp_path_factory.mktemp("bench")))
    database.close()
    postgres.drop(name)


@pytest.fixture
def bench(module_bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """Return the module's bench, with its programs where the process runtime looks."""
    monkeypatch.setenv("AIRSCALE_ALGORITHM_PATH", str(module_bench.algorithms))
    monkeypatch.setattr(runner, "_RETRY_SECONDS", 0.05)
    module_bench.forget_notes()
    return module_bench
