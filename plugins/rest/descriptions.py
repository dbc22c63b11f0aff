"""The OpenAPI description of an app: what the framework does not know of our answers."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI
from pydantic import BaseModel

_INVALID: Final = str(HTTPStatus.UNPROCESSABLE_ENTITY.value)  # the framework's; ours is 400
_JSON: Final = "application/json"
_METHODS_WITH_BODY: Final = frozenset({"post", "put", "patch"})
_ANSWERS_TO_CHANGES: Final = (
    str(HTTPStatus.CONFLICT.value),
    str(HTTPStatus.REQUEST_ENTITY_TOO_LARGE.value),
)

Responses = dict[int | str, dict[str, Any]]


class Problem(BaseModel):
    """What is wrong, with what, and what to do about it."""

    detail: str


_SENTENCES: Final[Mapping[HTTPStatus, str]] = {
    HTTPStatus.BAD_REQUEST: "Something that was given cannot be accepted.",
    HTTPStatus.UNAUTHORIZED: "Nobody is signed in.",
    HTTPStatus.FORBIDDEN: "The user lacks the permission.",
    HTTPStatus.NOT_FOUND: "There is no such thing, or no such page of a list.",
    HTTPStatus.CONFLICT: "Something else changed the thing meanwhile.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is larger than this server takes.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The catalogue's database does not answer.",
}
_BARE: Final = (
    HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT
)  # fmt: skip
PROBLEMS: Final[Responses] = {
    status.value: {"model": Problem, "description": sentence}
    for status, sentence in _SENTENCES.items()
}
"""The answers to requests that fail, for every operation of a dialect."""

BARE_PROBLEMS: Final[Responses] = {
    status.value: {"model": str, "description": _SENTENCES[status]} for status in _BARE
}
"""Those of routes whose errors are bare strings."""


def describe_exactly(app: FastAPI) -> None:
    """Take from an app's description the answers that it never gives."""
    app.openapi = _exact(app.openapi)  # type: ignore[method-assign]  # FastAPI's documented way


def _exact(described: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    def exact() -> dict[str, Any]:
        description = described()
        for operations in description["paths"].values():
            for method, operation in operations.items():
                operation["responses"].pop(_INVALID, None)
                for status, answer in operation["responses"].items():
                    if int(status) >= HTTPStatus.BAD_REQUEST:
                        # The framework gives errors the content type of the success.
                        answer["content"] = {_JSON: next(iter(answer["content"].values()))}
                if method not in _METHODS_WITH_BODY:
                    for status in _ANSWERS_TO_CHANGES:
                        operation["responses"].pop(status, None)
        for unused in ("HTTPValidationError", "ValidationError"):
            description["components"]["schemas"].pop(unused, None)
        return description

    return exact
