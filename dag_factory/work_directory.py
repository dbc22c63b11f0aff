"""The directory an execution works in: its inputs, its outputs, its logs.

Its name follows from the id of the execution, so whoever takes an execution over finds it.
"""

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from catalog.records.execution import InputFile

EXECUTIONS_VARIABLE: Final = "AIRSCALE_EXECUTIONS"
LOG_LIMIT: Final = 256 * 1024
MANIFEST_NAME: Final = "results_manifest.json"
_ARTIFACT: Final = b"ARTIFACT:"


@dataclass(frozen=True, slots=True)
class WorkDirectory:
    """Paths of one execution."""

    root: Path

    @classmethod
    def of(cls, executions: Path, job_exe_id: int) -> "WorkDirectory":
        """Return the directory of an execution below the directory of all."""
        return cls(executions / f"exe-{job_exe_id}")

    @property
    def inputs(self) -> Path:
        """Input files, one directory for each input."""
        return self.root / "inputs"

    @property
    def staged(self) -> Path:
        """Copies of input files that no file system of this host has, one directory for each."""
        return self.root / "staged"

    @property
    def outputs(self) -> Path:
        """What the job writes: its ``job_output_dir``."""
        return self.root / "outputs"

    @property
    def temporary(self) -> Path:
        """The temporary directory, and the home, of a process that is isolated."""
        return self.root / "tmp"

    @property
    def stdout(self) -> Path:
        """Standard output of the job."""
        return self.root / "stdout.log"

    @property
    def stderr(self) -> Path:
        """Standard error of the job."""
        return self.root / "stderr.log"

    def prepare(self) -> None:
        """Make the directories; what stands there already stays."""
        self.inputs.mkdir(parents=True, exist_ok=True)
        self.outputs.mkdir(exist_ok=True)
        self.outputs.chmod(0o777)  # a container may run as any user

    def remove(self) -> None:
        """Remove everything of this execution; what cannot be removed stays."""
        for directory, _, _ in os.walk(self.root):
            with suppress(OSError):  # the job may have taken its own right to write
                Path(directory).chmod(0o700)
        shutil.rmtree(self.root, ignore_errors=True)


def executions_directory() -> Path:
    """Return where this host keeps the directories of executions."""
    configured = os.environ.get(EXECUTIONS_VARIABLE)
    if configured:
        return Path(configured)
    return Path(os.environ.get("AIRSCALE_HOME", ".airscale")) / "executions"


def unique_names(files: tuple[InputFile, ...]) -> Mapping[str, InputFile]:
    """Give each file a name of its own: its own name, or with ``-<file id>`` before the suffix."""
    named: dict[str, InputFile] = {}
    for file in files:
        name = file.file_name
        path = Path(name)
        while name in named and named[name].file_id != file.file_id:
            name = f"{path.stem}-{file.file_id}{path.suffix}"
            path = Path(name)
        named[name] = file
    return named


def artifact_lines(path: Path) -> str:
    """Return the lines of a log that name an artifact, wherever in the log they stand."""
    try:
        with path.open("rb") as stream:
            lines = [
                line
                for line in iter(lambda: stream.readline(LOG_LIMIT), b"")
                if line.startswith(_ARTIFACT)
            ]
    except FileNotFoundError:
        return ""
    return b"".join(lines).decode("utf-8", "replace")


def tail(path: Path, limit: int = LOG_LIMIT) -> str:
    """Return the end of a log as text: at most `limit` bytes, without NUL; empty if there is none.

    PostgreSQL cannot keep NUL in text, and bytes that are not UTF-8 are replaced.
    """
    try:
        with path.open("rb") as stream:
            stream.seek(max(0, os.fstat(stream.fileno()).st_size - limit))
            return stream.read().decode("utf-8", "replace").replace("\0", "\ufffd")
    except FileNotFoundError:
        return ""
