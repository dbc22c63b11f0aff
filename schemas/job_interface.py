"""The interface of a job: inputs, outputs and command line (seed 001, "Job Interface")."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from schemas.command_arguments import JOB_OUTPUT_DIR, has_unclosed_placeholder, placeholders
from schemas.problems import Problem, duplicates, json_path, refuse, shown
from schemas.validation import Document, JsonObject, validate


class InputType(StrEnum):
    """What an input takes."""

    PROPERTY = "property"
    FILE = "file"
    FILES = "files"


class Start(StrEnum):
    """Where Airflow starts a job."""

    TRIGGERER = "triggerer"
    WORKER = "worker"


class OutputType(StrEnum):
    """What an output produces."""

    FILE = "file"
    FILES = "files"


@dataclass(frozen=True, slots=True)
class JobInput:
    """One input of a job or of a recipe.

    Parameters
    ----------
    name
        Unique among the inputs, outputs and shared resources of its document.
    type
        Whether the input is a text, one file or a list of files.
    required
        Whether a value must be given.
    media_types
        The media types that are accepted; empty means every type.
    """

    name: str
    type: InputType
    required: bool = True
    media_types: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, value: JsonObject) -> Self:
        """Return the input of a document whose shape has been checked."""
        return cls(
            name=value["name"],
            type=InputType(value["type"]),
            required=value.get("required", True),
            media_types=tuple(value.get("media_types", ())),
        )

    def to_json(self) -> JsonObject:
        """Return the input as it stands in a document."""
        value: JsonObject = {"name": self.name, "type": self.type.value, "required": self.required}
        if self.type is not InputType.PROPERTY:
            value["media_types"] = list(self.media_types)
        return value


@dataclass(frozen=True, slots=True)
class JobOutput:
    """One output of a job.

    Parameters
    ----------
    name
        Unique among the inputs, outputs and shared resources of its document.
    type
        Whether the output is one file or a list of files.
    required
        Whether every successful run produces it.
    media_type
        The media type of what is produced; None means by the file's extension.
    """

    name: str
    type: OutputType
    required: bool = True
    media_type: str | None = None

    @classmethod
    def from_json(cls, value: JsonObject) -> Self:
        """Return the output of a document whose shape has been checked."""
        return cls(
            name=value["name"],
            type=OutputType(value["type"]),
            required=value.get("required", True),
            media_type=value.get("media_type") or None,
        )

    def to_json(self) -> JsonObject:
        """Return the output as it stands in a document."""
        value: JsonObject = {"name": self.name, "type": self.type.value, "required": self.required}
        if self.media_type is not None:
            value["media_type"] = self.media_type
        return value


@dataclass(frozen=True, slots=True)
class SharedResource:
    """A resource that the system provides to a job.

    Parameters
    ----------
    name
        Unique among the inputs, outputs and shared resources of its document.
    type
        The kind of the resource; an installation gives the kinds their meaning.
    required
        Whether the job needs it.
    """

    name: str
    type: str
    required: bool = True

    @classmethod
    def from_json(cls, value: JsonObject) -> Self:
        """Return the resource of a document whose shape has been checked."""
        return cls(value["name"], value["type"], value.get("required", True))

    def to_json(self) -> JsonObject:
        """Return the resource as it stands in a document."""
        return {"name": self.name, "type": self.type, "required": self.required}


@dataclass(frozen=True, slots=True)
class JobInterface:
    """A job interface, checked.

    Parameters
    ----------
    command
        The command without its arguments; nothing is substituted in it.
    command_arguments
        The arguments; see `schemas.command_arguments.placeholders`.
    inputs, outputs, shared_resources
        In document order.
    start
        Where Airflow starts the jobs; None for the deployment's choice.
    gpus_required
        How many GPUs a job has to itself.
    """

    command: str
    command_arguments: str
    inputs: tuple[JobInput, ...] = ()
    outputs: tuple[JobOutput, ...] = ()
    shared_resources: tuple[SharedResource, ...] = ()
    start: Start | None = None
    gpus_required: int = 0

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read a job interface.

        Raises
        ------
        DocumentError
            For a wrong shape, a name used twice, or a placeholder that names nothing.
        """
        _, document = validate(Document.JOB_INTERFACE, value)
        interface = cls(
            command=document["command"],
            command_arguments=document["command_arguments"],
            inputs=tuple(map(JobInput.from_json, document.get("input_data", ()))),
            outputs=tuple(map(JobOutput.from_json, document.get("output_data", ()))),
            shared_resources=tuple(
                map(SharedResource.from_json, document.get("shared_resources", ()))
            ),
            start=Start(document["start"]) if "start" in document else None,
            gpus_required=document.get("gpus_required", 0),
        )
        refuse(
            Document.JOB_INTERFACE.label,
            [*_name_problems(interface), *_argument_problems(interface)],
        )
        return interface

    def to_json(self) -> JsonObject:
        """Return the document in version 1.0 with every field that has a default."""
        start = {} if self.start is None else {"start": self.start.value}
        gpus = {"gpus_required": self.gpus_required} if self.gpus_required else {}
        return {
            "version": "1.0",
            **start,
            **gpus,
            "command": self.command,
            "command_arguments": self.command_arguments,
            "input_data": [each.to_json() for each in self.inputs],
            "output_data": [each.to_json() for each in self.outputs],
            "shared_resources": [each.to_json() for each in self.shared_resources],
        }


def _name_problems(interface: JobInterface) -> Iterator[Problem]:
    sections = {
        "input_data": [each.name for each in interface.inputs],
        "output_data": [each.name for each in interface.outputs],
        "shared_resources": [each.name for each in interface.shared_resources],
    }
    places = [
        (json_path(section, index, "name"), name)
        for section, names in sections.items()
        for index, name in enumerate(names)
    ]
    yield from duplicates(
        places, "Every input, output and shared resource needs a name of its own."
    )
    for path, name in places:
        if name == JOB_OUTPUT_DIR and not path.startswith("$.output_data"):
            yield Problem(
                path, 'the name "job_output_dir" stands for the output directory: use another.'
            )


def _argument_problems(interface: JobInterface) -> Iterator[Problem]:
    path = "$.command_arguments"
    known = [each.name for each in interface.inputs]
    known += [each.name for each in interface.shared_resources]
    known.append(JOB_OUTPUT_DIR)
    unknown = (each for each in placeholders(interface.command_arguments) if each.name not in known)
    for each in unknown:
        text = interface.command_arguments[each.start : each.end]
        yield Problem(
            path,
            f"{shown(text)} names no input and no shared resource;"
            f" use one of {', '.join(shown(name) for name in known)}.",
        )
    if has_unclosed_placeholder(interface.command_arguments):
        yield Problem(path, 'a "${" is never closed: end the placeholder with "}".')
