"""A whole local system whose parts are killed while jobs of three kinds run."""

import json
import os
import random
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psutil
from sqlalchemy import text

from airscale import keys, ports, postgres, processes, records, stack
from airscale.components import COMPONENTS
from airscale.home import Home
from airscale.local import local_deployment
from airscale.settings import environment
from catalog.catalogue import Catalogue
from catalog.database import Database

_VERSION: Final = "1.0"
_WORKSPACE: Final = "soak"
_SCRIPT: Final = 'sleep 0.$((JOB_ID % 10)); echo "job $JOB_ID" > out.txt; echo ARTIFACT:out:out.txt'
PROCESS, WORKER, CONTAINER = "soak-process", "soak-worker", "soak-container"
SOONER: Final = {
    # A successor takes over when its predecessor has been silent for so long: 30 s by default.
    "AIRFLOW__TRIGGERER__TRIGGERER_HEALTH_CHECK_THRESHOLD": "8",
    "AIRFLOW__TRIGGERER__JOB_HEARTBEAT_SEC": "2",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "20",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
    # What a worker took from the queue and died with is queued again.
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": "20",
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "5",
    "AIRFLOW__SCHEDULER__NUM_STUCK_IN_QUEUED_RETRIES": "100",
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "10",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "10",
}
"""Variables that let Airflow take a silent process for dead sooner."""


@dataclass(frozen=True, slots=True)
class SoakSystem:
    """A system that runs, and what may be killed of it."""

    home: Home
    catalogue: Catalogue
    workspace_id: int
    kinds: tuple[str, ...]

    def queue(self, count: int) -> list[int]:
        """Queue jobs, of each kind in turn; return their ids."""
        with self.catalogue.database.transaction() as tx:
            types = [tx.job_types.find(kind, _VERSION) for kind in self.kinds]
        data = {
            "version": "1.0",
            "input_data": [],
            "output_data": [{"name": "out", "workspace_id": self.workspace_id}],
        }
        return [
            self.catalogue.queue.new_job(found.id, data, "soak").id
            for number in range(count)
            if (found := types[number % len(types)])
        ]

    def kill(self, victim: str, chance: random.Random) -> bool:
        """Kill a part and start it again; a worker is started again by the scheduler.

        Returns
        -------
        bool
            False if there was nothing to kill.
        """
        name = "scheduler" if victim == "worker" else victim
        record = records.read(self.home, name)
        if record is None or record.process() is None:
            return False
        found = sorted(processes.members(self.home, record), key=lambda each: each.pid)
        if victim == "worker":
            workers = [each for each in found if each.pid != record.pid]
            return bool(workers) and _kill(chance.choice(workers))
        for each in found:
            _kill(each)
        self.start(name)
        return True

    def start(self, name: str) -> None:
        """Start a part again, with the environment that this process has now."""
        (component,) = [each for each in COMPONENTS if each.name == name]
        processes.stop(self.home, [name])
        chosen = ports.load(self.home)
        assert chosen is not None  # noqa: S101  # `up` has chosen them
        deployment = local_deployment(self.home, chosen, postgres.socket_folder(self.home))
        variables = environment(self.home, keys.load(self.home), deployment)
        processes.start(self.home, name, component.command, variables)

    def wait(self, ids: list[int], seconds: float) -> None:
        """Wait until all these jobs have ended, or for so long."""
        deadline = time.monotonic() + seconds
        while self.open(ids) and time.monotonic() < deadline:
            time.sleep(1)

    def open(self, ids: list[int]) -> int:
        """Return how many of these jobs have not ended."""
        query = """SELECT count(*) FROM job WHERE id = ANY(:ids)
            AND status NOT IN ('COMPLETED', 'FAILED', 'CANCELED')"""
        return int(self._rows(query, ids)[0][0])

    def not_completed(self, ids: list[int]) -> list[str]:
        """Return the jobs that are not complete, each with its status and why."""
        query = """SELECT id, status, reason FROM job
            WHERE id = ANY(:ids) AND status <> 'COMPLETED' ORDER BY id"""
        return [f"{job_id} {status}: {reason}" for job_id, status, reason in self._rows(query, ids)]

    def products(self, ids: list[int]) -> dict[int, int]:
        """Return how many products each job has, by its id; later ones take the place of others."""
        query = """SELECT job_id, count(*) FROM scale_file
            WHERE job_id = ANY(:ids) AND kind = 'PRODUCT' GROUP BY job_id"""
        return {int(job_id): int(count) for job_id, count in self._rows(query, ids)}

    def _rows(self, query: str, ids: list[int]) -> list[Any]:
        with self.catalogue.database.reading() as connection:
            return list(connection.execute(text(query), {"ids": ids}).all())

    def left(self) -> list[str]:
        """Return the work directories, processes and containers that are left of jobs."""
        executions = str(self.home.executions)
        found = [each.name for each in self.home.executions.glob("exe-*")]
        found += [str(each) for each in psutil.process_iter() if _works_in(each, executions)]
        if CONTAINER in self.kinds:
            found += _containers(executions)
        return found


@contextmanager
def soak_system(image: str | None, folder: Path | None = None) -> Iterator[SoakSystem]:
    """Start a system of its own; stop and delete it.

    Parameters
    ----------
    image
        Of the containers; None for no containers.
    folder
        Where to work; a disk.
    """
    # PostgreSQL does not run as root, and its own user cannot enter root's home.
    root = Path(tempfile.mkdtemp(prefix="airscale-soak-", dir=folder or Path("/var/tmp")))  # noqa: S108
    root.chmod(0o755)
    home = Home(root.resolve())
    former = dict(os.environ)
    os.environ.update(SOONER, AIRSCALE_RECIPES=str(root / "no-recipes"))
    try:
        stack.up(home)
        socket_folder = postgres.socket_folder(home)
        database = Database(postgres.database_url(socket_folder, postgres.CATALOGUE_DATABASE))
        try:
            yield prepared(home, Catalogue(database), image)
        finally:
            database.close()
    finally:
        stack.down(home)
        os.environ.clear()
        os.environ.update(former)
        shutil.rmtree(root, ignore_errors=True)


def prepared(home: Home, catalogue: Catalogue, image: str | None) -> SoakSystem:
    """Make the job types in a system that runs; `image` as for `soak_system`."""
    storage = home.workspaces / _WORKSPACE
    storage.mkdir(parents=True)
    broker = {"broker": {"type": "host", "host_path": str(storage)}}
    workspace = catalogue.workspaces.create(_WORKSPACE, broker)
    types = [_job_type(PROCESS), _job_type(WORKER, start="worker")]
    if image is not None:
        types.append(_job_type(CONTAINER, image=image))
    document = {"version": "1.0", "errors": [], "job_types": types, "recipe_types": []}
    catalogue.configuration.import_document(document)
    return SoakSystem(home, catalogue, workspace.id, tuple(each["name"] for each in types))


def _job_type(name: str, *, start: str | None = None, image: str | None = None) -> dict[str, Any]:
    interface = {
        "version": "1.0",
        "command": "sh",
        "command_arguments": f"-c '{_SCRIPT}'",
        "input_data": [],
        "output_data": [{"name": "out", "type": "file", "required": True}],
    }
    return {
        "name": name,
        "version": _VERSION,
        "max_tries": 5,
        "uses_docker": image is not None,
        "docker_image": image,
        "cpus_required": 0.1,
        "mem_required": 32.0,
        "interface": interface | ({"start": start} if start else {}),
    }


def _kill(process: psutil.Process) -> bool:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return False
    return True


def _works_in(process: psutil.Process, folder: str) -> bool:
    try:
        return process.cwd().startswith(folder) and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _containers(executions: str) -> list[str]:
    label = "airscale.work_directory"
    command = ["docker", "ps", "--all", "--filter", f"label={label}"]
    listed = subprocess.run(  # noqa: S603  # our own words
        [*command, "--format", "{{json .Labels}}"],
        check=True,
        capture_output=True,
        text=True,
    )
    labels = [json.loads(line) for line in listed.stdout.splitlines()]
    return [each for each in labels if f"{label}={executions}/" in each]
