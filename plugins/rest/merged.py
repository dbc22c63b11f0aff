"""Parameters as the dialects take them: from query, form and JSON body, on every verb.

Clients in the field put them anywhere: in the query of a POST with a JSON content type and no
body, in the form of a GET. A body wins over the query. A body is read as what it is, not as what
its content type says: an empty one is none.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl

from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from catalog.errors import InvalidError
from plugins.rest.bodies import parsed_json, refuse_unstorable

_TRUE: Final = frozenset({"true", "t", "1", "yes"})
_FALSE: Final = frozenset({"false", "f", "0", "no"})


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters of one request, by name."""

    values: Mapping[str, Any]

    def value(self, *names: str) -> Any:
        """Return the first value that is given under one of these names; None for none."""
        return next((self.values[each] for each in names if _is_given(self.values.get(each))), None)

    def required(self, *names: str) -> Any:
        """Return a value, or raise `InvalidError` if it is not given."""
        found = self.value(*names)
        if found is None:
            raise InvalidError(f"The parameter {names[0]!r} is required and was not given.")
        return found

    def text(self, *names: str) -> str | None:
        """Return a text, or raise `InvalidError` if it is something else."""
        found = self.value(*names)
        if found is None:
            return None
        if isinstance(found, dict | list) or "\0" in str(found):
            raise InvalidError(f"The parameter {names[0]!r} is not a text. Give one without NUL.")
        return found if isinstance(found, str) else json.dumps(found)

    def required_text(self, *names: str) -> str:
        """Return a text, or raise `InvalidError` if it is not given or something else."""
        self.required(*names)
        return self.text(*names) or ""

    def integer(self, *names: str, least: int = 0, most: int = 2**31 - 1) -> int | None:
        """Return a whole number, or raise `InvalidError` if it is none or out of bounds."""
        found = self.value(*names)
        if found is None:
            return None
        try:
            number = int(str(found))
        except ValueError as error:
            raise InvalidError(
                f"The parameter {names[0]!r} is {found!r}. Give a whole number."
            ) from error
        if not least <= number <= most:
            raise InvalidError(
                f"The parameter {names[0]!r} is {number}. Give a number from {least} to {most}."
            )
        return number

    def truth(self, *names: str, default: bool) -> bool:
        """Return a truth in any of the spellings in use, or raise `InvalidError`."""
        found = self.value(*names)
        text = str(found).lower()
        if found is None:
            return default
        if text not in _TRUE | _FALSE:
            raise InvalidError(f"The parameter {names[0]!r} is {found!r}. Give true or false.")
        return text in _TRUE

    def json(self, *names: str) -> Any:
        """Return a value that may be given as JSON or as a text that holds JSON."""
        found = self.value(*names)
        if not isinstance(found, str):
            return found
        try:
            return parsed_json(found)
        except ValueError as error:
            raise InvalidError(f"The parameter {names[0]!r} is not JSON ({error}).") from error


def _is_given(value: Any) -> bool:
    return value is not None and value != ""


async def merged_parameters(request: Request) -> Parameters:
    """Return the parameters of a request.

    Raises
    ------
    InvalidError
        Raised if the body says it is JSON and is not, or is JSON and not an object.
    HTTPException
        Raised with 400 if a value cannot be kept.
    """
    values = await _values(request)
    refuse_unstorable(values)
    return Parameters(values)


async def _values(request: Request) -> dict[str, Any]:
    values: dict[str, Any] = dict(request.query_params)
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type == "multipart/form-data":
        async with request.form() as form:
            values |= {
                name: (await each.read()).decode("utf-8", "replace")
                if isinstance(each, UploadFile)
                else each
                for name, each in form.multi_items()
            }
        return values
    body = (await request.body()).strip()
    if body:
        values |= _of_body(body, content_type)
    return values


def _of_body(body: bytes, content_type: str) -> dict[str, Any]:
    text = body.decode("utf-8", "replace")
    if not text.startswith(("{", "[")) and "json" not in content_type:
        return dict(parse_qsl(text, keep_blank_values=True))
    try:
        document = parsed_json(text)
    except ValueError as error:
        raise InvalidError(f"The body is not JSON ({error}). Send a JSON object.") from error
    if not isinstance(document, dict):
        raise InvalidError("The body is not a JSON object. Send one.")
    return document


ParametersDep = Annotated[Parameters, Depends(merged_parameters)]


def documented(names: Mapping[str, str], required: Iterable[str] = ()) -> dict[str, Any]:
    """Return what OpenAPI says of an operation that takes `ParametersDep`.

    Parameters
    ----------
    names
        Parameter to its description.
    required
        Those that have to be given.
    """
    needed = set(required)
    properties = {
        name: {"type": "string", "description": description} for name, description in names.items()
    }
    return {
        "parameters": [
            {
                "name": name,
                "in": "query",
                "required": False,  # it may stand in the body as well
                "description": description + (" Required." if name in needed else ""),
                "schema": {"type": "string"},
            }
            for name, description in names.items()
        ],
        "x-parameters": {"required": sorted(needed), "properties": properties},
    }
