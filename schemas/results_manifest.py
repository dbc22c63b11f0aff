"""What a run produced and learned about its inputs (seed 001, "Results Manifest")."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from schemas.problems import Problem, duplicates, json_path, refuse
from schemas.times import TimeError, format_time, parse_time
from schemas.validation import Document, JsonObject, is_storable, validate
from schemas.workspace_paths import WorkspacePathError, relative_path

_FREE = ("info", "errors")
_TIMES = ("data_started", "data_ended")


@dataclass(frozen=True, slots=True)
class GeoMetadata:
    """When and where the data of a file was collected; None where it is not known.

    Parameters
    ----------
    data_started, data_ended
        UTC.
    geo_json
        A GeoJSON object in two or three dimensions; only its ``type`` has been checked.
    """

    data_started: datetime | None = None
    data_ended: datetime | None = None
    geo_json: JsonObject | None = None

    @classmethod
    def from_json(cls, value: JsonObject) -> Self:
        """Return the metadata of a document that has been checked."""
        return cls(
            data_started=_time(value.get("data_started")),
            data_ended=_time(value.get("data_ended")),
            geo_json=value.get("geo_json"),
        )

    def to_json(self) -> JsonObject:
        """Return the fields that are known."""
        value = {
            "data_started": self.data_started and format_time(self.data_started),
            "data_ended": self.data_ended and format_time(self.data_ended),
            "geo_json": self.geo_json,
        }
        return {name: known for name, known in value.items() if known is not None}


@dataclass(frozen=True, slots=True)
class OutputFile:
    """One produced file.

    Parameters
    ----------
    path
        Its path on the machine that ran the algorithm; not yet checked to be in the output
        directory.
    geo_metadata
        When and where its data was collected.
    """

    path: str
    geo_metadata: GeoMetadata = GeoMetadata()

    @classmethod
    def from_json(cls, value: JsonObject) -> Self:
        """Return the file of a document that has been checked."""
        return cls(value["path"], GeoMetadata.from_json(value.get("geo_metadata") or {}))

    def to_json(self) -> JsonObject:
        """Return the file as it stands in a document."""
        return {"path": self.path} | _geo_json(self.geo_metadata)


@dataclass(frozen=True, slots=True)
class ManifestOutput:
    """The files of one output.

    Parameters
    ----------
    name
        The output of the job interface; unique in the manifest.
    files
        One file, or any number in a list.
    is_list
        Whether the manifest gives a list (``files``) rather than one file (``file``).
    """

    name: str
    files: tuple[OutputFile, ...]
    is_list: bool

    @classmethod
    def from_json(cls, value: JsonObject) -> Self:
        """Return the output of a version 1.1 document that has been checked."""
        is_list = "files" in value
        files = value["files"] if is_list else [value["file"]]
        return cls(value["name"], tuple(map(OutputFile.from_json, files)), is_list)

    def to_json(self) -> JsonObject:
        """Return the output as it stands in a document."""
        files = [each.to_json() for each in self.files]
        if self.is_list:
            return {"name": self.name, "files": files}
        return {"name": self.name, "file": files[0]}


@dataclass(frozen=True, slots=True)
class ParseResult:
    """What was learned about one source file.

    Parameters
    ----------
    filename
        The name of the source file.
    new_workspace_path
        The directory to move it to, relative to its workspace; None leaves it where it is.
    data_types
        The data types to tag it with.
    geo_metadata
        When and where its data was collected.
    gis_data_path
        The path of a GeoJSON file about it, on the machine that ran the algorithm.
    """

    filename: str
    new_workspace_path: str | None = None
    data_types: tuple[str, ...] = ()
    geo_metadata: GeoMetadata = GeoMetadata()
    gis_data_path: str | None = None

    @classmethod
    def from_json(cls, value: JsonObject) -> Self:
        """Return the result of a document that has been checked.

        Dates are read from ``geo_metadata`` and from the entry itself, since the structure and
        the text of seed 001 differ; ``geo_metadata`` wins.
        """
        inner = {k: v for k, v in (value.get("geo_metadata") or {}).items() if v is not None}
        outer = {name: value.get(name) for name in _TIMES}
        path = value.get("new_workspace_path")
        return cls(
            filename=value["filename"],
            new_workspace_path=None if path is None else relative_path(path),
            data_types=tuple(value.get("data_types", ())),
            geo_metadata=GeoMetadata.from_json(outer | inner),
            gis_data_path=value.get("gis_data_path"),
        )

    def to_json(self) -> JsonObject:
        """Return the result as it stands in a document of version 1.1."""
        value: JsonObject = {"filename": self.filename, "data_types": list(self.data_types)}
        if self.new_workspace_path is not None:
            value["new_workspace_path"] = self.new_workspace_path
        if self.gis_data_path is not None:
            value["gis_data_path"] = self.gis_data_path
        return value | _geo_json(self.geo_metadata)


@dataclass(frozen=True, slots=True)
class ResultsManifest:
    """A results manifest, checked; version 1.0 is converted to 1.1.

    Parameters
    ----------
    outputs, parse_results
        In document order.
    info, errors
        Whatever the algorithm says there, for people to read; nothing of it is acted on.
    """

    outputs: tuple[ManifestOutput, ...] = ()
    parse_results: tuple[ParseResult, ...] = ()
    info: Any = None
    errors: Any = field(default_factory=list)

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read a results manifest; ``info`` and ``errors`` may hold anything.

        What of those two the database cannot keep is left out.

        Raises
        ------
        DocumentError
            For a wrong shape, an output given twice, a time without a zone, or a path that
            leaves its workspace.
        """
        free: JsonObject = {}
        if isinstance(value, dict):
            free = {
                name: value[name] for name in _FREE if name in value and is_storable(value[name])
            }
            value = {name: part for name, part in value.items() if name not in _FREE}
        version, document = validate(Document.RESULTS_MANIFEST, value)
        outputs_field = "files" if version == "1.0" else "output_data"
        refuse(Document.RESULTS_MANIFEST.label, _problems(document, outputs_field))
        outputs: list[JsonObject] = document.get(outputs_field, [])
        if version == "1.0":
            outputs = list(map(_output_1_1, outputs))
        return cls(
            outputs=tuple(map(ManifestOutput.from_json, outputs)),
            parse_results=tuple(map(ParseResult.from_json, document.get("parse_results", ()))),
            **free,
        )

    def to_json(self) -> JsonObject:
        """Return the document in version 1.1; it has ``info`` only where it is known."""
        document: JsonObject = {
            "version": "1.1",
            "output_data": [each.to_json() for each in self.outputs],
            "parse_results": [each.to_json() for each in self.parse_results],
            "errors": self.errors,
        }
        return document if self.info is None else {**document, "info": self.info}


def _output_1_1(output: JsonObject) -> JsonObject:
    if "path" in output:
        return {"name": output["name"], "file": {"path": output["path"]}}
    return {"name": output["name"], "files": [{"path": path} for path in output["paths"]]}


def _time(text: str | None) -> datetime | None:
    return None if text is None else parse_time(text)


def _geo_json(geo_metadata: GeoMetadata) -> JsonObject:
    value = geo_metadata.to_json()
    return {"geo_metadata": value} if value else {}


def _problems(document: JsonObject, outputs_field: str) -> Iterator[Problem]:
    outputs: list[JsonObject] = document.get(outputs_field, [])
    names = (
        (json_path(outputs_field, index, "name"), each["name"])
        for index, each in enumerate(outputs)
    )
    yield from duplicates(names, "Every output is given once; give its files as a list.")
    for index, output in enumerate(outputs):
        path = json_path(outputs_field, index)
        if "file" in output:
            yield from _geo_problems(f"{path}.file", output["file"])
        for number, file in enumerate(output.get("files", ())):
            yield from _geo_problems(f"{path}.files[{number}]", file)
    for index, result in enumerate(document.get("parse_results", ())):
        path = json_path("parse_results", index)
        yield from _time_problems(path, result)
        yield from _geo_problems(path, result)
        yield from _move_problems(path, result)


def _geo_problems(path: str, value: JsonObject) -> Iterator[Problem]:
    yield from _time_problems(f"{path}.geo_metadata", value.get("geo_metadata") or {})


def _time_problems(path: str, value: JsonObject) -> Iterator[Problem]:
    for name in _TIMES:
        try:
            _time(value.get(name))
        except TimeError as error:
            yield Problem(f"{path}.{name}", str(error))


def _move_problems(path: str, result: JsonObject) -> Iterator[Problem]:
    try:
        relative_path(result.get("new_workspace_path") or "")
    except WorkspacePathError as error:
        yield Problem(f"{path}.new_workspace_path", str(error))
