"""Forms as bodies: what stands in them are texts, which OpenAPI says how to read.

Source: Django REST framework, which took forms and JSON alike for the original of the dialect.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import parse_qs

from fastapi.routing import APIRoute
from starlette.types import Scope

JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"
_TRUE: Final = frozenset({"true", "t", "1"})
_FALSE: Final = frozenset({"false", "f", "0"})


def is_form(content_type: str, body: bytes) -> bool:
    """Say whether a body is a form; curl calls everything one, JSON too."""
    media_type = content_type.partition(";")[0].strip().lower()
    return media_type == FORM and not body.lstrip().startswith((b"{", b"["))


def form_document(body: bytes, scope: Scope) -> dict[str, Any]:
    """Return the JSON object that a form stands for, for the operation of a request.

    A text that cannot be what it should be stays a text, so that the operation refuses it.
    """
    description = scope["app"].openapi()
    properties = dict(
        _properties(_schema(description, scope["route"], scope["method"]), description)
    )
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    return {
        name: _value(texts, properties.get(name, {}), description) for name, texts in fields.items()
    }


def _schema(description: Mapping[str, Any], route: APIRoute, method: str) -> Mapping[str, Any]:
    path = f"{route.path.rstrip('/')}/"
    content = description["paths"][path][method.lower()]["requestBody"]["content"]
    schema: Mapping[str, Any] = content[JSON]["schema"]
    return schema


def _properties(schema: Any, whole: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for each in _parts(schema, whole):
        yield from each.get("properties", {}).items()


def _parts(schema: Any, whole: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield a schema and those that it refers to, each of which may hold."""
    yield schema
    if "$ref" in schema:
        found: Any = whole
        for name in schema["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        yield from _parts(found, whole)
    for each in schema.get("anyOf", ()):
        yield from _parts(each, whole)


def _value(texts: list[str], schema: Any, whole: Mapping[str, Any]) -> Any:
    kinds = _kinds(schema, whole)
    if "array" in kinds and (len(texts) > 1 or "string" not in kinds):
        items = [each["items"] for each in _parts(schema, whole) if "items" in each]
        inside = set().union(*(_kinds(each, whole) for each in items))
        return [_read(each, inside) for each in texts]
    return _read(texts[-1], kinds)


def _kinds(schema: Any, whole: Mapping[str, Any]) -> set[str]:
    """Return the types of JSON that a schema allows; none where it does not say."""
    kinds: set[str] = set()
    for each in _parts(schema, whole):
        named = each.get("type", ())
        kinds.update([named] if isinstance(named, str) else named)
    return kinds


def _read(text: str, kinds: set[str]) -> Any:
    if not kinds or "string" in kinds:
        return text
    if "boolean" in kinds and text.lower() in _TRUE | _FALSE:
        return text.lower() in _TRUE
    try:
        return json.loads(text)
    except ValueError:
        return text
