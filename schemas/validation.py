"""The kinds of documents, their JSON Schemas, and the check of a document's shape."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any, TypeAlias

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend
from referencing.jsonschema import DRAFT202012, SchemaRegistry, SchemaResource

from schemas.patterns import compiled, well_formed
from schemas.problems import DocumentError, Problem, json_path, shown
from schemas.sentences import shape_problems

JsonObject: TypeAlias = dict[str, Any]

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_MOST_LEVELS = 100
_ONLY_IN_TRIGGER_1_1 = frozenset({"inputs", "group_by", "timeout"})
_ONLY_IN_STRIKE_1_1 = frozenset({"recursive", "stability_seconds", "namesakes", "checksum"})


class Document(StrEnum):
    """The kinds of documents; the value begins the name of the schema file."""

    JOB_INTERFACE = "job-interface"
    JOB_DATA = "job-data"
    RECIPE_DEFINITION = "recipe-definition"
    RECIPE_DATA = "recipe-data"
    RESULTS_MANIFEST = "results-manifest"
    ERROR_INTERFACE = "error-interface"
    STRIKE = "strike"
    INGEST_TRIGGER = "ingest-trigger"
    PARSE_TRIGGER = "parse-trigger"
    CLOCK_TRIGGER = "clock-trigger"
    WORKSPACE = "workspace"
    SCAN = "scan"
    CONFIGURATION = "configuration"
    HYSDS_JOB_SPEC = "hysds-job-spec"
    HYSDS_IO = "hysds-io"

    @property
    def label(self) -> str:
        """The name of the kind in a sentence, such as ``job interface``."""
        match self:
            case Document.STRIKE:
                return "Strike configuration"
            case Document.WORKSPACE:
                return "workspace configuration"
            case Document.HYSDS_JOB_SPEC | Document.HYSDS_IO:
                return self.value.replace("-", " ").replace("hysds", "HySDS")
            case Document.SCAN:
                return "scan configuration"
            case _:
                return self.value.replace("-", " ")

    @property
    def versions(self) -> tuple[str, ...]:
        """The known versions, the latest last."""
        match self:
            case (
                Document.RESULTS_MANIFEST
                | Document.STRIKE
                | Document.INGEST_TRIGGER
                | Document.PARSE_TRIGGER
                | Document.CLOCK_TRIGGER
            ):
                return ("1.0", "1.1")
            case _:
                return ("1.0",)


def validate(document: Document, value: object) -> tuple[str, JsonObject]:
    """Check the shape of a document against the JSON Schema of its version.

    Parameters
    ----------
    document
        The kind of the document.
    value
        The document, as the `json` module reads it.

    Returns
    -------
    tuple
        The version of the document, and the document itself, now known to be an object.

    Raises
    ------
    DocumentError
        With every problem of the shape, in the order of the places; also with text and
        numbers that the database cannot store.
    """
    if not isinstance(value, dict):
        problem = Problem("$", f"expected an object, found {shown(value)}.")
        raise DocumentError(document.label, [problem])
    version = _version(document, value)
    problems = [
        *_unstorable(value),
        *shape_problems(_validator(document, version).iter_errors(value)),
    ]
    if problems:
        raise DocumentError(document.label, problems)
    return version, value


def is_storable(value: object) -> bool:
    """Say whether the database can keep a value that no schema describes.

    It cannot keep NUL, half of a surrogate pair, NaN and infinity; and objects and lists that lie
    more than 100 levels deep in each other are not kept, for writing them is a recursion.
    """
    return not _is_deep(value) and not any(_unstorable({"value": value}))


@cache
def schema(document: Document, version: str) -> JsonObject:
    """Return the JSON Schema (draft 2020-12) of a kind of document in one of its versions."""
    file = resources.files("schemas").joinpath("documents", f"{document}-{version}.json")
    loaded: JsonObject = json.loads(file.read_text(encoding="utf-8"))
    return loaded


def _version(document: Document, value: JsonObject) -> str:
    """Return the version a document says or, where it says none, the one it is taken for."""
    version = value.get("version", _default_version(document, value))
    if isinstance(version, str) and version in document.versions:
        return version
    known = ", ".join(shown(known) for known in document.versions)
    sentence = f"{shown(version)} is not a known version; known: {known} (text, in quotes)."
    raise DocumentError(document.label, [Problem("$.version", sentence)])


def _default_version(document: Document, value: JsonObject) -> str:
    """Return the latest version, or 1.0 where only 1.0 knows the document's shape."""
    match document:
        case Document.RESULTS_MANIFEST if "files" in value:
            return "1.0"
        case Document.INGEST_TRIGGER | Document.PARSE_TRIGGER:
            return "1.1" if value.keys() & _ONLY_IN_TRIGGER_1_1 else "1.0"
        case Document.CLOCK_TRIGGER:
            return "1.1" if "data" in value else "1.0"
        case Document.STRIKE:
            return "1.1" if value.keys() & _ONLY_IN_STRIKE_1_1 else "1.0"
        case _:
            return document.versions[-1]


@cache
def _validator(document: Document, version: str) -> Any:
    validator = extend(Draft202012Validator, {"pattern": _pattern})  # type: ignore[no-untyped-call]  # stubs leave it untyped
    return validator(schema(document, version), registry=_registry())


@cache
def _registry() -> SchemaRegistry:
    """Return every schema by its $id, for the references between them."""
    registry: SchemaRegistry = SchemaRegistry()
    resources_ = [
        _resource(document, known) for document in Document for known in document.versions
    ]
    return resources_ @ registry


def _resource(document: Document, version: str) -> SchemaResource:
    return DRAFT202012.create_resource(schema(document, version))


def _pattern(
    _validator: object, pattern: str, instance: object, _schema: object
) -> Iterator[ValidationError]:
    """Check the keyword with RE2, where $ is the end of the text and never a line's end."""
    if isinstance(instance, str) and not compiled(pattern).search(well_formed(instance)):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _unstorable(value: object) -> Iterator[Problem]:
    """Yield what PostgreSQL refuses: NUL and lone surrogates in text, NaN and infinity."""
    stack: list[tuple[tuple[str | int, ...], object]] = [((), value)]
    while stack:
        path, found = stack.pop()
        if isinstance(found, dict):
            stack.extend(((*path, key), part) for key, part in reversed(found.items()))
            yield from (_bad_text(path, key) for key in found if _UNSTORABLE.search(key))
        elif isinstance(found, list):
            stack.extend(((*path, index), found[index]) for index in reversed(range(len(found))))
        elif isinstance(found, str) and _UNSTORABLE.search(found):
            yield _bad_text(path, found)
        elif isinstance(found, float) and not math.isfinite(found):
            yield Problem(json_path(*path), f"{shown(found)} is not a number that JSON knows.")


def _is_deep(value: object) -> bool:
    level = [value]
    for _ in range(_MOST_LEVELS):
        level = [part for each in level for part in _parts(each)]
        if not level:
            return False
    return True


def _parts(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _bad_text(path: tuple[str | int, ...], text: str) -> Problem:
    return Problem(
        json_path(*path),
        f"{shown(text)} has a character that cannot be stored (NUL or half of a surrogate pair).",
    )
