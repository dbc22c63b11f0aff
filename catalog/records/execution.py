"""Records that pass between the catalogue and whoever runs an execution."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from catalog.brokers import Broker, StoredFile
from catalog.records.previews import Preview
from catalog.records.staging import NOTHING, Staging
from catalog.states import JobStatus
from schemas.error_interface import ErrorMapping
from schemas.job_interface import JobInterface
from schemas.results_manifest import GeoMetadata, ParseResult


@dataclass(frozen=True, slots=True)
class StoredAt:
    """Where the content of a file is that no file system of this host has."""

    broker: Broker
    file_path: str
    content: StoredFile


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file given to an execution; size in bytes.

    `path` is absolute on this host. A file that is `stored_at` a broker without a file system is
    there once it was staged; until then its path is only a name.
    """

    file_id: int
    file_name: str
    path: Path
    media_type: str
    file_size: int
    stored_at: StoredAt | None = None


@dataclass(frozen=True, slots=True)
class OutputPlace:
    """Where the files of an output are stored: a directory of a workspace."""

    broker: Broker
    directory: str


@dataclass(frozen=True, slots=True)
class ExecutionPlan:
    """All that is needed to run an execution; `timeout` in seconds (0 = none).

    `mem` and `disk_out` are in MiB, and a `disk_out` of 0 is not known. `started` is when the
    execution began, on whichever host: the timeout counts from there. `environment` is what the
    submitter gave; `output_patterns` says which files are outputs that no manifest names.
    The command has `ports` of its host for itself.
    """

    job_exe_id: int
    job_id: int
    try_number: int
    started: datetime
    job_type_name: str
    job_type_version: str
    interface: JobInterface
    error_mapping: ErrorMapping
    properties: Mapping[str, str]
    files: Mapping[str, tuple[InputFile, ...]]
    outputs: Mapping[str, OutputPlace]
    timeout: int
    cpus: float
    mem: float
    uses_docker: bool
    docker_image: str | None
    docker_privileged: bool
    environment: Mapping[str, str] = field(default_factory=dict)
    staging: Staging = NOTHING
    output_patterns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    gpus: int = 0
    ports: Sequence[int] = ()
    disk_out: float = 0.0


@dataclass(frozen=True, slots=True)
class ProductFile:
    """A product that stands in its workspace and is not in the catalogue yet; size in bytes."""

    file_name: str
    file_path: str
    file_size: int
    sha256: str
    media_type: str
    geo_metadata: GeoMetadata
    preview: Preview | None = None


@dataclass(frozen=True, slots=True)
class Used:
    """What an execution used, as far as it is known; None where it is not.

    Parameters
    ----------
    cpu_seconds
        CPU time, in seconds.
    mem
        Memory at its peak, in MiB.
    disk_out
        What its output directory took at its end, in MiB.
    """

    cpu_seconds: float | None = None
    mem: float | None = None
    disk_out: float | None = None


NOT_KNOWN: Final = Used()


@dataclass(frozen=True, slots=True)
class Results:
    """What a successful execution gives: stored products by output name, and parse results."""

    outputs: Mapping[str, tuple[ProductFile, ...]]
    parse_results: tuple[ParseResult, ...]
    manifest: Mapping[str, Any]
    job_completed: datetime
    stdout: str
    stderr: str
    used: Used = NOT_KNOWN


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an execution failed: the name of an error, and a sentence for a person."""

    error_name: str
    detail: str
    exit_code: int | None = None
    job_completed: datetime | None = None
    stdout: str = ""
    stderr: str = ""
    used: Used = NOT_KNOWN


@dataclass(frozen=True, slots=True)
class Ended:
    """A job that will not run again by itself."""

    succeeded: bool


@dataclass(frozen=True, slots=True)
class EndedExecution:
    """An execution that has ended, and when."""

    plan: ExecutionPlan
    at: datetime
    succeeded: bool


@dataclass(frozen=True, slots=True)
class Held:
    """A queued job that may not begin now, and the sentence that says why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How a job stands, and whether it runs as a container."""

    status: JobStatus
    uses_docker: bool


@dataclass(frozen=True, slots=True)
class Resources:
    """CPUs, memory and disk space, both in MiB."""

    cpus: float
    mem: float
    disk: float


@dataclass(frozen=True, slots=True)
class NodeResources:
    """What a host has, and uses now; `slots` is how many jobs it runs at once, None for any."""

    total: Resources
    used: Resources
    slots: int | None = None


@dataclass(frozen=True, slots=True)
class Watched:
    """What a process wants to know of: executions that run, and jobs that wait to begin.

    Parameters
    ----------
    admitter
        The name of the process, which no other has.
    running
        Ids of executions.
    waiting
        Ids of jobs, by the hostname of the node that each would run on.
    """

    admitter: str = ""
    running: tuple[int, ...] = ()
    waiting: Mapping[str, Sequence[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HostReport:
    """What a process has to know: executions that have ended, jobs that do not wait any more."""

    ended: frozenset[int]
    unqueued: frozenset[int]


@dataclass(frozen=True, slots=True)
class OpenRun:
    """A dispatched DAG run with jobs that have not ended: task id to job id."""

    run_id: str
    jobs: Mapping[str, int]
