"""Writing to the jobs database: words that a job's own steps send, and nothing else."""

import base64
import binascii
import hmac
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from catalog.errors import ConflictError
from catalog.queries.work_rows import Work
from plugins.rest.dependencies import CatalogueDep
from plugins.rest.uids import uid_of
from plugins.rest.unity.documents import INDEX, version_of
from plugins.rest.unity.requests import BodyDep, check_index, reply
from plugins.rest.unity.wire import SearchError

router = APIRouter()
TOKEN: Final = "UNITY_JOB_TOKEN"  # noqa: S105 - the name of a variable
_LONGEST: Final = 255
_ANSWERED: Final = {"total": 1, "successful": 1, "failed": 0}


def is_from_a_step(request: Request) -> bool:
    """Say whether a request brings the token of a job, which the operation checks itself."""
    return (
        request.method == "POST"
        and "/_update/" in request.scope["path"]
        and request.headers.get("authorization", "").startswith("ApiKey ")
    )


@router.post("/{index}/_update/{job_id}")
def update_document(
    http: Request, catalogue: CatalogueDep, body: BodyDep, index: str, job_id: str
) -> Response:
    """Keep the status that a step of a job sends; it stands until the job has ended."""
    check_index(index)
    work = catalogue.queries.work.one(uid_of(job_id))
    if not _is_of(work, http.headers.get("authorization", "")):
        raise _forbidden("A job's status is updated by its own steps only, with their token.")
    if not catalogue.processes.tell(work.uid, _word(body, work)):
        raise ConflictError(f"Job {work.uid} has ended: its status stands.")
    changed = catalogue.queries.work.one(work.uid)
    return reply(
        http,
        {
            "_index": INDEX,
            "_type": "_doc",
            "_id": str(work.uid),
            "_version": version_of(changed),
            "result": "updated",
            "_shards": _ANSWERED,
            "_seq_no": 0,
            "_primary_term": 1,
        },
    )


def refuse_write(http: Request) -> Response:
    """Refuse every other way to write."""
    raise _forbidden(
        f"{http.method} {http.url.path}: the index [{INDEX}] is read only. Jobs are submitted and"
        " dismissed at /ades, or in any other dialect."
    )


for _verb in ("PUT", "POST", "DELETE", "PATCH"):
    router.add_api_route("/{path:path}", refuse_write, methods=[_verb], include_in_schema=False)


def _word(body: Mapping[str, Any], work: Work) -> str:
    document = body.get("doc")
    given = dict(document) if isinstance(document, dict) else {}
    is_same = str(given.pop("id", work.uid)) == str(work.uid)
    word = given.pop("status", None)
    if not isinstance(word, str) or not word or not is_same or given:
        raise _forbidden(
            'A step may update the status of its job only: {"doc": {"status": "..."}}.'
        )
    if len(word) > _LONGEST or "\0" in word:
        raise SearchError(
            "illegal_argument_exception", f"A status has up to {_LONGEST} characters, none of NUL."
        )
    return word


def _is_of(work: Work, authorization: str) -> bool:
    token = work.environment.get(TOKEN)
    if token is None:
        return False
    try:
        given = base64.b64decode(authorization.removeprefix("ApiKey ").strip()).decode()
    except (binascii.Error, UnicodeDecodeError):
        return False
    return hmac.compare_digest(given.encode(), f"{work.uid}:{token}".encode())


def _forbidden(reason: str) -> SearchError:
    return SearchError("security_exception", reason, HTTPStatus.FORBIDDEN)
