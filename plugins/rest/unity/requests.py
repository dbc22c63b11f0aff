"""What requests to the jobs database bring with them, and how it is answered."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import Depends, HTTPException, Request
from starlette.responses import JSONResponse, Response

from plugins.rest.bodies import parsed_json
from plugins.rest.unity.documents import INDEX
from plugins.rest.unity.wire import PRODUCT, SearchError, not_understood

_VENDOR: Final = "application/vnd.elasticsearch+json"
_LARGEST: Final = 10 * 1024 * 1024


async def _text(request: Request) -> str:
    text = (await request.body()).decode("utf-8", "replace")
    if len(text) > _LARGEST:
        raise SearchError("parse_exception", "The body is larger than 10 MiB.", 413)
    return text


async def _body(request: Request) -> Mapping[str, Any]:
    text = await _text(request)
    found = _json(text) if text.strip() else _json(request.query_params.get("source", "{}"))
    if not isinstance(found, dict):
        raise not_understood("request body or source parameter is not an object")
    return found


def _json(text: str) -> Any:
    try:
        return parsed_json(text)
    except ValueError as error:
        raise SearchError("parse_exception", f"The body is not JSON ({error}).") from error
    except HTTPException as refused:
        raise SearchError("parse_exception", str(refused.detail)) from refused


def lines_of(text: str) -> list[Any]:
    """Return the documents of a body of lines."""
    return [_json(each) for each in text.splitlines() if each.strip()]


TextDep = Annotated[str, Depends(_text)]
BodyDep = Annotated[Mapping[str, Any], Depends(_body)]


def reply(request: Request, body: object, status: int = HTTPStatus.OK) -> Response:
    """Return an answer in the media type that a client of Elasticsearch asks for."""
    accepted = request.headers.get("accept", "")
    media_type = accepted.split(",")[0] if accepted.startswith(_VENDOR) else "application/json"
    return JSONResponse(body, status, PRODUCT, media_type=media_type)


def check_index(names: str) -> None:
    """Refuse the name of any other index than that of the jobs; patterns may match it.

    Raises
    ------
    SearchError
        Raised as ``index_not_found_exception``.
    """
    for each in names.split(","):
        pattern = "*" if each == "_all" else each
        if not fnmatchcase(INDEX, pattern) and "*" not in pattern:
            raise SearchError(
                "index_not_found_exception",
                f"no such index [{each}]",
                HTTPStatus.NOT_FOUND,
                index=each,
            )


def is_meant(names: str) -> bool:
    """Say whether one of these names or patterns is that of the index of jobs."""
    return any(each == "_all" or fnmatchcase(INDEX, each) for each in names.split(","))
