"""A catalogue, a Strike process and a recipe type for each file: what the benchmark works on."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import text

from airscale import postgres
from airscale.home import Home
from catalog import migrations
from catalog.catalogue import Catalogue
from catalog.database import Database

_TIMEOUT: Final = 3600.0


@dataclass(frozen=True, slots=True)
class IngestBench:
    """One catalogue on disk, durable as in production, and the folders beside it."""

    catalogue: Catalogue
    url: str
    home: Path

    def strike(self, name: str, regex: str = ".*") -> tuple[int, Path]:
        """Make a Strike process with a workspace of its own; return its id and directory."""
        storage = self.home / f"{name}-storage"
        inbox = self.home / f"{name}-inbox"
        storage.mkdir()
        inbox.mkdir()
        self.catalogue.workspaces.create(
            name, {"broker": {"type": "host", "host_path": str(storage)}}
        )
        rule = {"filename_regex": regex, "workspace_path": "in", "workspace_name": name}
        strike = self.catalogue.strikes.create(
            name,
            {"mount": f"host:{inbox}", "transfer_suffix": "_tmp", "files_to_ingest": [rule]},
        )
        return strike.id, inbox

    def recipe_for_each_file(self, workspace: str) -> None:
        """Make a recipe type of one job that every ingested file starts."""
        self.catalogue.configuration.import_document(_configuration(workspace))

    def one(self, query: str, **values: Any) -> Any:
        """Return the first value of a query."""
        with self.catalogue.database.reading() as connection:
            return connection.scalar(text(query), values)

    def passes(self, strike_id: int, count: int = 1) -> list[dict[str, float]]:
        """Make passes in a process of their own; return what it reports of each."""
        done = subprocess.run(  # noqa: S603  # our own module
            self._command(strike_id, "passes", str(count)),
            check=True, capture_output=True, text=True, timeout=_TIMEOUT,
        )  # fmt: skip
        return [json.loads(line) for line in done.stdout.splitlines()]

    @contextmanager
    def running(self, strike_id: int) -> Iterator[subprocess.Popen[bytes]]:
        """Run a Strike process beside this one."""
        process = subprocess.Popen(  # noqa: S603  # our own module
            self._command(strike_id, "loop", str(_TIMEOUT)), start_new_session=True
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(timeout=60)

    def _command(self, strike_id: int, *arguments: str) -> list[str]:
        module = "benchmarks.ingest_child"
        return [sys.executable, "-m", module, self.url, str(strike_id), *arguments]


@contextmanager
def ingest_bench(folder: Path) -> Iterator[IngestBench]:
    """Run PostgreSQL in a folder, with an empty catalogue."""
    home = Home(folder)
    home.create()
    socket_folder = postgres.start(home)
    url = postgres.database_url(socket_folder, postgres.CATALOGUE_DATABASE)
    try:
        migrations.upgrade(url)
        database = Database(url)
        try:
            yield IngestBench(Catalogue(database), url, folder)
        finally:
            database.close()
    finally:
        postgres.stop(home)


def make_files(folder: Path, count: int) -> list[Path]:
    """Write small files, each with content of its own."""
    folder.mkdir()
    files = [folder / f"file-{number:06}.dat" for number in range(count)]
    for number, file in enumerate(files):
        file.write_bytes(f"content {number}\n".encode() * 8)
    os.sync()
    return files


def wait_until(condition: Any, seconds: float = _TIMEOUT) -> float:
    """Return after how many seconds a condition was true."""
    started = time.monotonic()
    while not condition():
        if time.monotonic() - started > seconds:
            message = f"Not reached after {seconds:.0f} s."
            raise TimeoutError(message)
        time.sleep(0.1)
    return time.monotonic() - started


def _configuration(workspace: str) -> dict[str, Any]:
    interface = {
        "version": "1.0",
        "command": "true",
        "command_arguments": "${file}",
        "input_data": [{"name": "file", "type": "file", "required": True}],
        "output_data": [],
    }
    definition = {
        "version": "1.0",
        "input_data": [{"name": "file", "type": "file", "required": True}],
        "jobs": [
            {
                "name": "look",
                "job_type": {"name": "look", "version": "1.0"},
                "recipe_inputs": [{"job_input": "file", "recipe_input": "file"}],
                "dependencies": [],
            }
        ],
    }
    rule = {
        "type": "INGEST",
        "name": "each",
        "configuration": {
            "version": "1.0",
            "data": {"input_data_name": "file", "workspace_name": workspace},
        },
    }
    return {
        "version": "1.0",
        "errors": [],
        "job_types": [
            {
                "name": "look",
                "version": "1.0",
                "max_tries": 3,
                "cpus_required": 0.1,
                "mem_required": 64.0,
                "interface": interface,
            }
        ],
        "recipe_types": [
            {"name": "each", "version": "1.0", "definition": definition, "trigger_rule": rule}
        ],
    }
