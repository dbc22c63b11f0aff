"""The files that job and recipe documents name, and interfaces merged with them.

Source: seed 001, Job Details (inputs, outputs).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from schemas.job_interface import InputType, OutputType

FileT = TypeVar("FileT")


@dataclass(frozen=True, slots=True)
class MergedValue:
    """An input or output of an interface with its value.

    Parameters
    ----------
    value
        A text, a file, a list of files, or None when nothing was given or made.
    """

    name: str
    type: str
    value: Any


def file_ids_of(document: Mapping[str, Any], section: str) -> set[int]:
    """Return the ids of all files named in a section of a document."""
    return {file_id for each in document.get(section, ()) for file_id in _file_ids(each)}


def merged(
    interface: Mapping[str, Any],
    document: Mapping[str, Any],
    section: str,
    files: Mapping[int, FileT],
) -> Iterator[MergedValue]:
    """Yield the inputs or outputs of an interface with the values of a document.

    Parameters
    ----------
    interface
        Job Interface document.
    document
        Job Data or Job Results document.
    section
        ``input_data`` or ``output_data``, the same in both.
    files
        The files the document names, by id.
    """
    given = {each["name"]: each for each in document.get(section, ())}
    for declared in interface.get(section, ()):
        value = _value(declared["type"], given.get(declared["name"], {}), files)
        yield MergedValue(declared["name"], declared["type"], value)


def _value(kind: str, given: Mapping[str, Any], files: Mapping[int, FileT]) -> Any:
    if kind == InputType.PROPERTY:
        return given.get("value")
    found = [files[file_id] for file_id in _file_ids(given) if file_id in files]
    if kind == OutputType.FILES:
        return found or None
    return found[0] if found else None


def _file_ids(given: Mapping[str, Any]) -> list[int]:
    if "file_id" in given:
        return [given["file_id"]]
    return list(given.get("file_ids", ()))
