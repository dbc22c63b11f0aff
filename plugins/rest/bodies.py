"""Bodies of requests: what every dialect refuses in JSON, before anything of it is looked at."""

import json
import math
import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final, NoReturn

from fastapi import HTTPException, Request
from starlette.datastructures import Headers

from plugins.rest.forms import JSON, form_document, is_form
from schemas.problems import json_path

UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
"""What PostgreSQL cannot hold in a text: NUL, and half a surrogate pair."""

MOST_LEVELS: Final = 100
"""How deep objects and lists may lie in each other; no document of the seed has ten levels."""

_Place = tuple[tuple[str | int, ...], Any]


class _Nothing:
    """Stands for the end of an object or list."""


_NOTHING_LEFT: Final = ((), _Nothing())


class CheckedRequest(Request):
    """A request whose JSON the database can hold."""

    async def json(self) -> Any:
        """Return the body's JSON.

        Raises
        ------
        JSONDecodeError
            Raised if the body is not JSON.
        HTTPException
            Raised with 400 if it is JSON that cannot be kept.
        """
        return parsed_json(await self.body())


class JsonRequest(CheckedRequest):
    """A request that has JSON for a body, whatever its content type says.

    Many programs do not say what they send, and curl and urllib call everything a form. What is
    one is read as the object that it stands for. A request without an ``Authorization`` header may
    come from a page of another site, by the cookie of a person: that has to say that it is JSON,
    which such a page cannot.
    """

    @property
    def headers(self) -> Headers:
        """The headers, with the content type of JSON in the place of any other."""
        headers = super().headers
        if "authorization" not in headers:
            return headers
        kept = [pair for pair in headers.raw if pair[0] != b"content-type"]
        return Headers(raw=[*kept, (b"content-type", JSON.encode())])

    async def json(self) -> Any:
        """Return the body's JSON, or the object that a form stands for; raises as the parent."""
        body = await self.body()
        if not is_form(super().headers.get("content-type", ""), body):
            return parsed_json(body)
        document = form_document(body, self.scope)
        refuse_unstorable(document)
        return document


def parsed_json(content: bytes | str) -> Any:
    """Return JSON that the database can hold: see `CheckedRequest.json`."""
    try:
        document = json.loads(content, parse_constant=_refuse_constant)
    except json.JSONDecodeError:
        raise
    except RecursionError:
        _refuse(_too_deep("$"))
    except ValueError as error:  # not UTF-8, or a number of thousands of digits
        _refuse(f"The body is not JSON ({error}). Send JSON in UTF-8.")
    refuse_unstorable(document)
    return document


def refuse_unstorable(document: Any) -> None:
    """Raise `HTTPException` with 400 for what cannot be kept of a document of JSON."""
    for sentence in _faults(document):
        _refuse(sentence)


def _faults(document: Any) -> Iterator[str]:
    """Yield what of a document cannot be kept; a loop, because a recursion would end in itself."""
    left: list[Iterator[_Place]] = [iter([((), document)])]
    while left:
        path, value = next(left[-1], _NOTHING_LEFT)
        match value:
            case str() if UNSTORABLE.search(value):
                yield (
                    f"{json_path(*path)}: the text holds a NUL character or half a surrogate"
                    " pair. Leave it out."
                )
            case float() if not math.isfinite(value):
                yield f"{json_path(*path)}: the number is too large. Give a smaller one."
            case dict() | list() if len(path) >= MOST_LEVELS:
                yield _too_deep(json_path(*path))
            case dict() | list():
                left.append(_inside(path, value))
            case _Nothing():
                left.pop()


def _inside(path: tuple[str | int, ...], value: dict[str, Any] | list[Any]) -> Iterator[_Place]:
    if isinstance(value, list):
        yield from (((*path, index), each) for index, each in enumerate(value))
        return
    for name, each in value.items():
        yield path, name
        yield (*path, name), each


def _too_deep(place: str) -> str:
    return (
        f"{place[:200]}: objects and lists lie more than {MOST_LEVELS} levels deep in each other."
        " Send a flatter document."
    )


def _refuse_constant(name: str) -> NoReturn:
    _refuse(f"The body is not JSON: {name} is no number there. Leave it out, or send null.")


def _refuse(sentence: str) -> NoReturn:
    raise HTTPException(HTTPStatus.BAD_REQUEST, sentence)
