"""JSON files that are sent with a form or as a body of their own."""

from json import JSONDecodeError
from typing import Annotated, Any, Final
from urllib.parse import unquote

from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from catalog.errors import InvalidError
from plugins.rest.bodies import parsed_json

_NAME_HEADER: Final = "X-FILE-NAME"
_NAME_HEADERS: Final = (_NAME_HEADER, "HTTP_X_FILE_NAME")  # the seed writes the second


async def _uploaded_document(http: Request) -> object:
    """Return what the one file of a request holds (seed 001, Import Upload)."""
    names = (http.headers.get(header) for header in _NAME_HEADERS)
    name = next((each for each in names if each is not None), None)
    if http.headers.get("content-type", "").startswith("multipart/form-data"):
        async with http.form() as form:
            files = [each for _, each in form.multi_items() if isinstance(each, UploadFile)]
            if len(files) != 1:
                raise InvalidError(f"The form has {len(files)} files. Send exactly one.")
            return _document(files[0].filename or "", await files[0].read())
    if name is None:
        raise InvalidError(
            "There is no file. Send one as multipart/form-data, or as the body with its name in"
            f" the header {_NAME_HEADER}."
        )
    return _document(unquote(name), await http.body())


UploadDep = Annotated[Any, Depends(_uploaded_document)]
UPLOAD_DOCUMENTATION: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"import": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}
"""What OpenAPI says of a route that takes `UploadDep`."""


def _document(name: str, content: bytes) -> object:
    if not name.lower().endswith(".json"):
        raise InvalidError(f"The file is named {name!r}. Send a file whose name ends in .json.")
    try:
        document: object = parsed_json(content)
    except JSONDecodeError as error:
        raise InvalidError(f"The file {name!r} is not JSON ({error}). Send JSON.") from error
    return document
