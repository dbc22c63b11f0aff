"""Errors on the wire: one status and one sentence for each, in the shape of the dialect.

A fault of the caller never logs a trace; a fault of ours does, and answers without its text.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from catalog.errors import CatalogueError, ConflictError, NotFoundError
from schemas.problems import DocumentError, json_path

_log = logging.getLogger(__name__)
_SHOWN_PROBLEMS: Final = 10

CALLER_ERRORS: Final = (CatalogueError, DocumentError, RequestValidationError)
HANDLED_ERRORS: Final = (
    HTTPException, *CALLER_ERRORS, OperationalError, PoolTimeoutError, Exception
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """What to tell the caller."""

    status: int
    sentence: str
    headers: Mapping[str, str] = field(default_factory=dict)


_UNAVAILABLE: Final = Answer(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "The catalogue's database does not answer. Try again in a moment; if it lasts, an"
    " administrator should look at the database.",
    {"Retry-After": "5"},
)
_FAULT: Final = Answer(
    HTTPStatus.INTERNAL_SERVER_ERROR,
    "Something went wrong inside Airscale. The log of the API server says what.",
)


def answer_to(error: Exception) -> Answer:
    """Return what to tell the caller about an error."""
    match error:
        case HTTPException():
            return Answer(error.status_code, str(error.detail), error.headers or {})
        case RequestValidationError():
            return _invalid_request(error.errors())
        case CatalogueError() | DocumentError():
            return Answer(_status_of(error), str(error))
        case OperationalError() | PoolTimeoutError():
            return _UNAVAILABLE
        case _:
            return _FAULT


def _status_of(error: CatalogueError | DocumentError) -> int:
    match error:
        case NotFoundError():
            return HTTPStatus.NOT_FOUND
        case ConflictError():
            return HTTPStatus.CONFLICT
        case _:
            return HTTPStatus.BAD_REQUEST


def detail_response(request: Request, error: Exception) -> JSONResponse:
    """Answer an error as ``{"detail": sentence}`` (contract section 3, Envelope)."""
    answer = answer_for(request, error)
    if isinstance(error, OperationalError | PoolTimeoutError):
        _log.warning("The catalogue's database does not answer: %s", error)
    return JSONResponse({"detail": answer.sentence}, answer.status, dict(answer.headers))


def init_detail_errors(app: FastAPI) -> None:
    """Answer every error of an app as ``{"detail": sentence}``."""
    for kind in HANDLED_ERRORS:
        app.add_exception_handler(kind, detail_response)


def answer_for(request: Request, error: Exception) -> Answer:
    """Return what to tell the caller, with more than a phrase about an address that is wrong."""
    answer = answer_to(error)
    path = f"{request.url.path!r}"
    match answer.sentence:
        case HTTPStatus.NOT_FOUND.phrase:
            return replace(answer, sentence=f"There is nothing at {path}. See the documentation.")
        case HTTPStatus.METHOD_NOT_ALLOWED.phrase:
            sentence = f"{request.method} is not possible at {path}. See the documentation."
            return replace(answer, sentence=sentence)
        case _:
            return answer


def missing_fields(error: RequestValidationError) -> list[str]:
    """Return the names of the body's fields that are required and were not given."""
    return [
        str(each["loc"][-1])
        for each in error.errors()
        if each["type"] == "missing" and len(each["loc"]) > 1
    ]


def _invalid_request(problems: Sequence[Any]) -> Answer:
    if any(each["loc"][0] == "path" for each in problems):
        given = next(each["input"] for each in problems if each["loc"][0] == "path")
        return Answer(
            HTTPStatus.NOT_FOUND,
            f"There is nothing with the id {str(given)[:40]!r}: ids are whole numbers from 1.",
        )
    sentences = [_sentence(each) for each in problems[:_SHOWN_PROBLEMS]]
    return Answer(HTTPStatus.BAD_REQUEST, " ".join(sentences))


def _sentence(problem: Mapping[str, Any]) -> str:
    place, *path = problem["loc"]
    if problem["type"] == "json_invalid":
        reason = problem.get("ctx", {}).get("error", "")
        return f"The body is not JSON ({reason}, at character {path[0]}). Send a JSON object."
    if place == "body" and not path:
        return "The body is not a JSON object. Send one, with Content-Type: application/json."
    name = json_path(*path) if place == "body" else f"Parameter {'.'.join(map(str, path))}"
    message = str(problem["msg"]).removeprefix("Value error, ")
    if problem["type"] == "missing":
        message = "this field is required and was not given"
    return f"{name}: {message}" + ("" if message.endswith(".") else ".")
