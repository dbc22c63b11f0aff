"""What the bodies of requests are, for the OpenAPI description of the dialect.

Bodies are read by the services, with the JSON Schemas of `schemas` and sentences of their own for
what is wrong. A type marked with `described` stands for a schema of this module, which
`describe_bodies` puts in its place; with it come the examples of ``examples.json``.
"""

import json
import re
from collections.abc import Callable, Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import FastAPI
from pydantic import WithJsonSchema

from schemas.configuration import fields_of
from schemas.validation import Document, schema

JsonSchema = dict[str, Any]

_MARK: Final = "x-described-by"
_COMPONENTS: Final = "#/components/schemas/"
_ENTRIES: Final = f"{_COMPONENTS}configuration-1.0/$defs"
_EXAMPLES: Final = Path(__file__).with_name("examples.json")
_NOT_SHOWN: Final = frozenset({"$schema", "$id", "x-expected"})
_REFERENCE: Final = re.compile(r"(?:urn:airscale:(?P<document>[^#]+))?(?:#(?P<place>.*))?")
_ALTERNATIVES: Final = (
    Document.CLOCK_TRIGGER,
    Document.INGEST_TRIGGER,
    Document.PARSE_TRIGGER,
    Document.STRIKE,
)
_DOCUMENTS: Final = (
    *_ALTERNATIVES,
    Document.CONFIGURATION,
    Document.ERROR_INTERFACE,
    Document.JOB_DATA,
    Document.JOB_INTERFACE,
    Document.RECIPE_DATA,
    Document.RECIPE_DEFINITION,
    Document.RESULTS_MANIFEST,
    Document.SCAN,
    Document.WORKSPACE,
)
_OPTIONAL_TEXT: Final = {"type": ["string", "null"]}
_TRUTH: Final = {"type": "boolean"}
_NODE: Final[Mapping[str, Any]] = {
    "hostname": {"type": "string", "minLength": 1},
    "port": {"type": "integer", "minimum": 0, "maximum": 65535},
    "pause_reason": _OPTIONAL_TEXT,
    "is_paused": _TRUTH,
    "is_active": _TRUTH,
}


def described(name: str) -> WithJsonSchema:
    """Return the mark of a type that the schema of this name describes."""
    return WithJsonSchema({"type": "object", _MARK: name})


StrikeDocument = Annotated[dict[str, Any], described(Document.STRIKE)]
ScanDocument = Annotated[dict[str, Any], described("scan-1.0")]
WorkspaceDocument = Annotated[dict[str, Any], described("workspace-1.0")]
JobDataDocument = Annotated[dict[str, Any], described("job-data-1.0")]
RecipeDataDocument = Annotated[dict[str, Any], described("recipe-data-1.0")]
ConfigurationDocument = Annotated[dict[str, Any], described("configuration-1.0")]
NewError = Annotated[dict[str, Any], described("new-error")]
ErrorChanges = Annotated[dict[str, Any], described("error-changes")]
NewJobType = Annotated[dict[str, Any], described("new-job-type")]
JobTypeChanges = Annotated[dict[str, Any], described("job-type-changes")]
NewRecipeType = Annotated[dict[str, Any], described("new-recipe-type")]
RecipeTypeChanges = Annotated[dict[str, Any], described("recipe-type-changes")]
NodeReplacement = Annotated[dict[str, Any], described("node-replacement")]
NodeChanges = Annotated[dict[str, Any], described("node-changes")]
SchedulerChanges = Annotated[dict[str, Any], described("scheduler-changes")]
JobChanges = Annotated[dict[str, Any], described("job-changes")]


def describe_bodies(app: FastAPI) -> None:
    """Put schemas and examples of bodies into an app's description."""
    app.openapi = _with_bodies(app.openapi)  # type: ignore[method-assign]  # FastAPI's documented way


def _with_bodies(describe: Callable[[], JsonSchema]) -> Callable[[], JsonSchema]:
    @cache
    def with_bodies() -> JsonSchema:
        description: JsonSchema = _without_marks(describe())
        description["components"]["schemas"] |= _components()
        examples = json.loads(_EXAMPLES.read_text(encoding="utf-8"))
        for path, operations in description["paths"].items():
            for method, operation in operations.items():
                for content in operation.get("requestBody", {}).get("content", {}).values():
                    content["example"] = examples[f"{method.upper()} {path}"]
        return description

    return with_bodies


def _without_marks(value: Any) -> Any:
    """Return a description with references where marks were."""
    if isinstance(value, list):
        return [_without_marks(each) for each in value]
    if not isinstance(value, dict):
        return value
    if _MARK in value:
        kept = {name: each for name, each in value.items() if name == "description"}
        return {"$ref": f"{_COMPONENTS}{value[_MARK]}", **kept}
    return {name: _without_marks(each) for name, each in value.items()}


def _components() -> JsonSchema:
    components = {
        f"{document}-{version}": _inside(schema(document, version), f"{document}-{version}")
        for document in _DOCUMENTS
        for version in document.versions
    }
    for document in _ALTERNATIVES:
        components[document.value] = {
            "anyOf": [_reference(f"{document}-{each}") for each in reversed(document.versions)]
        }
    rule = components["configuration-1.0"]["$defs"]["trigger_rule"]["properties"]
    rule["configuration"] = {
        "anyOf": [_reference(f"{each}-trigger") for each in ("ingest", "parse", "clock")]
    }
    return components | _bodies()


def _inside(value: Any, name: str) -> Any:
    """Return a schema as it stands in a description, where all of them are in one document."""
    if isinstance(value, list):
        return [_inside(each, name) for each in value]
    if not isinstance(value, dict):
        return value
    moved = {key: _inside(each, name) for key, each in value.items() if key not in _NOT_SHOWN}
    if isinstance(value.get("$ref"), str):
        found = _REFERENCE.fullmatch(value["$ref"])
        assert found is not None  # noqa: S101 - every part of the pattern is optional
        moved["$ref"] = f"{_COMPONENTS}{found['document'] or name}{found['place'] or ''}"
    return moved


def _reference(name: str) -> JsonSchema:
    return {"$ref": f"{_COMPONENTS}{name}"}


def _bodies() -> JsonSchema:
    is_active = {"is_active": {**_TRUTH, "description": "False archives it, true brings it back."}}
    return {
        "new-error": _entry("error", ("name", "title", "description", "category")),
        "error-changes": _entry("error", leave_out={"name"}),
        "new-job-type": {"$ref": f"{_ENTRIES}/job_type"},
        "job-type-changes": _entry("job_type", leave_out={"name", "version"}, more=is_active),
        "new-recipe-type": _entry("recipe_type", ("name", "version", "definition")),
        "recipe-type-changes": _entry("recipe_type", leave_out={"name", "version"}, more=is_active),
        "node-replacement": _closed(_NODE, ("hostname", "port")),
        "node-changes": _closed(_NODE),
        "scheduler-changes": _closed({"is_paused": _TRUTH, "pause_reason": _OPTIONAL_TEXT}),
        "job-changes": _closed({"status": {"const": "CANCELED"}}, ("status",)),
    }


def _entry(
    kind: str,
    required: Collection[str] = (),
    *,
    leave_out: Collection[str] = (),
    more: Mapping[str, Any] | None = None,
) -> JsonSchema:
    """Return the schema of an entry of a configuration; further fields are ignored."""
    names = sorted(fields_of(kind, is_read_only=False) - set(leave_out))
    properties = {name: {"$ref": f"{_ENTRIES}/{kind}/properties/{name}"} for name in names}
    return {
        "type": "object",
        "required": list(required),
        "properties": {**properties, **(more or {})},
    }


def _closed(properties: Mapping[str, Any], required: Collection[str] = ()) -> JsonSchema:
    """Return the schema of an object that has some of these fields and no others."""
    return {
        "type": "object",
        "minProperties": 1,
        "required": list(required),
        "properties": dict(properties),
        "additionalProperties": False,
    }
