"""Jobs as the job manager writes them (seed 003, "Get info about a specific job")."""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import BaseModel

from catalog.queries.work_rows import Work, WorkFile
from catalog.services.ad_hoc import SHELL_INPUT, SHELL_NAME
from plugins.rest.commands import command_words
from plugins.rest.states import words_of

GONE: Final = "unknown"
_OF_SOURCE: Final = ("JOB_SOURCE_DIR", "SRC_GIT_URL", "GIT_COMMIT_REF")
_OUTPUTS: Final = "JOB_OUTPUT_DIR"
_NOT_SHOWN: Final = frozenset({"JOB_ID", "JOB_EXE_ID", *_OF_SOURCE, _OUTPUTS})
"""Shown in their order below, or not among the parameters of the seed."""


class Variable(BaseModel):
    """An environment variable of a job."""

    name: str
    value: str | None


class JobParameters(BaseModel):
    """What a job runs, and with which environment."""

    command: list[str]
    environment: list[Variable]


class JobResult(BaseModel):
    """A result: the id is the base64 form of the path."""

    id: str
    uri: str


class ErrorSummary(BaseModel):
    """Why a job did not succeed; empty otherwise."""

    message: str


class JobObject(BaseModel):
    """A job; times as ``YYYY-MM-DD HH:MM:SS+00:00``, the duration in seconds."""

    jobId: str  # noqa: N815 - the names of the seed
    runId: str  # noqa: N815
    ownerId: str = ""  # noqa: N815
    phase: str
    creationTime: str  # noqa: N815
    startTime: str | None  # noqa: N815
    endTime: str | None  # noqa: N815
    executionDuration: float | None  # noqa: N815
    destruction: str | None = None
    parameters: JobParameters
    results: list[JobResult]
    errorSummary: ErrorSummary  # noqa: N815
    jobInfo: dict[str, Any]  # noqa: N815


def job_object(work: Work) -> JobObject:
    """Return a job as the job manager writes it."""
    has_failed = work.error_name is not None or work.reason is not None
    return JobObject(
        jobId=work.uid.hex,
        runId=work.name or work.uid.hex,
        phase=phase_of(work),
        creationTime=_time(work.created) or "",
        startTime=_time(work.started),
        endTime=_time(work.ended),
        executionDuration=_duration(work),
        parameters=parameters_of(work),
        results=results_of(work),
        errorSummary=ErrorSummary(message=(work.reason or "") if has_failed else ""),
        jobInfo={},
    )


def phase_of(work: Work) -> str:
    """Return the phase of a job."""
    return words_of(work.standing).ocps or GONE


def parameters_of(work: Work) -> JobParameters:
    """Return what a job runs; directories are known from the moment it begins."""
    return JobParameters(command=_command(work), environment=_environment(work))


def results_of(work: Work) -> list[JobResult]:
    """Return the files that a job made, in the order in which the catalogue took them in."""
    return [JobResult(id=result_id(each), uri=each.location) for each in work.files]


def result_id(file: WorkFile) -> str:
    """Return the id of a result."""
    return base64.b64encode(file.location.encode()).decode()


def _command(work: Work) -> list[str]:
    command = work.properties.get(SHELL_INPUT)
    if work.type_name == SHELL_NAME and command is not None:
        return ["/bin/bash", "-c", command]
    return command_words(work)


def _environment(work: Work) -> list[Variable]:
    begun: Mapping[str, Any] = {} if work.execution is None else work.execution.environment
    given: dict[str, str | None] = {
        name: value
        for name, value in {**begun, **work.environment}.items()
        if name not in _NOT_SHOWN
    }
    if work.staging is not None and "source" in work.staging:
        source = work.staging["source"]
        told = (begun.get(_OF_SOURCE[0]), source["url"], source["commit_ref"])
        given |= dict(zip(_OF_SOURCE, told, strict=True))
    given[_OUTPUTS] = begun.get(_OUTPUTS)
    return [Variable(name=name, value=value) for name, value in given.items()]


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else str(moment.astimezone(UTC).replace(microsecond=0))


def _duration(work: Work) -> float | None:
    if work.started is None or work.ended is None:
        return None
    return (work.ended - work.started).total_seconds()
