"""The arrows of the architecture: who may import whom, read from the source and really tried."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[1]
ROOMS: Final = {
    "schemas": set[str](),
    "catalog": {"schemas"},
    "dag_factory": {"catalog", "schemas"},
    "strike": {"catalog", "schemas"},
    "plugins": {"catalog", "schemas", "dag_factory"},
    "dags": {"catalog", "schemas", "dag_factory", "strike"},
    "examples": set[str](),
    "airscale": {"catalog", "schemas", "dag_factory", "strike", "plugins", "examples"},
}
"""Room to the other rooms it may import. Tests and benchmarks may import everything."""
WITH_AIRFLOW: Final = {
    "dag_factory/airflow_command.py",
    "dag_factory/airflow_dag_processor.py",
    "dag_factory/airflow_executor.py",
    "dag_factory/airflow_people.py",
    "dag_factory/airflow_pools.py",
    "dag_factory/airflow_runs.py",
    "dag_factory/airflow_triggerer.py",
    "dag_factory/bundle.py",
    "dag_factory/dags.py",
    "dag_factory/operators.py",
    "dag_factory/runtimes/docker_provider.py",
    "dag_factory/runtimes/kubernetes_provider.py",
    "dag_factory/trigger.py",
    "strike/dag.py",
    "strike/sensor.py",
    "strike/trigger.py",
    "airscale/bootstrap.py",
}
"""Files that may import Airflow, which costs seconds; all of plugins/ and dags/ may, too."""
WITH_SESSIONS: Final = (
    "catalog/stores/",
    "catalog/queries/",
    "catalog/tables/",
    "catalog/migrations/",
)
FOR_THE_PLUGIN: Final = ("dag_factory.dispatcher.", "dag_factory.airflow_runs.")
SUPERVISOR: Final = "dag_factory/runtimes/supervisor.py"
ISOLATION: Final = ("dag_factory/runtimes/capabilities.py", "dag_factory/runtimes/landlock.py")
"""What the supervisor may import besides Python; they may import nothing else."""


@dataclass(frozen=True, slots=True)
class Import:
    """A file of ours that imports a module."""

    file: str
    module: str

    @property
    def room(self) -> str:
        """The room of the file."""
        return self.file.split("/", 1)[0]

    @property
    def top(self) -> str:
        """The first part of the module's name."""
        return self.module.split(".", 1)[0]


def all_imports() -> Iterator[Import]:
    """Yield every import of every room, also those inside functions."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_bytes())):
                for module in modules_of(node):
                    yield Import(path.relative_to(ROOT).as_posix(), module)


def modules_of(node: ast.AST) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [each.name for each in names]
        case ast.ImportFrom(module=str(module), level=0, names=names):
            return [f"{module}.{each.name}" for each in names]
        case ast.ImportFrom():
            return ["<relative>"]
        case _:
            return []


IMPORTS: Final = tuple(all_imports())


def broken(wrong: Iterator[Import]) -> list[str]:
    return [f"{each.file} imports {each.module}" for each in wrong]


def test_a_room_imports_only_the_rooms_below_it() -> None:
    assert not broken(
        each
        for each in IMPORTS
        if each.top in {*ROOMS, "tests", "benchmarks"} - {each.room}
        and each.top not in ROOMS[each.room]
    )


def test_imports_are_absolute() -> None:
    assert not broken(each for each in IMPORTS if each.module == "<relative>")


def test_of_the_dag_factory_the_plugin_uses_only_what_runs_in_the_api_server() -> None:
    assert not broken(
        each
        for each in IMPORTS
        if each.room == "plugins"
        and each.top == "dag_factory"
        and not each.module.startswith(FOR_THE_PLUGIN)
    )


def test_airflow_is_imported_only_where_it_has_to_be() -> None:
    assert not broken(
        each
        for each in IMPORTS
        if each.top == "airflow"
        and each.room not in {"plugins", "dags"}
        and each.file not in WITH_AIRFLOW
    )


def test_sessions_are_opened_only_in_the_catalogue() -> None:
    assert not broken(
        each
        for each in IMPORTS
        if each.module.startswith("sqlalchemy.orm")
        and not each.file.startswith(WITH_SESSIONS)
        and each.file != "catalog/database.py"
    )


def test_tables_are_known_only_to_stores_and_queries() -> None:
    assert not broken(
        each
        for each in IMPORTS
        if each.module.startswith("catalog.tables") and not each.file.startswith(WITH_SESSIONS)
    )


@pytest.mark.parametrize("file", [SUPERVISOR, *ISOLATION])
def test_the_supervisor_needs_nothing_but_python(file: str) -> None:
    of_file = [each for each in IMPORTS if each.file == file]
    assert of_file
    assert not broken(
        each
        for each in of_file
        if each.top not in sys.stdlib_module_names
        and not (file == SUPERVISOR and f"{each.module.replace('.', '/')}.py" in ISOLATION)
    )


def test_every_room_and_file_that_is_named_here_exists() -> None:
    named = [*ROOMS, *WITH_AIRFLOW, *WITH_SESSIONS, SUPERVISOR, *ISOLATION]
    assert [each for each in named if not (ROOT / each).exists()] == []


@pytest.mark.parametrize("room", ["schemas", "catalog", "dag_factory", "strike"])
def test_what_needs_no_airflow_imports_without_it(room: str) -> None:
    modules = [
        path.relative_to(ROOT)
        .with_suffix("")
        .as_posix()
        .replace("/", ".")
        .removesuffix(".__init__")
        for path in sorted((ROOT / room).rglob("*.py"))
        if path.relative_to(ROOT).as_posix() not in WITH_AIRFLOW
        and path.name != "env.py"  # Alembic's entry, which runs when it is imported
    ]
    program = (
        "import importlib, sys\n"
        "for name in sys.argv[1:]:\n"
        "    importlib.import_module(name)\n"
        "    assert 'airflow' not in sys.modules, name\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *modules],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
