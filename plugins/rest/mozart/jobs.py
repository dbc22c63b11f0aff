"""Queues and jobs (seed 000)."""

from datetime import UTC, datetime
from typing import Any, Final

from fastapi import APIRouter, Request

from catalog.errors import InvalidError, NotFoundError
from catalog.job_states import ENDED, JobState
from catalog.queries.work import WorkFilter
from catalog.queries.work_rows import Work
from plugins.rest.dependencies import CatalogueDep, UserName
from plugins.rest.merged import Parameters, ParametersDep
from plugins.rest.mozart.control import control
from plugins.rest.mozart.documents import info_document, products
from plugins.rest.mozart.specs import SPEC
from plugins.rest.mozart.submission import priority_of, submit
from plugins.rest.mozart.wire import envelope, operation
from plugins.rest.states import states_called, words_of
from plugins.rest.uids import uid_of
from plugins.rest.wire import server_url
from schemas.hysds import JobSpec
from schemas.times import TimeError, parse_time

router = APIRouter()
_JOB: Final = {"job_id": "The id of the job; `id` does too."}
_NEEDED: Final = ("job_id",)
_IDS: Final = ("job_id", "id")
_LARGEST_PAGE: Final = 10_000
_LARGEST_USER_PAGE: Final = 250
_SUBMISSION: Final = {
    "type": "A job type of jobspec/list.",
    "queue": "A queue of queue/list.",
    "priority": "0 to 9, the higher the sooner; 0 if not given.",
    "tags": "JSON list of texts.",
    "context": "JSON object with the parameters; `params` does too.",
    "name": "A name of the job.",
    "username": "Whose job it is; the user that is signed in, if not given.",
    "payload_hash": "Submissions with the same hash ask for the same work.",
    "enable_dedup": "false to run the job though the same work was asked for before.",
    "soft_time_limit": "Seconds after which the job is stopped.",
    "time_limit": "Seconds after which the job is stopped at the latest.",
}


@operation(router, "/queue/list", parameters={"id": "A job type, to see its recommended queues."})
def list_queues(catalogue: CatalogueDep, given: ParametersDep) -> dict[str, Any]:
    """Return the names of all queues, and those that a job type recommends."""
    recommended: list[str] = []
    identity = given.text("id")
    if identity is not None:
        found = catalogue.registrations.find(SPEC, identity)
        recommended = [] if found is None else list(JobSpec.parse(found.document).queues)
    names = [each.name for each in catalogue.registrations.pools()]
    return envelope({"queues": names, "recommended": recommended})


@operation(router, "/job/submit", parameters=_SUBMISSION, required=("type", "queue"), verb="POST")
def submit_job(catalogue: CatalogueDep, user: UserName, given: ParametersDep) -> dict[str, Any]:
    """Submit a job, or one that purges, revokes or retries others; return its id."""
    job = control(catalogue, given, user) or submit(catalogue, given, user)
    return envelope(str(job.uid), tags=job.tags)


@operation(router, "/job/status", parameters=_JOB, required=_NEEDED)
def show_status(catalogue: CatalogueDep, given: ParametersDep) -> dict[str, Any]:
    """Return the status of a job, both as `status` and as `result`."""
    job_id = given.required_text(*_IDS)
    word = words_of(catalogue.queries.work.standing(uid_of(job_id))).mozart
    if word is None:
        raise NotFoundError("job", job_id)
    return envelope(word, status=word)


@operation(router, "/job/info", parameters=_JOB, required=_NEEDED)
def show_info(http: Request, catalogue: CatalogueDep, given: ParametersDep) -> dict[str, Any]:
    """Return everything about a job."""
    work = _work(catalogue, given.required_text(*_IDS))
    return envelope(info_document(work, server_url(http, f"/scale/api/jobs/{work.id}/")))


@operation(
    router,
    "/job/list",
    parameters={
        "page_size": f"Jobs on a page, 1 to {_LARGEST_PAGE}; 100 if not given.",
        "offset": "How many jobs to leave out; 0 if not given.",
    },
)
def list_jobs(catalogue: CatalogueDep, given: ParametersDep) -> dict[str, Any]:
    """Return a page of the ids of all jobs, in their order."""
    size = given.integer("page_size", least=1, most=_LARGEST_PAGE) or 100
    uids = catalogue.queries.work.uids(WorkFilter(), size, given.integer("offset") or 0)
    return envelope([str(each) for each in uids])


@operation(router, "/job/stop", parameters=_JOB, required=_NEEDED)
def stop_job(catalogue: CatalogueDep, user: UserName, given: ParametersDep) -> dict[str, Any]:
    """Revoke a job that is queued or runs; one that has ended stays as it is."""
    job_id = given.required_text(*_IDS)
    was_stopped = catalogue.removal.stop(uid_of(job_id), user)
    return envelope(job_id, "" if was_stopped else "The job had ended: nothing was changed.")


@operation(router, "/job/purge", parameters=_JOB, required=_NEEDED)
def purge_job(catalogue: CatalogueDep, user: UserName, given: ParametersDep) -> dict[str, Any]:
    """Stop a job and remove it, with the files it made."""
    job_id = given.required_text(*_IDS)
    catalogue.removal.remove(uid_of(job_id), user)
    return envelope(job_id)


@router.get("/job/user/{username}")
def list_jobs_of_user(
    catalogue: CatalogueDep, given: ParametersDep, username: str
) -> dict[str, Any]:
    """Return id and tags of the jobs of a user, the newest first."""
    size = given.integer("page_size", least=1) or 100
    found = catalogue.queries.work.newest(
        _filter(given, username), min(size, _LARGEST_USER_PAGE), given.integer("offset") or 0
    )
    return {"success": True, "result": [{"id": str(each.uid), "tags": each.tags} for each in found]}


@router.get("/job/products/{job_id}")
def show_products(catalogue: CatalogueDep, job_id: str) -> dict[str, Any]:
    """Return what a job made, under `results`."""
    work = _work(catalogue, job_id)
    if work.standing.state not in ENDED:
        return {"success": False, "message": "job has not been completed", "results": []}
    return {
        "success": True,
        "message": words_of(work.standing).mozart,
        "results": products(work),
    }


def _work(catalogue: CatalogueDep, job_id: str) -> Work:
    found: Work = catalogue.queries.work.one(uid_of(job_id))
    if found.standing.state is JobState.ARCHIVED:
        raise NotFoundError("job", job_id)
    return found


def _filter(given: Parameters, username: str) -> WorkFilter:
    identity = given.text("job_type", "type")
    name, _, version = (identity or "").removeprefix("job-").rpartition(":")
    status = given.text("status")
    priority = given.integer("priority", most=9)
    return WorkFilter(
        states=None if status is None else states_called(status, lambda words: words.mozart),
        user_name=username,
        tag=given.text("tag"),
        pool=given.text("queue"),
        type_name=None if identity is None else name,
        type_version=None if identity is None else version,
        priority=None if priority is None else priority_of(priority),
        since=_moment(given, "start_time"),
        until=_moment(given, "end_time"),
    )


def _moment(given: Parameters, name: str) -> datetime | None:
    text = given.text(name)
    if text is None:
        return None
    try:
        if text.isdecimal():
            return datetime.fromtimestamp(int(text), UTC)
        return parse_time(text if text.endswith("Z") or "+" in text else f"{text}Z")
    except (TimeError, ValueError, OverflowError, OSError) as error:
        raise InvalidError(
            f"The parameter {name!r} is {text!r}. Give seconds since 1970, or an ISO time."
        ) from error
