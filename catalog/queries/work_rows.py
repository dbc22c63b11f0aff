"""What the dialects read of a job."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from catalog.job_states import JobState


@dataclass(frozen=True, slots=True)
class Standing:
    """How a job stands; `original` is how the job stands that it repeats, if it is a duplicate."""

    state: JobState
    original: JobState | None = None


@dataclass(frozen=True, slots=True)
class WorkFile:
    """A file that the newest execution of a job made; size in bytes.

    `location` is where it is, as a person would look for it.
    """

    id: int
    job_exe_id: int
    file_name: str
    file_path: str
    media_type: str
    file_size: int
    sha256: str
    output_name: str | None
    workspace: str
    location: str


@dataclass(frozen=True, slots=True)
class WorkExecution:
    """The newest execution of a job."""

    id: int
    detail: str | None
    hostname: str | None
    environment: dict[str, Any]
    command_arguments: str
    started: datetime | None
    job_started: datetime | None
    job_completed: datetime | None
    job_exit_code: int | None
    ended: datetime | None


@dataclass(frozen=True, slots=True)
class Work:
    """A job, what it refers to, and what it made; times in seconds, `priority` lower is sooner."""

    id: int
    uid: UUID
    standing: Standing
    original_uid: UUID | None
    name: str | None
    origin: str | None
    user_name: str | None
    pool: str | None
    reason: str | None
    tags: list[str]
    user_tags: list[str]
    payload_hash: str | None
    priority: int
    num_exes: int
    max_tries: int
    timeout: int
    soft_timeout: int | None
    data: dict[str, Any]
    environment: dict[str, str]
    staging: dict[str, Any] | None
    parameters: dict[str, Any] | None
    step_status: str | None
    created: datetime
    queued: datetime | None
    started: datetime | None
    ended: datetime | None
    last_status_change: datetime
    last_modified: datetime
    type_name: str
    type_version: str
    docker_image: str | None
    interface: dict[str, Any]
    error_name: str | None
    error_title: str | None
    execution: WorkExecution | None
    files: tuple[WorkFile, ...]

    @property
    def properties(self) -> dict[str, str]:
        """The values of its inputs that are texts, by name."""
        return {
            each["name"]: each["value"]
            for each in self.data.get("input_data", ())
            if "value" in each
        }
