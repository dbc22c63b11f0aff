"""What the Scale dialect answers, as JSON Schemas made from a table of fields.

``tests/rest/contract/responses.json`` is the table, after the field tables and examples of seed
001. ``choices`` are closed sets; a shape is an object that has its fields and no others; an
operation has the status and body of its success.

- ``"+field"`` is beyond the seed; ``"field?"`` may be left out; ``"..."`` takes over other shapes.
- A type is a name, ``[type]``, or several with ``|`` between; ``object`` is any JSON object.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_TABLE: Final = json.loads(
    (Path(__file__).parents[1] / "rest" / "contract" / "responses.json").read_text(encoding="utf-8")
)
BYTES: Final = "bytes"
_PAGE: Final = "page of "
_SCALARS: Final[Mapping[str, dict[str, Any]]] = {
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "string": {"type": "string"},
    "boolean": {"type": "boolean"},
    "object": {"type": "object"},
    "null": {"type": "null"},
    "time": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"},
    "date": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"},
    "url": {"type": "string", "pattern": r"^http://airscale\.test/scale/api/"},
}


@dataclass(frozen=True, slots=True)
class Expected:
    """The success of an operation; `schema` is None where the body is bytes or text."""

    status: int
    schema: Mapping[str, Any] | None
    is_page: bool


def expected() -> dict[str, Expected]:
    """Return what each operation answers, by method and path."""
    return {
        operation: Expected(
            answer["status"], _document(answer["body"]), answer["body"].startswith(_PAGE)
        )
        for operation, answer in _TABLE["operations"].items()
    }


def lists() -> list[str]:
    """Return the paths of all lists; ids in them are ``{id}``."""
    return [
        operation.removeprefix("GET ")
        for operation, answer in expected().items()
        if answer.is_page and operation.startswith("GET ")
    ]


def fields_beyond_the_seed() -> set[str]:
    """Return ``shape.field`` of every field that the seed does not have."""
    return {
        f"{name}.{field.strip('+?')}"
        for name, fields in _TABLE["shapes"].items()
        for field in fields
        if field.startswith("+")
    }


def _document(body: str) -> dict[str, Any] | None:
    if body == BYTES:
        return None
    schema = _page(body.removeprefix(_PAGE)) if body.startswith(_PAGE) else _type(body)
    definitions = {name: _object(name) for name in _TABLE["shapes"]}
    choices = {name: {"enum": values} for name, values in _TABLE["choices"].items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "$defs": {**definitions, **choices},
    }


def _page(shape: str) -> dict[str, Any]:
    return _closed(
        {
            "count": _type("integer"),
            "next": _type("url | null"),
            "previous": _type("url | null"),
            "results": _type(f"[{shape}]"),
        }
    )


def _object(shape: str) -> dict[str, Any]:
    fields = _fields(shape)
    schema = _closed({name.rstrip("?"): _type(kind) for name, kind in fields.items()})
    schema["required"] = [name for name in fields if not name.endswith("?")]
    return schema


def _fields(shape: str) -> dict[str, str]:
    own = dict(_TABLE["shapes"][shape])
    fields: dict[str, str] = {}
    for parent in own.pop("...", ()):
        fields |= _fields(parent)
    return fields | {name.removeprefix("+"): kind for name, kind in own.items()}


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _type(text: str) -> dict[str, Any]:
    alternatives = text.split(" | ")
    if len(alternatives) > 1:
        return {"anyOf": [_type(each) for each in alternatives]}
    if text.startswith("["):
        return {"type": "array", "items": _type(text[1:-1])}
    return dict(_SCALARS.get(text) or {"$ref": f"#/$defs/{text}"})
