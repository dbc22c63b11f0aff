"""A home filled with rows, and one worker of Airflow's API server over it."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx
import psycopg

from airscale import keys, ports, postgres, processes, records, stack
from airscale.components import API_SERVER
from airscale.doctor.databases import CATALOGUE
from airscale.errors import StackError
from airscale.files import tail, write_atomically
from airscale.home import Home
from airscale.local import local_deployment
from airscale.lock import exclusive
from airscale.login import Login
from airscale.settings import environment
from benchmarks.seed.airflow import seed_airflow
from benchmarks.seed.bulk import settle
from benchmarks.seed.catalogue import Sizes, seed_catalogue
from catalog.catalogue import Catalogue
from catalog.database import Database

HOME_VARIABLE: Final = "AIRSCALE_BENCH_HOME"
_SEEDED: Final = "seeded"
_START_SECONDS: Final = 180.0
Report = Callable[[str], None]


def bench_home(rows: int) -> Home:
    """Return the home that holds so many rows, outside the checkout and kept between runs."""
    named = os.environ.get(HOME_VARIABLE)
    if named:
        return Home(Path(named).resolve() / str(rows))
    # PostgreSQL does not run as root, and its own user cannot enter root's home.
    cache = Path("/var/cache") if os.geteuid() == 0 else Path.home() / ".cache"
    return Home((cache / "airscale-bench" / str(rows)).resolve())


@contextmanager
def seeded(home: Home, rows: int, report: Report) -> Iterator[dict[str, str]]:
    """Run PostgreSQL with the rows in it; give the environment of a server over it.

    Rows that a former run left are used again, brought forward by the migrations if need be.
    """
    home.create()
    with exclusive(home, lambda: report("Waiting for another benchmark to end.")):
        socket_folder = postgres.start(home)
        try:
            if not (home.root / _SEEDED).exists():
                _start_anew(socket_folder)
                postgres.start(home)
            deployment = local_deployment(home, ports.choose(home), socket_folder)
            variables = environment(home, keys.load_or_create(home), deployment)
            variables["AIRSCALE_DISPATCHER"] = "0"
            stack.prepare(home, socket_folder, variables, report)
            _seed(home, socket_folder, rows, report)
            _fold_tallies(variables)
            yield variables
        finally:
            postgres.stop(home)


def _fold_tallies(variables: dict[str, str]) -> None:
    """Do what housekeeping does every minute: a former run's submissions are tallied one by one."""
    database = Database(variables[CATALOGUE])
    try:
        Catalogue(database).tallies.fold()
    finally:
        database.close()


@contextmanager
def api_server(home: Home, variables: dict[str, str], report: Report) -> Iterator[Login]:
    """Run one worker of the API server; nothing else of Airflow, so that nothing else works."""
    report("Starting one worker of the API server.")
    processes.start(home, API_SERVER.name, API_SERVER.command, variables)
    try:
        address = ports.load(home)
        if address is None:
            raise StackError(f"No port was chosen in {home.root}.")
        _wait(home, address.base_url)
        yield Login(address.base_url, "admin", keys.load(home).admin_password)
    finally:
        processes.stop(home, [API_SERVER.name])
        processes.stop_leftovers(home)


def connect(socket_folder: Path, database: str) -> psycopg.Connection:
    """Open a connection in autocommit mode."""
    return psycopg.connect(
        host=str(socket_folder), user="postgres", dbname=database, autocommit=True
    )


def _start_anew(socket_folder: Path) -> None:
    """Drop what a run that died half way may have left."""
    with connect(socket_folder, "postgres") as connection:
        for name in (postgres.AIRFLOW_DATABASE, postgres.CATALOGUE_DATABASE):
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _seed(home: Home, socket_folder: Path, rows: int, report: Report) -> None:
    mark = home.root / _SEEDED
    if mark.exists():
        return
    started = time.monotonic()
    report(f"Seeding {rows:,} jobs, executions and recipes, and as many runs of Airflow.")
    with connect(socket_folder, postgres.CATALOGUE_DATABASE) as connection:
        seed_catalogue(connection, Sizes(rows))
        settle(connection)
    with connect(socket_folder, postgres.AIRFLOW_DATABASE) as connection:
        seed_airflow(connection, rows)
        settle(connection)
    write_atomically(mark, f"{rows}\n")
    report(f"Seeded in {time.monotonic() - started:.0f} s.")


def _wait(home: Home, base_url: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        record = records.read(home, API_SERVER.name)
        if record is None or record.process() is None:
            break
        try:
            # 401 is an answer, too: the plugin is there.
            if httpx.get(f"{base_url}/scale/api/version/", trust_env=False).status_code < 500:  # noqa: PLR2004
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    log = home.log(API_SERVER.name)
    raise StackError(f"The API server did not start. The end of {log}:\n{tail(log)}")
