"""Errors as the REST server writes them: a name and a message (seed 004)."""

import logging
from http import HTTPStatus
from typing import Final

from fastapi import Request
from starlette.responses import JSONResponse, Response

from catalog.errors import CatalogueError
from plugins.rest.errors import answer_for

_log = logging.getLogger(__name__)
NOT_AUTHORIZED: Final = "NotAuthorized"
INVALID: Final = "ParameterValidationError"

_NAMES: Final[tuple[tuple[str, str, str], ...]] = (
    ("GET", "jobs", "GetJobListError"),
    ("POST", "jobs", "JobUpdateError"),
    ("GET", "virtual-clusters", "GetVirtualClusterListError"),
    ("PUT", "executionType", "JobExecuteError"),
    ("PUT", "virtualClusters", "UpdateVcFailed"),
    ("PUT", "user", "UpdateFailed"),
    ("DELETE", "user", "RemoveFailed"),
)
_NAMES_BELOW: Final = {("PUT", "jobs"): "JobUpdateError", ("DELETE", "jobs"): "JobDeleteError"}
_ABOUT_JOBS: Final = frozenset({"JobUpdateError", "JobExecuteError", "JobDeleteError"})


class PaiError(Exception):
    """An error with the name that the REST server has for it.

    Parameters
    ----------
    status
        Of HTTP.
    name
        What clients know it by.
    message
        For a person.
    """

    def __init__(self, status: HTTPStatus, name: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.name = name


def not_found(name: str) -> PaiError:
    """Return the error of a job that there is not."""
    return PaiError(HTTPStatus.NOT_FOUND, "JobNotFound", f"could not find job {name}")


def not_authorized() -> PaiError:
    """Return the error of somebody who may not do this."""
    return PaiError(HTTPStatus.UNAUTHORIZED, NOT_AUTHORIZED, "not authorized")


def invalid(message: str) -> PaiError:
    """Return the error of parameters that cannot be accepted."""
    return PaiError(HTTPStatus.BAD_REQUEST, INVALID, message)


def pai_error(request: Request, error: Exception) -> Response:
    """Return an error as the REST server does."""
    if isinstance(error, PaiError):
        return _response(error.status, error.name, str(error))
    answer = answer_for(request, error)
    status = HTTPStatus(answer.status)
    name = _name_of(request, status, is_ours=isinstance(error, CatalogueError))
    return _response(status, name, answer.sentence, dict(answer.headers))


def refusal(_request: Request, status: HTTPStatus, sentence: str) -> Response:
    """Return the answer to somebody who may not come in."""
    return _response(status, NOT_AUTHORIZED, sentence)


def _response(
    status: HTTPStatus, name: str, message: str, headers: dict[str, str] | None = None
) -> Response:
    return JSONResponse({"error": name, "message": message}, status, headers)


def _name_of(request: Request, status: HTTPStatus, *, is_ours: bool) -> str:
    """Return the name of the error of an operation that did not work.

    Parameters
    ----------
    is_ours
        Whether the catalogue says it, not the router.
    """
    if status is HTTPStatus.METHOD_NOT_ALLOWED or (status is HTTPStatus.NOT_FOUND and not is_ours):
        return "NoApiError"
    name = _name_of_operation(request)
    if status is HTTPStatus.BAD_REQUEST and name not in _ABOUT_JOBS:
        return INVALID
    return name


def _name_of_operation(request: Request) -> str:
    parts = request.url.path.rstrip("/").split("/")
    for method, last, name in _NAMES:
        if (request.method, parts[-1]) == (method, last):
            return name
    return _NAMES_BELOW.get((request.method, parts[-2]), "InternalServerError")
