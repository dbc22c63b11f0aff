"""What is ingested once, beside what Strike processes watch; beyond the seed, in its style."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from schemas.patterns import match_start, pattern_fault
from schemas.problems import Problem, refuse
from schemas.validation import Document, JsonObject, validate
from schemas.workspace_paths import WorkspacePathError, relative_path


@dataclass(frozen=True, slots=True)
class ScanConfiguration:
    """A scan configuration, checked.

    Parameters
    ----------
    workspace_name
        The workspace that has the files, or is to have them.
    workspace_path
        The directory inside the workspace, relative; empty for all of it.
    directory
        The absolute path of the directory to copy from; None where the files stand already.
    filename_regex
        A valid RE2 expression, matched from the start of the name; None means any name.
    data_types
        The data types to tag the files with.
    """

    workspace_name: str
    workspace_path: str = ""
    directory: str | None = None
    filename_regex: str | None = None
    data_types: tuple[str, ...] = ()

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read a scan configuration.

        Raises
        ------
        DocumentError
            For a wrong shape, an expression that RE2 refuses, or a path that leaves its workspace.
        """
        _, document = validate(Document.SCAN, value)
        refuse(Document.SCAN.label, _problems(document))
        return cls(
            workspace_name=document["workspace_name"],
            workspace_path=relative_path(document.get("workspace_path", "")),
            directory=document.get("directory"),
            filename_regex=document.get("filename_regex"),
            data_types=tuple(document.get("data_types", ())),
        )

    def to_json(self) -> JsonObject:
        """Return the document in version 1.0."""
        value: JsonObject = {
            "version": "1.0",
            "workspace_name": self.workspace_name,
            "workspace_path": self.workspace_path,
            "data_types": list(self.data_types),
        }
        if self.directory is not None:
            value["directory"] = self.directory
        if self.filename_regex is not None:
            value["filename_regex"] = self.filename_regex
        return value

    def takes(self, file_name: str) -> bool:
        """Say whether a file of this name is to be ingested."""
        return (
            self.filename_regex is None or match_start(self.filename_regex, file_name) is not None
        )


def _problems(document: JsonObject) -> Iterator[Problem]:
    fault = pattern_fault(document.get("filename_regex", ""))
    if fault is not None:
        yield Problem("$.filename_regex", fault)
    try:
        relative_path(document.get("workspace_path", ""))
    except WorkspacePathError as error:
        yield Problem("$.workspace_path", str(error))
