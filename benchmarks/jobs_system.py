"""A whole local system for the job benchmarks, with stock DAGs beside the catalogue's own."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psutil
from sqlalchemy import Engine, create_engine, text

from airscale import keys, ports, postgres, processes, stack
from airscale.home import PROJECT_ROOT, Home
from airscale.local import local_deployment
from airscale.settings import airflow_settings, environment
from benchmarks.ingest_bench import wait_until
from benchmarks.jobs_types import IMAGE_VARIABLE, configuration
from catalog import dag_names
from catalog.catalogue import Catalogue
from catalog.database import Database

_BUNDLES: Final = "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST"
_PATIENCE: Final = 300.0
_MIB: Final = 2**20
VERSION: Final = "1.0"


@dataclass(frozen=True, slots=True)
class JobsSystem:
    """A system that runs, its catalogue, and Airflow's own database."""

    home: Home
    catalogue: Catalogue
    airflow: Engine
    stock: "subprocess.Popen[str]"

    def queue_jobs(self, job_type: str, count: int) -> list[int]:
        """Queue jobs of a type, each in a transaction of its own as by REST; return their ids."""
        with self.catalogue.database.transaction() as tx:
            found = tx.job_types.find(job_type, VERSION)
        assert found is not None, job_type  # noqa: S101  # `configuration` has it
        data = {"version": "1.0", "input_data": [], "output_data": []}
        return [self.catalogue.queue.new_job(found.id, data, "bench").id for _ in range(count)]

    def queue_recipe(self, recipe_type: str) -> int:
        """Queue a recipe; return its id."""
        with self.catalogue.database.transaction() as tx:
            found = tx.recipe_types.find(recipe_type, VERSION)
        assert found is not None, recipe_type  # noqa: S101  # as above
        data = {"version": "1.0", "input_data": []}
        return self.catalogue.queue.new_recipe(found.id, data, "bench").id

    def run_stock(self, dag_id: str, prefix: str, count: int) -> float:
        """Run a stock DAG so many times at once; return the seconds until all have succeeded."""
        begun = time.time()
        deadline = begun + _PATIENCE
        while (answer := _ask(self.stock, f"{dag_id} {prefix} {count}")) == "not yet":
            if time.time() > deadline:
                message = f"Airflow has not read {dag_id} within {_PATIENCE:.0f} s."
                raise TimeoutError(message)
            time.sleep(1)
        assert answer == "done", answer  # noqa: S101  # a benchmark that measures nothing is none
        return self._until_succeeded(dag_id, [f"{prefix}-{each}" for each in range(count)]) - begun

    def run_ours(self, job_type: str, count: int) -> float:
        """Run jobs at once; return the seconds until all their DAG runs have succeeded."""
        begun = time.time()
        runs = [dag_names.job_run_id(each) for each in self.queue_jobs(job_type, count)]
        return self._until_succeeded(dag_names.job_dag_id(job_type, VERSION), runs) - begun

    def _until_succeeded(self, dag_id: str, run_ids: Sequence[str]) -> float:
        """Return when the last of these runs ended; every one must have succeeded."""
        query = text(
            "SELECT count(*), count(*) FILTER (WHERE state = 'success'),"
            " extract(epoch FROM max(end_date)) FROM dag_run"
            " WHERE dag_id = :dag_id AND run_id = ANY(:run_ids) AND end_date IS NOT NULL"
        )
        found: list[Any] = []

        def have_ended() -> bool:
            with self.airflow.connect() as connection:
                found[:] = connection.execute(
                    query, {"dag_id": dag_id, "run_ids": list(run_ids)}
                ).one()
            return bool(found[0] == len(run_ids))

        wait_until(have_ended, _PATIENCE)
        assert found[1] == len(run_ids), f"{dag_id}: {found}"  # noqa: S101  # as above
        return float(found[2])

    def is_complete(self, recipe_id: int) -> bool:
        """Say whether a recipe is complete, and Airflow's run of it as well."""
        query = text("SELECT count(*) FROM dag_run WHERE run_id = :run_id AND state = 'success'")
        with self.airflow.connect() as connection:
            run_id = dag_names.recipe_run_id(recipe_id)
            return bool(connection.scalar(query, {"run_id": run_id}) == 1)

    def ask(self, query: str, **values: Any) -> Any:
        """Return the first value of a query over the catalogue."""
        with self.catalogue.database.reading() as connection:
            return connection.scalar(text(query), values)

    def memory(self) -> float:
        """Return what the orchestrator holds, in MiB: Airflow, the plugin and PostgreSQL.

        Pages that processes share are counted once (PSS); jobs are no part of it.
        """
        jobs = str(self.home.executions)
        own = [each for each in processes.leftovers(self.home) if jobs not in _directory(each)]
        return sum(map(_pss, (*own, *postgres.processes(self.home)))) / _MIB


@contextmanager
def jobs_system(
    image: str, workers: int, report: Callable[[str], None], folder: Path | None = None
) -> Iterator[JobsSystem]:
    """Start a system of its own with the job types of the benchmark; stop and delete it.

    Parameters
    ----------
    image
        What containers are made of; it must be on the engine.
    workers
        How many tasks of stock DAGs run at once (``[core] parallelism``).
    folder
        Where to work; a disk.
    """
    # PostgreSQL does not run as root, and its own user cannot enter root's home.
    root = Path(tempfile.mkdtemp(prefix="airscale-bench-", dir=folder or Path("/var/tmp")))  # noqa: S108
    root.chmod(0o755)
    home = Home(root.resolve())
    variables = {
        "AIRFLOW__CORE__PARALLELISM": str(workers),
        "AIRSCALE_RECIPES": str(root / "no-recipes"),
        IMAGE_VARIABLE: image,
        # How many run at once is up to the job types: sleepers need next to nothing.
        "AIRSCALE_NODE_CPUS": "1000",
        "AIRSCALE_NODE_MEM": "1000000",
    }
    with _environment(variables):
        try:
            with _environment({_BUNDLES: _bundles(home)}):
                stack.up(home, report)
                with _opened(home, image) as system:
                    yield system
        finally:
            stack.down(home)
            _remove_containers(home)
            shutil.rmtree(root, ignore_errors=True)


def _remove_containers(home: Home) -> None:
    """Remove the containers that a benchmark which was cut short has left."""
    label = "airscale.work_directory"
    listing = ["docker", "ps", "--all", "--format", f'{{{{.ID}}}} {{{{.Label "{label}"}}}}']
    listed = subprocess.run(listing, check=True, capture_output=True, text=True).stdout  # noqa: S603
    left = [line.split() for line in listed.splitlines() if f" {home.executions}/" in line]
    for container_id, _ in left:
        removal = ["docker", "rm", "--force", container_id]
        subprocess.run(removal, check=False, capture_output=True)  # noqa: S603  # our own words


@contextmanager
def _opened(home: Home, image: str) -> Iterator[JobsSystem]:
    socket_folder = postgres.socket_folder(home)
    catalogue_url = postgres.database_url(socket_folder, postgres.CATALOGUE_DATABASE)
    database = Database(catalogue_url)
    airflow = create_engine(postgres.database_url(socket_folder, postgres.AIRFLOW_DATABASE))
    stock = _stock_runs(home, socket_folder)
    try:
        catalogue = Catalogue(database)
        catalogue.configuration.import_document(configuration(image))
        assert _answer(stock) == "ready"  # noqa: S101  # it prints so when Airflow is imported
        yield JobsSystem(home, catalogue, airflow, stock)
    finally:
        stock.terminate()
        stock.wait(timeout=60)
        airflow.dispose()
        database.close()


def _stock_runs(home: Home, socket_folder: Path) -> "subprocess.Popen[str]":
    chosen = ports.load(home)
    assert chosen is not None  # noqa: S101  # `up` has chosen them
    deployment = local_deployment(home, chosen, socket_folder)
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.stock_runs"],
        cwd=PROJECT_ROOT,
        env=environment(home, keys.load(home), deployment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def _ask(process: "subprocess.Popen[str]", line: str) -> str:
    assert process.stdin is not None  # noqa: S101  # made with a pipe
    print(line, file=process.stdin, flush=True)
    return _answer(process)


def _answer(process: "subprocess.Popen[str]") -> str:
    """Return the next answer; what Airflow prints beside is passed over."""
    assert process.stdout is not None  # noqa: S101  # made with a pipe
    answers = {"ready", "not yet", "done"}
    return next((line.strip() for line in process.stdout if line.strip() in answers), "")


def _bundles(home: Home) -> str:
    """Return the bundles of a local system, and a folder of stock DAGs."""
    home.create()
    deployment = local_deployment(home, ports.Ports(api=0), home.root)
    settings = airflow_settings(home, keys.load_or_create(home), deployment)
    bundles = json.loads(next(each.value for each in settings if each.variable == _BUNDLES))
    stock = {
        "name": "stock",
        "classpath": "airflow.dag_processing.bundles.local.LocalDagBundle",
        "kwargs": {"path": str(PROJECT_ROOT / "benchmarks" / "stock")},
    }
    return json.dumps([*bundles, stock])


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    former = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(former)


def _directory(process: psutil.Process) -> str:
    try:
        return process.cwd()
    except psutil.Error:
        return ""


def _pss(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.Error:
        return 0
