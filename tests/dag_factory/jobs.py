"""Jobs of shell scripts for the runner, and a look at what it left."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from catalog.records.files import FileRecord
from catalog.records.work import JobExecutionRecord, JobRecord
from dag_factory.runner import JobRunner
from tests.dag_factory.programs import DEADLINE
from tests.support.catalogues import World, interface, job_type

SCRIPT: Final = "script"
MAKE: Final = 'echo made > "$1/out.txt"; echo ARTIFACT:out:out.txt'

WAIT: Final = 'while [ ! -e "$2.go" ]; do sleep 0.02; done; '


@dataclass(frozen=True, slots=True)
class Bench:
    """A world whose job type ``script`` runs a shell program, and runners for it.

    The program has the output directory as ``$1`` and the input ``note``, a property, as ``$2``.
    """

    world: World
    folder: Path

    @classmethod
    def over(cls, world: World) -> "Bench":
        """Make the folder of algorithms."""
        folder = world.home / "bench"
        (folder / "algorithms").mkdir(parents=True)
        return cls(world, folder)

    @property
    def algorithms(self) -> Path:
        """Where the programs are: for ``AIRSCALE_ALGORITHM_PATH``."""
        return self.folder / "algorithms"

    @property
    def executions(self) -> Path:
        """Where the work directories are."""
        return self.folder / "executions"

    def queue(self, program: str, name: str = SCRIPT, **settings: Any) -> JobRecord:
        """Write a program and queue a job of it; its note is the path of the file ``notes``."""
        path = self.algorithms / name
        path.write_text(f"#!/bin/sh\n{program}\n")
        path.chmod(0o755)
        arguments = settings.pop("arguments", "${job_output_dir} ${note}")
        takes = interface(
            {"note": "property"},
            {"out": "file"},
            optional=["note", "out"],
            command=name,
            arguments=arguments,
        )
        defaults = {"timeout": 600, "max_tries": 3, "error_mapping": None}
        self.world.configure([job_type(name, takes, **{**defaults, **settings})])
        return self.world.queue_job(name, {"note": str(self.notes(name))})

    def notes(self, name: str = SCRIPT) -> Path:
        """Return a file that programs may write to, outside their output directory."""
        return self.folder / f"{name}.notes"

    def let_go(self, name: str = SCRIPT) -> None:
        """Let a program that waits (`WAIT`) go on."""
        Path(f"{self.notes(name)}.go").touch()

    def forget_notes(self) -> None:
        """Remove what programs noted, and hold those that wait."""
        for pattern in ("*.notes", "*.go"):
            for each in self.folder.glob(pattern):
                each.unlink()

    def runner(self, slots: int | None = None) -> JobRunner:
        """Return a runner that knows nothing of others."""
        return JobRunner(self.world.catalogue.executions, self.executions, slots)

    async def run(self, job: JobRecord) -> bool:
        """Run a job to its end with a runner of its own."""
        async with asyncio.timeout(DEADLINE):
            return await self.runner().run(job.id)

    def last(self, job: JobRecord) -> JobExecutionRecord:
        """Return the last execution of a job."""
        return self.world.executions(job.id)[-1]

    def error_of(self, job: JobRecord) -> str | None:
        """Return the name of the error a job ended with."""
        error_id = self.world.job(job.id).error_id
        if error_id is None:
            return None
        with self.world.database.transaction() as tx:
            return tx.errors.get(error_id).name

    def products_of(self, job: JobRecord) -> list[FileRecord]:
        """Return the products of a job that are published."""
        return [each for each in self.world.products() if each.job_id == job.id]

    def left(self) -> list[str]:
        """Return the names of the work directories that are left."""
        return sorted(each.name for each in self.executions.glob("*"))
