"""The WPS-T: processes deployed, listed, described and taken out; jobs executed and followed."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from catalog.catalogue import Catalogue
from catalog.errors import NotFoundError
from catalog.job_states import ENDED, JobState
from catalog.queries.work import WorkFilter
from catalog.queries.work_rows import Work, WorkFile
from catalog.records.configuration import JobTypeRecord
from catalog.records.submissions import RegistrationRecord
from catalog.services.processes import KIND
from plugins.rest.dependencies import CatalogueDep, UserName
from plugins.rest.merged import ParametersDep
from plugins.rest.states import words_of
from plugins.rest.uids import uid_of
from plugins.rest.unity.deployment import read_deployment
from plugins.rest.unity.descriptions import description_of, summary_of
from plugins.rest.unity.documents import inputs_of, process_id_of, time_text, url_of
from plugins.rest.unity.execution import execute

router = APIRouter()
_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
}
_MOST_JOBS: Final = 1000


@router.get("/processes")
def list_processes(catalogue: CatalogueDep) -> dict[str, Any]:
    """Return every process: those that were deployed, and the other job types."""
    known = {each.key: each for each in catalogue.registrations.all(KIND)}
    types = catalogue.registrations.job_types()
    return {"processes": [description_of(each, known.get(_key(each))) for each in types]}


@router.post("/processes", status_code=HTTPStatus.CREATED, openapi_extra=_BODY)
def deploy_process(http: Request, catalogue: CatalogueDep, given: ParametersDep) -> dict[str, Any]:
    """Deploy a process from a CWL document; one that is deployed already is replaced."""
    wanted = read_deployment(given.values)
    catalogue.processes.deploy(wanted)
    job_type, known = _process(catalogue, wanted.key)
    url = f"{_base(http)}/processes/{wanted.key}"
    return {"deploymentResult": {"processSummary": summary_of(job_type, known, url)}}


@router.get("/processes/{process_id}")
def describe_process(catalogue: CatalogueDep, process_id: str) -> dict[str, Any]:
    """Return the description of a process."""
    return {"process": description_of(*_process(catalogue, process_id))}


@router.delete("/processes/{process_id}")
def undeploy_process(catalogue: CatalogueDep, process_id: str) -> dict[str, Any]:
    """Take a process out; its jobs stay."""
    job_type, known = _process(catalogue, process_id)
    catalogue.processes.undeploy(process_id)
    return {"undeploymentResult": description_of(job_type, known)}


@router.get("/processes/{process_id}/jobs")
def list_jobs(catalogue: CatalogueDep, process_id: str, limit: int = 100) -> dict[str, Any]:
    """Return the newest jobs of a process."""
    name, version = _name(catalogue, process_id)
    wanted = WorkFilter(type_name=name, type_version=version)
    found = catalogue.queries.work.newest(wanted, min(max(limit, 1), _MOST_JOBS))
    return {"jobs": [_job(each) for each in found]}


@router.post("/processes/{process_id}/jobs", openapi_extra=_BODY)
def execute_process(
    http: Request, catalogue: CatalogueDep, user: UserName, process_id: str, given: ParametersDep
) -> Response:
    """Execute a process; the answer's Location is the job."""
    process = _process(catalogue, process_id)
    jobs_url = f"{_base(http).removesuffix('/ades')}/es/jobs"
    job = execute(catalogue, process, given.values, user, jobs_url)
    location = f"{_base(http)}/processes/{process_id}/jobs/{job.uid}"
    headers = {"Location": location, "code": str(HTTPStatus.CREATED.value)}
    return JSONResponse({}, HTTPStatus.CREATED, headers)


@router.get("/processes/{process_id}/jobs/{job_id}")
def show_status(catalogue: CatalogueDep, process_id: str, job_id: str) -> dict[str, Any]:
    """Return the status of a job."""
    work = _work(catalogue, process_id, job_id)
    return {
        "jobID": str(work.uid),
        "status": words_of(work.standing).wpst,
        "message": work.reason or f"Status of job {work.uid}",
    }


@router.delete("/processes/{process_id}/jobs/{job_id}")
def dismiss_job(
    catalogue: CatalogueDep, user: UserName, process_id: str, job_id: str
) -> dict[str, Any]:
    """Stop a job that has not ended; what is left of it stays to be looked at."""
    work = _work(catalogue, process_id, job_id)
    if catalogue.processes.dismiss(work.uid, user):
        return {"statusInfo": {"job_id": str(work.uid), "status": "dismissed", "error": None}}
    state = words_of(catalogue.queries.work.standing(work.uid)).wpst
    return {"statusInfo": {"error": f"Can not dismiss a job in state {state}."}}


@router.get("/processes/{process_id}/jobs/{job_id}/result")
def show_result(catalogue: CatalogueDep, process_id: str, job_id: str) -> dict[str, Any]:
    """Return the files that a job made; there are none before it has succeeded."""
    work = _work(catalogue, process_id, job_id)
    if work.standing.state is not JobState.SUCCEEDED:
        word = words_of(work.standing).wpst
        ended = work.standing.state in ENDED
        sentence = f"Job {work.uid} is {word}: it has no result" + ("." if ended else " yet.")
        raise NotFoundError("result", job_id, sentence)
    return {"outputs": [_output(name, each) for name, each in _results(catalogue, work)]}


def _results(catalogue: Catalogue, work: Work) -> list[tuple[str, WorkFile]]:
    """Return the files of a job, or of the steps that make the outputs of a workflow."""
    steps = catalogue.processes.steps_of(work.uid)
    if not steps:
        return [(each.output_name or each.file_name, each) for each in work.files]
    known = catalogue.registrations.find(KIND, process_id_of(work))
    outputs: Mapping[str, Any] = {} if known is None else known.document.get("outputs", {})
    works = {name: catalogue.queries.work.one(uid) for name, uid in steps.items()}
    return [
        (name, file)
        for name, (step, output) in outputs.items()
        for file in (works[step].files if step in works else ())
        if file.output_name in (output, f"{output}-output")
    ]


def _output(name: str, file: WorkFile) -> dict[str, Any]:
    return {"mimeType": file.media_type, "href": url_of(file), "id": name}


def _job(work: Work) -> dict[str, Any]:
    return {
        "jobID": str(work.uid),
        "status": words_of(work.standing).wpst,
        "inputs": inputs_of(work),
        "labels": work.tags,
        "created": time_text(work.created),
    }


def _process(
    catalogue: Catalogue, process_id: str
) -> tuple[JobTypeRecord, RegistrationRecord | None]:
    name, _, version = process_id.rpartition(":")
    job_type = catalogue.registrations.job_type(name, version)
    if job_type is None:
        raise NotFoundError(KIND, process_id)
    return job_type, catalogue.registrations.find(KIND, process_id)


def _name(catalogue: Catalogue, process_id: str) -> tuple[str, str]:
    job_type, _ = _process(catalogue, process_id)
    return job_type.name, job_type.version


def _work(catalogue: Catalogue, process_id: str, job_id: str) -> Work:
    work = catalogue.queries.work.one(uid_of(job_id))
    if work.standing.state is JobState.ARCHIVED or process_id_of(work) != process_id:
        raise NotFoundError("job", job_id)
    return work


def _key(job_type: JobTypeRecord) -> str:
    return f"{job_type.name}:{job_type.version}"


def _base(http: Request) -> str:
    return str(http.base_url.replace(path=http.scope["root_path"], query=""))
