"""HySDS job specs and their wiring (hysds-io): read, and filled with the values of a submission."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from schemas.problems import Problem, refuse, shown
from schemas.validation import Document, JsonObject, validate

_TRUE = "true"


class Destination(StrEnum):
    """Where the value of a parameter goes."""

    POSITIONAL = "positional"
    LOCALIZE = "localize"
    CONTEXT = "context"


@dataclass(frozen=True, slots=True)
class SpecParameter:
    """A parameter of a job spec."""

    name: str
    destination: Destination


@dataclass(frozen=True, slots=True)
class JobSpec:
    """A job spec, checked; limits in seconds, `disk_usage` in MiB.

    Parameters
    ----------
    id
        ``job-<name>:<version>``.
    container
        The id of the container it runs in, or None.
    queues
        The queues it recommends.
    """

    id: str
    command: str
    params: tuple[SpecParameter, ...]
    container: str | None
    queues: tuple[str, ...]
    soft_time_limit: int | None
    time_limit: int | None
    disk_usage: float

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read a job spec with its id.

        Raises
        ------
        DocumentError
            For a wrong shape, no id, or a parameter that is there twice.
        """
        document = _checked(Document.HYSDS_JOB_SPEC, value)
        names = [each["name"] for each in document["params"]]
        refuse(Document.HYSDS_JOB_SPEC.label, _twice(names))
        queues = ("recommended-queues", "required-queues", "required_queues")
        return cls(
            id=document["id"],
            command=document["command"],
            params=tuple(
                SpecParameter(each["name"], Destination(each["destination"]))
                for each in document["params"]
            ),
            container=document.get("container"),
            queues=tuple(dict.fromkeys(q for key in queues for q in document.get(key, ()))),
            soft_time_limit=document.get("soft_time_limit"),
            time_limit=document.get("time_limit"),
            disk_usage=_mebibytes(document.get("disk_usage", "0KB")),
        )

    @property
    def name(self) -> str:
        """The name without its prefix and version."""
        return self.id.removeprefix("job-").rpartition(":")[0]

    @property
    def version(self) -> str:
        """The version."""
        return self.id.rpartition(":")[2]


@dataclass(frozen=True, slots=True)
class IoParameter:
    """Where the value of a parameter comes from, when the submission does not give it."""

    name: str
    type: str
    is_optional: bool
    default: Any


@dataclass(frozen=True, slots=True)
class HysdsIo:
    """A wiring, checked."""

    id: str
    params: Mapping[str, IoParameter]
    enable_dedup: bool

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read a wiring with its id, or raise `DocumentError`."""
        document = _checked(Document.HYSDS_IO, value)
        refuse(Document.HYSDS_IO.label, _twice([each["name"] for each in document["params"]]))
        params = [_io_parameter(each) for each in document["params"]]
        return cls(
            id=document["id"],
            params={each.name: each for each in params},
            enable_dedup=document.get("enable_dedup", True),
        )


@dataclass(frozen=True, slots=True)
class Filled:
    """A job spec with values: onto the command line, to be fetched, into the context file."""

    positional: Mapping[str, str]
    urls: tuple[str, ...]
    context: Mapping[str, Any]


def fill(spec: JobSpec, io: HysdsIo | None, given: Mapping[str, Any]) -> Filled:
    """Give every parameter of a job spec its value; what the spec does not name is context.

    Raises
    ------
    DocumentError
        Raised if a parameter that is not optional has no value, or what is to be fetched is no
        address.
    """
    label = "submission"
    positional: dict[str, str] = {}
    urls: list[str] = []
    context = {name: value for name, value in given.items() if name not in _names(spec)}
    for each in spec.params:
        wiring = None if io is None else io.params.get(each.name)
        value = given.get(each.name, None if wiring is None else wiring.default)
        if value is None:
            sentence = f"params must specify {each.name!r} parameter."
            refuse(label, [] if wiring and wiring.is_optional else [Problem("$.params", sentence)])
            continue
        match each.destination:
            case Destination.POSITIONAL:
                positional[each.name] = value if isinstance(value, str) else json.dumps(value)
            case Destination.LOCALIZE:
                found = value if isinstance(value, list) else [value]
                wrong = [found_one for found_one in found if not isinstance(found_one, str)]
                problem = Problem(
                    f"$.params.{each.name}", f"expected addresses, found {shown(value)}."
                )
                refuse(label, [problem] if wrong else [])
                urls.extend(found)
            case Destination.CONTEXT:
                context[each.name] = value
    return Filled(positional, tuple(urls), context)


def _names(spec: JobSpec) -> frozenset[str]:
    return frozenset(each.name for each in spec.params)


def _checked(kind: Document, value: object) -> JsonObject:
    """Check the shape; a version of the document is the sender's own affair."""
    if isinstance(value, dict):
        value = {name: part for name, part in value.items() if name != "version"}
    _, document = validate(kind, value)
    missing = [] if "id" in document else [Problem("$.id", "this field is required.")]
    refuse(kind.label, missing)
    return document


def _twice(names: list[str]) -> list[Problem]:
    repeated = sorted({name for name in names if names.count(name) > 1})
    return [
        Problem("$.params", f"the parameter {shown(name)} is there twice.") for name in repeated
    ]


def _io_parameter(entry: JsonObject) -> IoParameter:
    kind = entry.get("type", "text")
    given = entry["value"] if entry["from"] == "value" else entry.get("default")
    default = None if given is None else _converted(kind, given)
    return IoParameter(entry["name"], kind, entry.get("optional", False), default)


def _converted(kind: str, text: Any) -> Any:
    """Return a default as what its type says; what cannot be converted stays a text."""
    if not isinstance(text, str):
        return text
    match kind:
        case "number":
            return _number(text)
        case "boolean":
            return text.lower() == _TRUE
        case "region" | "object":
            try:
                return json.loads(text)
            except ValueError:
                return text
        case _:
            return text


def _number(text: str) -> float | int | str:
    try:
        return int(text) if text.lstrip("+-").isdecimal() else float(text)
    except ValueError:
        return text


def _mebibytes(text: str) -> float:
    units = {"GB": 1024.0, "MB": 1.0, "KB": 1 / 1024}
    return int(text[:-2]) * units[text[-2:]]
