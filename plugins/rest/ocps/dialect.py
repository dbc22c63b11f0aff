"""The dialect of the OCPS job manager."""

from http import HTTPStatus
from typing import Final

from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from plugins.rest import permissions
from plugins.rest.dialect import Dialect
from plugins.rest.errors import HANDLED_ERRORS, answer_for
from plugins.rest.ocps import jobs, results

_RESULTS: Final = "/job/result/"


def register(app: FastAPI) -> None:
    """Add the operations of the seed, and its errors: plain text, or a JSON string for a job."""
    app.include_router(results.router)  # before the jobs: "result" is no job id
    app.include_router(jobs.router)
    for kind in HANDLED_ERRORS:
        app.add_exception_handler(kind, error_text)


def error_text(request: Request, error: Exception) -> Response:
    """Return an error as the job manager does."""
    answer = answer_for(request, error)
    is_job = request.method == "GET" and _RESULTS not in request.url.path
    if answer.status == HTTPStatus.NOT_FOUND and is_job:
        return JSONResponse(answer.sentence, answer.status, dict(answer.headers))
    return PlainTextResponse(answer.sentence, answer.status, dict(answer.headers))


def refusal_text(_request: Request, status: HTTPStatus, sentence: str) -> Response:
    """Return a refusal as text."""
    return PlainTextResponse(sentence, status)


OCPS: Final = Dialect(
    name="OCPS",
    title="Airscale: the OCPS job manager (UWS)",
    prefixes=("/uws/api/v1",),
    resource=permissions.OCPS,
    register=register,
    refusal=refusal_text,
)
