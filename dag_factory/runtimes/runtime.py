"""The seam between an execution and what it runs as."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from catalog.records.execution import ExecutionPlan, InputFile, Used
from dag_factory.failures import JobFailure
from dag_factory.work_directory import WorkDirectory


class Found(StrEnum):
    """What there is of an execution."""

    ABSENT = "ABSENT"
    RUNNING = "RUNNING"
    EXITED = "EXITED"
    LOST = "LOST"


@dataclass(frozen=True, slots=True)
class Exit:
    """How the command of a job ended."""

    code: int
    completed: datetime
    out_of_memory: bool = False


@dataclass(frozen=True, slots=True)
class Invocation:
    """Everything a runtime needs to run an execution; files by their paths on this host."""

    plan: ExecutionPlan
    work: WorkDirectory
    argv: tuple[str, ...]
    environment: Mapping[str, str]

    @property
    def name(self) -> str:
        """The name of the process, container or pod: the same whoever starts or looks for it."""
        return f"airscale-exe-{self.plan.job_exe_id}"

    @property
    def deadline(self) -> datetime | None:
        """When the execution is stopped, None for no limit."""
        if self.plan.timeout <= 0:
            return None
        return self.plan.started.astimezone(UTC) + timedelta(seconds=self.plan.timeout)


def out_of_time(invocation: Invocation) -> JobFailure:
    """Return the failure of an execution that was stopped when its time was up."""
    return JobFailure(
        "timeout",
        f"The job ran longer than its timeout of {invocation.plan.timeout} s and was stopped."
        " Raise the timeout of the job type, or give it less to do.",
    )


class Runtime(Protocol):
    """One way to run executions; any method may be called again after a crash, by another.

    A failure of the runtime itself is raised as `JobFailure` with the name of its error.
    """

    def input_path(self, work: WorkDirectory, input_name: str, file_name: str) -> Path:
        """Return the path under which the job sees an input file."""
        ...

    def input_directory(self, work: WorkDirectory, input_name: str) -> Path:
        """Return the directory under which the job sees all files of an input."""
        ...

    def output_directory(self, work: WorkDirectory) -> Path:
        """Return the path under which the job sees its output directory."""
        ...

    def give(self, work: WorkDirectory, files: Mapping[str, Mapping[str, InputFile]]) -> None:
        """Make input files visible to the job: input name to file name to file."""
        ...

    async def find(self, invocation: Invocation) -> Found:
        """Say what there is of an execution."""
        ...

    async def fetch(self, invocation: Invocation) -> None:
        """Have what a start needs and may take long to get; it may be cut short at any moment."""
        ...

    async def start(self, invocation: Invocation) -> None:
        """Start an execution; never a second one beside it."""
        ...

    async def wait(self, invocation: Invocation) -> Exit:
        """Wait until the command ends; its logs are in the work directory then."""
        ...

    async def kill(self, invocation: Invocation) -> None:
        """Stop an execution at once; nothing happens if it has ended."""
        ...

    async def remove(self, invocation: Invocation) -> None:
        """Remove what the engine keeps of an execution that has ended."""
        ...

    async def placed(self, invocation: Invocation) -> str | None:
        """Return the node that a cluster chose for an execution, as soon as it has; else None."""
        ...

    def used(self, invocation: Invocation) -> Used:
        """Return what an execution that has ended used, as far as this host was told."""
        ...

    async def leftovers(self, executions: Path) -> frozenset[int]:
        """Return the ids of all executions that something is there of, running or not.

        Parameters
        ----------
        executions
            The directory of the work directories: it tells this system's executions from others'.
        """
        ...
