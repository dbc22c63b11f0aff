"""Jobs of the job manager: create, list, show, delete (seed 003)."""

import os
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final
from uuid import uuid4

from fastapi import APIRouter

from catalog.errors import InvalidError, NotFoundError
from catalog.job_states import JobState
from catalog.queries.work import MAX_LIMIT, WorkFilter
from catalog.queries.work_rows import Work
from catalog.records.staging import NOTHING, GitSource, Staging
from catalog.records.submissions import Submission
from plugins.rest.dependencies import CatalogueDep, UserName
from plugins.rest.merged import Parameters, ParametersDep, documented
from plugins.rest.ocps.objects import (
    JobObject,
    job_object,
    parameters_of,
    results_of,
)
from plugins.rest.pretty import PrettyJsonResponse
from plugins.rest.states import states_called, words_of
from plugins.rest.uids import uid_of

IMAGE_VARIABLE: Final = "AIRSCALE_OCPS_IMAGE"
PHASES: Final = (
    "pending", "queued", "executing", "completed", "error", "unknown", "held", "suspended",
    "aborted",
)  # fmt: skip
PROPERTIES: Final = ("phase", "results", "parameters")
_RUN_ID: Final = re.compile(r"[A-Za-z0-9][-._A-Za-z0-9]{0,62}")
_NOTHING: Final = object()
_NOBODY: Final = -1  # the job type follows from the command

router = APIRouter(tags=["jobs"], default_response_class=PrettyJsonResponse)
_CREATION: Final = {
    "command": "The command, for bash.",
    "run_id": "A name of the client's own: at most 63 letters, digits, '-', '.', '_'.",
    "environment": "JSON list of {name, value}; what is null is not set.",
    "url": "Address of a git repository; the command finds its clone at JOB_SOURCE_DIR.",
    "commit_ref": "Branch, tag or commit to check out.",
    "replicas": "1; no other number is possible.",
}
_LIST: Final = {
    "phase": f"One of {', '.join(PHASES)}.",
    "limit": f"How many jobs to list, the newest first: 1 to {MAX_LIMIT}, the default.",
    "offset": "How many of the newest to leave out.",
}


@router.put(
    "/job",
    summary="Create a job",
    openapi_extra=documented(_CREATION, required=["command"]),
)
def create_job(catalogue: CatalogueDep, user: UserName, given: ParametersDep) -> JobObject:
    """Create a job that runs a command, and queue it."""
    wanted = _submission(given, user)
    command = given.required("command")
    if not isinstance(command, str):
        raise InvalidError("The parameter 'command' is not a text. Give one command for bash.")
    image = os.environ.get(IMAGE_VARIABLE) or None
    job = catalogue.submissions.submit_command(command, wanted, image)
    return job_object(catalogue.queries.work.one(job.uid))


@router.get("/job", summary="List jobs", openapi_extra=documented(_LIST))
def list_jobs(catalogue: CatalogueDep, given: ParametersDep) -> list[JobObject]:
    """Return jobs, the newest first, of one phase or of all."""
    limit = given.integer("limit", least=1, most=MAX_LIMIT) or MAX_LIMIT
    offset = given.integer("offset") or 0
    wanted = WorkFilter(states=_states(given.text("phase", "PHASE")))
    return [job_object(each) for each in catalogue.queries.work.newest(wanted, limit, offset)]


@router.get("/job/{job_id}", summary="Show a job")
def show_job(catalogue: CatalogueDep, job_id: str) -> JobObject:
    """Return a job."""
    return job_object(_work(catalogue, job_id))


@router.get("/job/{job_id}/{name}", summary="Show a property of a job")
def show_property(catalogue: CatalogueDep, job_id: str, name: str) -> Any:
    """Return phase, results or parameters of a job as a bare value."""
    match name:
        case "phase":
            phase = words_of(catalogue.queries.work.standing(uid_of(job_id))).ocps
            if phase is None:
                raise NotFoundError("job", job_id)
            return phase
        case "results":
            return [each.model_dump() for each in results_of(_work(catalogue, job_id))]
        case "parameters":
            return parameters_of(_work(catalogue, job_id)).model_dump()
        case _:
            raise InvalidError(
                f"A job has no property {name!r}. Ask for one of: {', '.join(PROPERTIES)}."
            )


@router.delete("/job/{job_id}", summary="Delete a job")
def delete_job(catalogue: CatalogueDep, user: UserName, job_id: str) -> dict[str, Any]:
    """Stop a job and delete it with the files it made."""
    catalogue.removal.remove(uid_of(job_id), user)
    return {
        "status": "success",
        "message": f"Job {job_id} was deleted, with its files.",
        "code": int(HTTPStatus.OK),
    }


def _work(catalogue: CatalogueDep, job_id: str) -> Work:
    """Return a job that was not deleted, or raise `NotFoundError`."""
    found: Work = catalogue.queries.work.one(uid_of(job_id))
    if found.standing.state is JobState.ARCHIVED:
        raise NotFoundError("job", job_id)
    return found


def _states(phase: str | None) -> frozenset[JobState] | None:
    if phase is None:
        return None
    if phase.lower() not in PHASES:
        raise InvalidError(f"Valid job categories are: {list(PHASES)}")
    return states_called(phase.lower(), lambda words: words.ocps)


def _submission(given: Parameters, user: str) -> Submission:
    uid = uuid4()
    run_id = given.text("run_id")
    if run_id is not None and not _RUN_ID.fullmatch(run_id):
        raise InvalidError(
            f"The run_id {run_id!r} is not valid. Begin with a letter or digit, use letters,"
            " digits, '-', '.' and '_', and at most 63 of them."
        )
    if given.integer("replicas", least=1, most=1) not in (None, 1):
        raise InvalidError("The parameter 'replicas' can only be 1.")
    return Submission(
        job_type_id=_NOBODY,
        user=user,
        origin="OCPS",
        uid=uid,
        name=run_id,
        environment={**_environment(given), "JOB_ID": uid.hex},
        staging=_staging(given),
        parameters=dict(given.values),
    )


def _environment(given: Parameters) -> dict[str, str]:
    entries = given.json("environment")
    if entries is None:
        return {}
    if not isinstance(entries, list) or not all(_is_variable(each) for each in entries):
        raise InvalidError(
            "The parameter 'environment' is not a list of objects with name and value, both texts."
        )
    variables = {
        str(each["name"]): str(each["value"]) for each in entries if each["value"] is not None
    }
    if "UWS_JOB_IMAGE_TAG" in variables:
        raise InvalidError(
            "UWS_JOB_IMAGE_TAG cannot choose the image of a job here: an administrator chooses it"
            f" with {IMAGE_VARIABLE}. Leave it out."
        )
    return variables


def _is_variable(entry: object) -> bool:
    return (
        isinstance(entry, Mapping)
        and isinstance(entry.get("name"), str)
        and isinstance(entry.get("value", _NOTHING), str | int | float | None)
    )


def _staging(given: Parameters) -> Staging:
    url, commit_ref = given.text("url"), given.text("commit_ref")
    if url is None:
        if commit_ref is not None:
            raise InvalidError("The parameter 'commit_ref' is given without 'url'. Give both.")
        return NOTHING
    return Staging({}, source=GitSource(url, commit_ref))
