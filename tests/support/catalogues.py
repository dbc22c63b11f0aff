"""A catalogue with as much in it as a test needs: job types, recipe types, sources, results."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier
from typing import Any, Final, TypeVar

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from catalog.brokers import broker_of
from catalog.catalogue import Catalogue
from catalog.database import Database
from catalog.media_types import media_type_of
from catalog.records.execution import ExecutionPlan, Failure, ProductFile, Results
from catalog.records.files import FileRecord
from catalog.records.work import JobExecutionRecord, JobRecord, RecipeRecord
from catalog.services.triggers import file_event
from catalog.states import EventType, FileKind, JobStatus
from catalog.stores.unit_of_work import UnitOfWork
from catalog.tables import Base, Job, JobExecution, Outbox, ScaleFile
from schemas.results_manifest import GeoMetadata, ParseResult

T = TypeVar("T")
Json = dict[str, Any]
DATA_ERROR: Final = "bad-data"
ALGORITHM_ERROR: Final = "bad-algorithm"
ERRORS: Final[list[Json]] = [
    {"name": DATA_ERROR, "title": "Bad Data", "description": "-", "category": "DATA"},
    {"name": ALGORITHM_ERROR, "title": "Bad", "description": "-", "category": "ALGORITHM"},
]


def interface(
    inputs: Mapping[str, str] | None = None,
    outputs: Mapping[str, str] | None = None,
    *,
    optional: Iterable[str] = (),
    command: str = "true",
    arguments: str = "",
    media_types: Mapping[str, list[str]] | None = None,
) -> Json:
    """Return a job interface: names of inputs and outputs to their types."""
    accepted = media_types or {}
    return {
        "version": "1.0",
        "command": command,
        "command_arguments": arguments,
        "input_data": [
            {
                "name": name,
                "type": kind,
                "required": name not in optional,
                **({"media_types": accepted[name]} if name in accepted else {}),
            }
            for name, kind in (inputs or {}).items()
        ],
        "output_data": [
            {"name": name, "type": kind, "required": name not in optional}
            for name, kind in (outputs or {}).items()
        ],
    }


def job_type(name: str, job_interface: Json | None = None, **settings: Any) -> Json:
    """Return a job type of a configuration document, version 1.0."""
    return {
        "name": name,
        "version": "1.0",
        "max_tries": 3,
        "interface": job_interface or interface(),
        **settings,
    }


def recipe_type(
    name: str,
    jobs: Mapping[str, Json],
    inputs: Mapping[str, str] | None = None,
    *,
    optional: Iterable[str] = (),
    **settings: Any,
) -> Json:
    """Return a recipe type of a configuration document, version 1.0; see `recipe_job`."""
    return {
        "name": name,
        "version": "1.0",
        "definition": {
            "version": "1.0",
            "input_data": [
                {"name": each, "type": kind, "required": each not in optional}
                for each, kind in (inputs or {}).items()
            ],
            "jobs": [{"name": each, **job} for each, job in jobs.items()],
        },
        **settings,
    }


def recipe_job(
    type_name: str,
    inputs: Mapping[str, str] | None = None,
    parents: Mapping[str, Mapping[str, str]] | None = None,
) -> Json:
    """Return a job of a recipe.

    Parameters
    ----------
    inputs
        Job input to recipe input.
    parents
        Parent job to (job input to the parent's output).
    """
    return {
        "job_type": {"name": type_name, "version": "1.0"},
        "recipe_inputs": [
            {"job_input": job_input, "recipe_input": recipe_input}
            for job_input, recipe_input in (inputs or {}).items()
        ],
        "dependencies": [
            {
                "name": parent,
                "connections": [
                    {"output": output, "input": job_input}
                    for job_input, output in connections.items()
                ],
            }
            for parent, connections in (parents or {}).items()
        ],
    }


def trigger_rule(kind: str = "INGEST", **configuration: Any) -> Json:
    """Return a trigger rule; without configuration, 1.0 for the input ``file``."""
    document = configuration or {
        "version": "1.0",
        "data": {"input_data_name": "file", "workspace_name": "products"},
    }
    return {"type": kind, "name": "rule", "configuration": document}


def document(
    job_types: Iterable[Json] = (), recipe_types: Iterable[Json] = (), errors: Iterable[Json] = ()
) -> Json:
    """Return a configuration document."""
    return {
        "version": "1.0",
        "errors": list(errors),
        "job_types": list(job_types),
        "recipe_types": list(recipe_types),
    }


@dataclass(frozen=True, slots=True)
class World:
    """A catalogue with the workspaces ``raw`` and ``products`` below `home`."""

    catalogue: Catalogue
    home: Path

    @classmethod
    def over(cls, catalogue: Catalogue, home: Path) -> "World":
        """Make the workspaces, and the errors of the tests."""
        for name in ("raw", "products"):
            broker = {"type": "host", "host_path": str(home / name)}
            catalogue.workspaces.create(name, {"version": "1.0", "broker": broker})
        catalogue.configuration.import_document(document(errors=ERRORS))
        return cls(catalogue, home)

    @property
    def database(self) -> Database:
        """The database of the catalogue."""
        return self.catalogue.database

    def configure(self, job_types: Iterable[Json] = (), recipe_types: Iterable[Json] = ()) -> None:
        """Import job types and recipe types."""
        self.catalogue.configuration.import_document(document(job_types, recipe_types))

    def workspace_id(self, name: str) -> int:
        """Return the id of a workspace."""
        with self.database.transaction() as tx:
            return tx.workspaces.named(name).id

    def source(
        self, name: str, content: bytes = b"content", *, folder: str = "in", **values: Any
    ) -> FileRecord:
        """Store a source file, without telling the triggers."""
        original = self.home / "incoming" / name
        original.parent.mkdir(parents=True, exist_ok=True)
        original.write_bytes(content)
        with self.database.transaction() as tx:
            workspace = tx.workspaces.named("raw")
            file_path = f"{folder}/{name}"
            stored = broker_of(workspace.json_config).put(original, file_path)
            columns: dict[str, Any] = {
                "kind": FileKind.SOURCE,
                "workspace_id": workspace.id,
                "file_name": name,
                "file_path": file_path,
                "media_type": media_type_of(name),
                "file_size": stored.file_size,
                "sha256": stored.sha256,
                "data_type": [],
                "countries": [],
                "uuid": hashlib.sha256(f"{file_path}{stored.sha256}".encode()).hexdigest()[:32],
                "meta_data": {},
            }
            return tx.files.add(**{**columns, **values})

    def ingest(self, file: FileRecord) -> None:
        """Tell the triggers of a file, as the end of its ingest does."""
        with self.database.transaction() as tx:
            file_event(tx, EventType.INGEST, file)

    def queue_job(self, name: str, inputs: Mapping[str, Any] | None = None) -> JobRecord:
        """Queue a job of a type; all outputs go to ``products``."""
        with self.database.transaction() as tx:
            found = tx.job_types.find(name, "1.0")
        assert found is not None
        outputs = [each["name"] for each in found.interface["output_data"]]
        data = {
            "version": "1.0",
            "input_data": _input_data(inputs or {}),
            "output_data": [
                {"name": each, "workspace_id": self.workspace_id("products")} for each in outputs
            ],
        }
        return self.catalogue.queue.new_job(found.id, data, "tester")

    def queue_recipe(self, name: str, inputs: Mapping[str, Any] | None = None) -> RecipeRecord:
        """Queue a recipe of a type; all products go to ``products``."""
        with self.database.transaction() as tx:
            found = tx.recipe_types.find(name, "1.0")
        assert found is not None
        data = {
            "version": "1.0",
            "input_data": _input_data(inputs or {}),
            "workspace_id": self.workspace_id("products"),
        }
        return self.catalogue.queue.new_recipe(found.id, data, "tester")

    def recipe(self, recipe_id: int) -> RecipeRecord:
        """Return a recipe as it is now."""
        with self.database.transaction() as tx:
            return tx.recipes.get(recipe_id)

    def jobs(self, recipe: RecipeRecord) -> dict[str, JobRecord]:
        """Return the jobs of a recipe as they are now, by their names in it."""
        with self.database.transaction() as tx:
            ids = tx.recipes.jobs(recipe.id)
            found = tx.jobs.get_many(ids.values())
        return {name: found[job_id] for name, job_id in ids.items()}

    def job(self, job_id: int) -> JobRecord:
        """Return a job as it is now."""
        with self.database.transaction() as tx:
            return tx.jobs.get(job_id)

    def statuses(self, recipe: RecipeRecord) -> dict[str, JobStatus]:
        """Return the status of every job of a recipe, by its name in it."""
        return {name: job.status for name, job in self.jobs(recipe).items()}

    def executions(self, job_id: int) -> list[JobExecutionRecord]:
        """Return the executions of a job, oldest first."""
        with Session(self.database.engine) as session:
            ids = session.scalars(
                select(JobExecution.id).where(JobExecution.job_id == job_id).order_by("id")
            ).all()
        with self.database.transaction() as tx:
            return [tx.executions.get(each) for each in ids]

    def products(self) -> list[FileRecord]:
        """Return every product, by id."""
        with Session(self.database.engine) as session:
            ids = session.scalars(
                select(ScaleFile.id).where(ScaleFile.kind == FileKind.PRODUCT).order_by("id")
            ).all()
        with self.database.transaction() as tx:
            return [tx.files.get(each) for each in ids]

    def all_jobs(self) -> list[JobRecord]:
        """Return every job but those of Strike processes, by id."""
        with Session(self.database.engine) as session:
            ids = session.scalars(select(Job.id).order_by(Job.id)).all()
        with self.database.transaction() as tx:
            return [tx.jobs.get(each) for each in ids]

    def runs(self) -> list[Json]:
        """Return the conf of every run that was asked for, oldest first."""
        with Session(self.database.engine) as session:
            return list(session.scalars(select(Outbox.conf).order_by(Outbox.id)))

    def count(self, table: type[Base]) -> int:
        """Return how many rows a table has."""
        with Session(self.database.engine) as session:
            return session.scalars(select(func.count()).select_from(table)).one()

    def begin(self, job_id: int) -> ExecutionPlan:
        """Begin a job that is to run."""
        plan = self.catalogue.executions.begin(job_id, "host")
        assert isinstance(plan, ExecutionPlan)
        return plan

    def run(self, job_id: int, **outputs: Iterable[str]) -> None:
        """Begin a job and complete it with these files of its outputs."""
        plan = self.begin(job_id)
        ended = self.catalogue.executions.complete(plan.job_exe_id, results(plan, outputs))
        assert ended is not None
        assert ended.succeeded

    def fail(self, job_id: int, error_name: str = DATA_ERROR) -> bool:
        """Begin a job and fail it; return whether it is queued again."""
        plan = self.begin(job_id)
        return self.catalogue.executions.fail(plan.job_exe_id, Failure(error_name, "-")) is None


def results(
    plan: ExecutionPlan,
    outputs: Mapping[str, Iterable[str]] | None = None,
    parse_results: Iterable[ParseResult] = (),
    geo_metadata: GeoMetadata | None = None,
) -> Results:
    """Return the results of an execution: file names by output name, as stored by a runner."""
    return Results(
        outputs={
            name: tuple(
                ProductFile(
                    file_name=file_name,
                    file_path=f"{plan.outputs[name].directory}/{file_name}",
                    file_size=7,
                    sha256=hashlib.sha256(file_name.encode()).hexdigest(),
                    media_type=media_type_of(file_name),
                    geo_metadata=geo_metadata or GeoMetadata(),
                )
                for file_name in file_names
            )
            for name, file_names in (outputs or {}).items()
        },
        parse_results=tuple(parse_results),
        manifest={"version": "1.1"},
        job_completed=datetime.now(UTC),
        stdout="",
        stderr="",
    )


def at_once(count: int, action: Callable[[int], T]) -> list[T | Exception]:
    """Do something in several threads, as near to one moment as can be; return what came of it."""
    barrier = Barrier(count)

    def act(number: int) -> T | Exception:
        barrier.wait(timeout=30)
        try:
            return action(number)
        except Exception as error:  # noqa: BLE001  # the test looks at it
            return error

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(act, range(count)))


@contextmanager
def rolled_back(database: Database) -> Iterator[UnitOfWork]:
    """Run a block in a transaction that fails at its end."""

    class Failed(Exception):  # noqa: N818  # nobody sees it
        pass

    with suppress(Failed), database.transaction() as tx:
        yield tx
        raise Failed


def cut_all_others(database: Database) -> None:
    """End every connection to a database but the one that does it."""
    with database.engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )


def _input_data(inputs: Mapping[str, Any]) -> list[Json]:
    """Return input data: text is a property, a file record or a list of them are files."""
    return [{"name": name, **_value(value)} for name, value in inputs.items()]


def _value(value: str | FileRecord | Iterable[FileRecord]) -> Json:
    if isinstance(value, str):
        return {"value": value}
    if isinstance(value, FileRecord):
        return {"file_id": value.id}
    return {"file_ids": [each.id for each in value]}
