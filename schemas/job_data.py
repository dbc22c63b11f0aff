"""The data of a job: what its inputs are given and where its outputs go (seed 001, "Job Data")."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Self, TypeAlias, assert_never

from schemas.job_interface import InputType, JobInput, JobInterface
from schemas.problems import Problem, duplicates, json_path, refuse, shown
from schemas.validation import Document, JsonObject, validate


@dataclass(frozen=True, slots=True)
class PropertyValue:
    """The text of a property input."""

    value: str


@dataclass(frozen=True, slots=True)
class FilesValue:
    """The files of an input.

    Parameters
    ----------
    file_ids
        The ids of the files, at least one.
    is_list
        Whether a list was given (``file_ids``) rather than one file (``file_id``).
    """

    file_ids: tuple[int, ...]
    is_list: bool


InputValue: TypeAlias = PropertyValue | FilesValue


@dataclass(frozen=True, slots=True)
class JobData:
    """Job data, checked by itself; `check_job_data` checks it against an interface.

    Parameters
    ----------
    inputs
        The values by the name of their input, in document order.
    output_workspaces
        The ids of the workspaces by the name of their output, in document order.
    """

    inputs: Mapping[str, InputValue]
    output_workspaces: Mapping[str, int]

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read job data.

        Raises
        ------
        DocumentError
            For a wrong shape or a name used twice.
        """
        _, document = validate(Document.JOB_DATA, value)
        outputs = document.get("output_data", [])
        places = [*_places(document, "input_data"), *_places(document, "output_data")]
        rule = "Every input and output is given once."
        refuse(Document.JOB_DATA.label, duplicates(places, rule))
        return cls(
            inputs=input_values(document),
            output_workspaces={each["name"]: int(each["workspace_id"]) for each in outputs},
        )

    def to_json(self) -> JsonObject:
        """Return the document in version 1.0."""
        return {
            "version": "1.0",
            "input_data": input_data_json(self.inputs),
            "output_data": [
                {"name": name, "workspace_id": workspace_id}
                for name, workspace_id in self.output_workspaces.items()
            ],
        }


def check_job_data(interface: JobInterface, data: JobData) -> tuple[Problem, ...]:
    """Return what keeps job data from fitting an interface; media types are not looked at."""
    return (
        *check_inputs(interface.inputs, data.inputs),
        *_output_problems(interface, data),
    )


def input_values(document: JsonObject) -> dict[str, InputValue]:
    """Return the values under ``input_data`` of a document whose shape has been checked."""
    return {each["name"]: _value(each) for each in document.get("input_data", [])}


def input_data_json(inputs: Mapping[str, InputValue]) -> list[JsonObject]:
    """Return values as they stand under ``input_data``."""
    return [{"name": name, **_value_json(value)} for name, value in inputs.items()]


def check_inputs(
    declared: Iterable[JobInput], given: Mapping[str, InputValue]
) -> Iterator[Problem]:
    """Yield a problem for each value that does not fit and each required one that is missing."""
    by_name = {each.name: each for each in declared}
    for index, (name, value) in enumerate(given.items()):
        path = json_path("input_data", index)
        if name not in by_name:
            known = ", ".join(shown(known) for known in by_name) or "none"
            sentence = f"there is no input {shown(name)}; the inputs are: {known}."
            yield Problem(f"{path}.name", sentence)
        elif (needed := _misfit(by_name[name].type, value)) is not None:
            sentence = f"the input {shown(name)} takes {needed}."
            yield Problem(path, sentence)
    for each in by_name.values():
        if each.required and each.name not in given:
            sentence = f"the required input {shown(each.name)} is not given."
            yield Problem("$.input_data", sentence)


def _misfit(type_: InputType, value: InputValue) -> str | None:
    """Return what an input of this type takes, when the value is something else."""
    match type_, value:
        case InputType.PROPERTY, FilesValue():
            return 'a text: give "value"'
        case InputType.FILE, PropertyValue() | FilesValue(is_list=True):
            return 'one file: give "file_id"'
        case InputType.FILES, PropertyValue():
            return 'files: give "file_ids" or "file_id"'
        case _:
            return None


def _output_problems(interface: JobInterface, data: JobData) -> Iterator[Problem]:
    names = [each.name for each in interface.outputs]
    for index, name in enumerate(data.output_workspaces):
        if name not in names:
            known = ", ".join(map(shown, names)) or "none"
            sentence = f"there is no output {shown(name)}; the outputs are: {known}."
            yield Problem(json_path("output_data", index, "name"), sentence)
    for name in names:
        if name not in data.output_workspaces:
            sentence = f"the output {shown(name)} has no workspace."
            yield Problem("$.output_data", sentence)


def _places(document: JsonObject, section: str) -> Iterator[tuple[str, str]]:
    for index, each in enumerate(document.get(section, [])):
        yield json_path(section, index, "name"), each["name"]


def _value(entry: JsonObject) -> InputValue:
    if "value" in entry:
        return PropertyValue(entry["value"])
    if "file_id" in entry:
        return FilesValue((int(entry["file_id"]),), is_list=False)
    return FilesValue(tuple(map(int, entry["file_ids"])), is_list=True)


def _value_json(value: InputValue) -> JsonObject:
    match value:
        case PropertyValue():
            return {"value": value.value}
        case FilesValue(is_list=False):
            return {"file_id": value.file_ids[0]}
        case FilesValue():
            return {"file_ids": list(value.file_ids)}
        case _:
            assert_never(value)
