"""Jobs: list, submit, show, start, stop, delete (seed 004)."""

import os
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from catalog.catalogue import Catalogue
from catalog.errors import ConflictError, InvalidError, NotFoundError
from catalog.job_states import JobState
from catalog.queries.job_sets import JobSetRow
from catalog.queries.work import MAX_LIMIT, WorkFilter
from catalog.queries.work_rows import Work
from catalog.records.job_sets import JobSetOrder
from catalog.records.staging import NOTHING, StagedUrl, Staging
from catalog.records.submissions import DEFAULT_POOL
from plugins.rest.dependencies import CatalogueDep
from plugins.rest.merged import ParametersDep, documented
from plugins.rest.pai.config import JobConfig, read_config
from plugins.rest.pai.environment import with_file_system, with_tasks
from plugins.rest.pai.known import Asker, AskerDep, virtual_clusters_of
from plugins.rest.pai.objects import (
    newest_first,
    of_set,
    of_work,
    set_detail,
    work_config,
    work_detail,
)
from plugins.rest.pai.ssh import ssh_of
from plugins.rest.pai.wire import PaiError, invalid, not_found
from plugins.rest.uids import uid_of
from plugins.rest.wire import server_url

ORIGIN: Final = "OpenPAI"
RUNTIME_VARIABLE: Final = "AIRSCALE_PAI_RUNTIME"
_DOCKER, _PROCESS = "docker", "process"
_EXECUTION: Final = ("START", "STOP")
_LIST: Final = {
    "username": "Only the jobs of this user.",
    "limit": f"How many jobs to list, the newest first: 1 to {MAX_LIMIT}, the default.",
    "offset": "How many of the newest to leave out.",
}

router = APIRouter(tags=["jobs"])


@router.get("/jobs", summary="List jobs", openapi_extra=documented(_LIST))
@router.get("/user/{username}/jobs", include_in_schema=False)
def list_jobs(
    catalogue: CatalogueDep, given: ParametersDep, username: str | None = None
) -> list[dict[str, Any]]:
    """Return jobs, the newest first; those of other dialects have their id for a name."""
    user = username or given.text("username")
    limit = given.integer("limit", least=1, most=MAX_LIMIT) or MAX_LIMIT
    offset = given.integer("offset", most=1_000_000) or 0
    sets = catalogue.queries.job_sets.newest(user, limit + offset)
    wanted = WorkFilter(user_name=user, is_alone=True)
    others = catalogue.queries.work.newest(wanted, limit + offset)
    found = newest_first([*map(of_set, sets), *map(of_work, others)])
    return [each.to_json() for each in found[offset : offset + limit]]


@router.post("/jobs", status_code=HTTPStatus.CREATED, summary="Submit a job")
def submit_job(catalogue: CatalogueDep, asker: AskerDep, given: ParametersDep) -> dict[str, str]:
    """Queue the tasks of a job."""
    return _submit(catalogue, asker, given.values)


@router.put("/jobs/{name}", status_code=HTTPStatus.CREATED, summary="Submit a job by its name")
@router.put("/user/{username}/jobs/{name}", status_code=HTTPStatus.CREATED, include_in_schema=False)
def submit_named(
    catalogue: CatalogueDep,
    asker: AskerDep,
    given: ParametersDep,
    name: str,
    username: str | None = None,
) -> dict[str, str]:
    """Queue the tasks of a job of this name; as the portal does."""
    if username not in (None, asker.name):
        raise invalid(f"A job is submitted as oneself: {asker.name!r}, not {username!r}.")
    if given.values.get("jobName", name) != name:
        raise invalid(f"$.jobName: the job is called {name!r} in the address.")
    return _submit(catalogue, asker, {"jobName": name, **given.values})


@router.get("/jobs/{name}", summary="Show a job")
@router.get("/user/{username}/jobs/{name}", include_in_schema=False)
def show_job(
    http: Request, catalogue: CatalogueDep, name: str, username: str | None = None
) -> dict[str, Any]:
    """Return a job with its tasks: nested, and with the flat keys of the seed."""
    found = _found(catalogue, name, username)
    address = partial(server_url, http)
    if isinstance(found, Work):
        return work_detail(found, address)
    return set_detail(found, catalogue.queries.job_sets.tasks(found.id), address)


@router.get("/jobs/{name}/config", summary="Show the configuration of a job")
@router.get("/user/{username}/jobs/{name}/config", include_in_schema=False)
def show_config(catalogue: CatalogueDep, name: str, username: str | None = None) -> dict[str, Any]:
    """Return the configuration as it was given."""
    found = _found(catalogue, name, username)
    return work_config(found) if isinstance(found, Work) else found.document


@router.get("/jobs/{name}/ssh", summary="Say where the tasks of a job answer to SSH")
@router.get("/user/{username}/jobs/{name}/ssh", include_in_schema=False)
def show_ssh(catalogue: CatalogueDep, name: str, username: str | None = None) -> dict[str, Any]:
    """Return the tasks that run an SSH server at the port they were given for it."""
    found = _found(catalogue, name, username)
    if isinstance(found, JobSetRow):
        information = ssh_of(catalogue.queries.job_sets.tasks(found.id))
        if information is not None:
            return information
    raise PaiError(
        HTTPStatus.NOT_FOUND,
        "SshInfoNotFound",
        f"SSH info of job {name} was not found: no running task of it answers to SSH at the port"
        " $PAI_CONTAINER_SSH_PORT.",
    )


@router.put("/jobs/{name}/executionType", summary="Start or stop a job")
@router.put("/user/{username}/jobs/{name}/executionType", include_in_schema=False)
def execute_job(
    catalogue: CatalogueDep,
    asker: AskerDep,
    given: ParametersDep,
    name: str,
    username: str | None = None,
) -> dict[str, str]:
    """Stop a job, or queue what has not completed of a job that has ended."""
    value = given.value("value")
    if value not in _EXECUTION:
        raise PaiError(
            HTTPStatus.BAD_REQUEST,
            "JobExecuteError",
            f"job execute error: the value is {value!r}. Give START or STOP.",
        )
    found = _found(catalogue, name, username)
    _must_own(asker, found, name, "JobExecuteError")
    try:
        _execute(catalogue, found, asker.name, is_start=value == "START")
    except (ConflictError, InvalidError) as error:
        sentence = f"job execute error: {error}"
        raise PaiError(HTTPStatus.BAD_REQUEST, "JobExecuteError", sentence) from error
    return {"message": f"execute job {name} successfully"}


@router.delete("/jobs/{name}", status_code=HTTPStatus.ACCEPTED, summary="Delete a job")
@router.delete(
    "/user/{username}/jobs/{name}", status_code=HTTPStatus.ACCEPTED, include_in_schema=False
)
def delete_job(
    catalogue: CatalogueDep, asker: AskerDep, name: str, username: str | None = None
) -> Response:
    """Stop a job and delete it with the files it made."""
    found = _found(catalogue, name, username)
    _must_own(asker, found, name, "JobDeleteError")
    if isinstance(found, Work):
        catalogue.removal.remove(found.uid, asker.name)
    else:
        catalogue.job_sets.remove(found.id, asker.name)
    body = {"message": f"deleted job {name} successfully"}
    return JSONResponse(body, HTTPStatus.ACCEPTED)


def _submit(catalogue: Catalogue, asker: Asker, document: Mapping[str, Any]) -> dict[str, str]:
    config = read_config(document)
    _check_virtual_cluster(catalogue, asker, config.virtualCluster)
    image = _image(config)
    order = JobSetOrder(
        name=config.jobName,
        user=asker.name,
        origin=ORIGIN,
        pool=config.virtualCluster,
        document=document,
        tasks=(),
        min_completed=config.killAllOnCompletedTaskNumber,
        max_retries=config.retryCount,
        image=image,
        staging=_staging(config),
    )
    try:
        catalogue.job_sets.submit(order, lambda taken: with_tasks(order, config, asker.name, taken))
    except ConflictError as error:
        sentence = f"job update error: {error}"
        raise PaiError(HTTPStatus.BAD_REQUEST, "JobUpdateError", sentence) from error
    return {"message": f"update job {config.jobName} successfully"}


def _check_virtual_cluster(catalogue: Catalogue, asker: Asker, name: str) -> None:
    if name == DEFAULT_POOL:
        return
    if not asker.is_admin and name not in virtual_clusters_of(catalogue, asker.name):
        raise PaiError(
            HTTPStatus.UNAUTHORIZED,
            "JobUpdateWithNoRightVirtualCluster",
            f"job update error: user {asker.name} may not use virtual cluster {name}.",
        )
    if not catalogue.pools.exists(name):
        raise PaiError(
            HTTPStatus.BAD_REQUEST,
            "JobUpdateWithInvalidVirtualCluster",
            f"job update error: could not find virtual cluster {name}",
        )


def _image(config: JobConfig) -> str | None:
    """Return the image of the tasks; None where the deployment runs them as processes."""
    chosen = os.environ.get(RUNTIME_VARIABLE) or _DOCKER
    if chosen not in (_DOCKER, _PROCESS):
        message = f"{RUNTIME_VARIABLE} is {chosen!r}. Set it to {_DOCKER} or {_PROCESS}."
        raise ValueError(message)
    if chosen == _DOCKER:
        return config.image
    if any(each.gpuNumber for each in config.taskRoles):
        raise invalid("$.taskRoles: tasks are processes of the hosts here and get no GPUs.")
    return None


def _staging(config: JobConfig) -> Staging:
    """Return what is put into the directory in which the tasks start."""
    code = with_file_system(config.codeDir)
    if not code:
        return NOTHING
    return Staging({}, (StagedUrl(code, code.rstrip("/").rpartition("/")[2]),))


def _found(catalogue: Catalogue, name: str, username: str | None) -> JobSetRow | Work:
    """Return a job by its name, or one of another dialect by its id."""
    found: JobSetRow | Work
    try:
        found = catalogue.queries.job_sets.one(name)
    except NotFoundError:
        try:
            found = catalogue.queries.work.one(uid_of(name), with_files=False)
        except NotFoundError as error:
            raise not_found(name) from error
        if found.standing.state is JobState.ARCHIVED:
            raise not_found(name) from None
    if username is not None and found.user_name != username:
        raise not_found(name)
    return found


def _must_own(asker: Asker, found: JobSetRow | Work, name: str, error: str) -> None:
    if not asker.is_admin and found.user_name != asker.name:
        raise PaiError(
            HTTPStatus.FORBIDDEN,
            error,
            f"Job {name} belongs to {found.user_name or 'nobody'}. Ask them, or an administrator.",
        )


def _execute(catalogue: Catalogue, found: JobSetRow | Work, user: str, *, is_start: bool) -> None:
    if isinstance(found, JobSetRow):
        if is_start:
            catalogue.job_sets.start(found.id)
        else:
            catalogue.job_sets.stop(found.id, user)
        return
    state = found.standing.state
    if not is_start:
        if not catalogue.removal.stop(found.uid, user) and state is not JobState.CANCELED:
            raise ConflictError(f"Job {found.uid.hex} has ended and cannot be stopped.")
        return
    if state in (JobState.SUCCEEDED, JobState.DEDUPED):
        raise ConflictError(f"Job {found.uid.hex} has succeeded: there is nothing to start.")
    catalogue.requeue.retry(found.id, {})
