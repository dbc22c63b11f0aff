"""A Strike process on a bench: its directory, its workspaces, and what became of its files."""

import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.catalogue import Catalogue
from catalog.records.convert import to_record
from catalog.records.files import FileRecord, IngestRecord, StrikeRecord
from catalog.records.ingests import Conservation
from catalog.states import IngestStatus
from catalog.tables import Ingest, ScaleFile, Workspace
from strike.process import StrikeProcess
from strike.settings import StrikeSettings
from strike.summary import PassSummary


def rule(regex: str, path: str, workspace: str, *data_types: str) -> dict[str, Any]:
    """Return a rule of a Strike configuration."""
    return {
        "filename_regex": regex,
        "data_types": list(data_types),
        "workspace_path": path,
        "workspace_name": workspace,
    }


PATIENCE = 30.0


@dataclass
class StrikeBench:
    """One Strike process with everything it needs; `crash` forgets the running process."""

    catalogue: Catalogue
    home: Path
    name: str
    settings: StrikeSettings
    workspace: str = ""
    rules: list[dict[str, Any]] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)
    process: StrikeProcess = field(init=False)
    strike: StrikeRecord = field(init=False)

    def __post_init__(self) -> None:
        self.inbox = self.home / "inbox"
        self.storage = self.home / "storage"
        if not self.workspace:
            self.workspace = f"raw-{self.name}"
            self.storage.mkdir(parents=True)
            self.catalogue.workspaces.create(
                self.workspace, {"broker": {"type": "host", "host_path": str(self.storage)}}
            )
        self.rules = self.rules or [
            rule(".*\\.h5$", "/scenes", self.workspace, "hdf"),
            rule(".*\\.(txt|dat)$", "texts", self.workspace, "text", "table"),
        ]
        self.strike = self.catalogue.strikes.create(self.name, self.configuration())
        self.process = self.new_process()

    def configuration(self) -> dict[str, Any]:
        """Return the configuration of the Strike process."""
        return {
            "mount": f"host:{self.inbox}",
            "transfer_suffix": "_tmp",
            "files_to_ingest": self.rules,
            **self.options,
        }

    def reconfigure(self) -> None:
        """Edit the configuration as a person would."""
        self.catalogue.strikes.update(self.strike.id, {"configuration": self.configuration()})

    def new_process(self) -> StrikeProcess:
        """Return a process that knows nothing but the catalogue and the directory."""
        return StrikeProcess(self.catalogue, self.strike.id, self.settings)

    def restart(self) -> None:
        """Go on with another process."""
        self.process.close()
        self.process = self.new_process()

    def close(self) -> None:
        """Stop the process."""
        self.process.close()

    def send(self, name: str, content: bytes = b"content") -> Path:
        """Put a file into the directory, complete from the first moment on."""
        self.inbox.mkdir(exist_ok=True)
        elsewhere = self.home / "sending"
        elsewhere.write_bytes(content)
        target = self.inbox / name
        target.parent.mkdir(parents=True, exist_ok=True)
        return elsewhere.rename(target)

    def send_within(self, name: str, content: bytes) -> Path:
        """Write a file in the directory itself, which may be a file system of its own."""
        path = self.inbox / name
        path.write_bytes(content)
        return path

    def run(self, passes: int = 1) -> PassSummary:
        """Make passes, each to its end, and return the summary of the last."""
        for _ in range(passes - 1):
            self.process.run_pass(PATIENCE)
        return self.process.run_pass(PATIENCE)

    def settle(self, patience: float = PATIENCE) -> PassSummary:
        """Make passes until nothing is in flight and nothing waits."""
        deadline = time.monotonic() + patience
        while True:
            summary = self.run()
            if not summary.in_flight and not self.conservation().in_flight:
                return summary
            if time.monotonic() > deadline:
                message = f"Still in flight after {patience} s: {summary}, {self.ingests()}"
                raise TimeoutError(message)
            time.sleep(min(summary.look_again, 0.05))

    def ingests(self, name: str | None = None) -> list[IngestRecord]:
        """Return the ingests of a file name, or all, oldest first."""
        wanted = select(Ingest).where(Ingest.strike_id == self.strike.id).order_by(Ingest.id)
        if name is not None:
            wanted = wanted.where(Ingest.file_name == name)
        with Session(self.catalogue.database.engine) as session:
            return [to_record(IngestRecord, row) for row in session.scalars(wanted)]

    def ingest(self, name: str) -> IngestRecord:
        """Return the only ingest of a file name."""
        (found,) = self.ingests(name)
        return found

    def statuses(self) -> Counter[IngestStatus]:
        """Return how many ingests are in each status."""
        return Counter(each.status for each in self.ingests())

    def sources(self) -> list[FileRecord]:
        """Return the source files of the workspace, oldest first."""
        wanted = (
            select(ScaleFile)
            .join(Workspace, Workspace.id == ScaleFile.workspace_id)
            .where(Workspace.name == self.workspace)
            .order_by(ScaleFile.id)
        )
        with Session(self.catalogue.database.engine) as session:
            rows = session.scalars(wanted)
            return [to_record(FileRecord, row) for row in rows]

    def stored(self, file: FileRecord) -> Path:
        """Return where a source file stands."""
        return self.storage / file.file_path

    def conservation(self) -> Conservation:
        """Return what became of every file that was seen."""
        return self.catalogue.ingests.conservation(self.strike.id)

    def left(self) -> list[str]:
        """Return the files at the top of the directory and under ``ingesting``."""
        top = [each.name for each in self.inbox.iterdir() if not each.is_dir()]
        return sorted(top + [each.name for each in self.kept("ingesting")])

    def kept(self, place: str) -> list[Path]:
        """Return the files in a place of ours."""
        return sorted(each for each in (self.inbox / place).rglob("*") if not each.is_dir())
