"""Downloads of results (seed 003): one segment with the id, or two with the job before it."""

import base64
import re
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from catalog.errors import NotFoundError
from catalog.job_states import JobState
from catalog.queries.work_rows import WorkFile
from plugins.rest.dependencies import CatalogueDep
from plugins.rest.downloads import content_response
from plugins.rest.ocps.objects import result_id
from plugins.rest.uids import uid_of

router = APIRouter(tags=["results"])
_WITH_JOB: Final = re.compile(r"(?P<job>[0-9a-fA-F]{32})/(?P<result>.+)")
_INDEX: Final = re.compile(r"[0-9]{1,9}")
_NOT_FOUND: Final = "Result file not found."


@router.get("/job/result/{result:path}", summary="Download a result")
def download(http: Request, catalogue: CatalogueDep, result: str) -> Response:
    """Return the bytes of a result: ``{resultId}``, or ``{jobId}/{resultId or index}``.

    The id is the base64 form of the path, in either alphabet; an index counts from 0.
    """
    with_job = _WITH_JOB.fullmatch(result)
    if with_job is None:
        file = _by_path(catalogue, _decoded(result))
    else:
        file = _of_job(catalogue, with_job["job"], with_job["result"])
    return content_response(http, catalogue.queries.files.stored(file.id))


def _by_path(catalogue: CatalogueDep, path: str) -> WorkFile:
    """Return the result at a path: the directory of its execution is part of it."""
    for number in re.findall(r"/job_exe_(\d{1,18})/", path):
        for each in catalogue.queries.work.files_of(int(number)):
            if each.location == path:
                return each
    raise NotFoundError("result", path, _NOT_FOUND)


def _of_job(catalogue: CatalogueDep, job_id: str, wanted: str) -> WorkFile:
    work = catalogue.queries.work.one(uid_of(job_id))
    if work.standing.state is JobState.ARCHIVED:
        raise NotFoundError("job", job_id)
    if _INDEX.fullmatch(wanted):
        index = int(wanted)
        if index < len(work.files):
            return work.files[index]
        raise NotFoundError("result", wanted, _NOT_FOUND)
    path = _decoded(wanted)
    for each in work.files:
        if result_id(each) == wanted or each.location == path:
            return each
    raise NotFoundError("result", wanted, _NOT_FOUND)


def _decoded(text: str) -> str:
    """Return the path of an id, with or without its padding."""
    plain = text.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True).decode()
    except ValueError as error:  # not ASCII, not base64, or no text in it
        raise NotFoundError("result", text, _NOT_FOUND) from error
