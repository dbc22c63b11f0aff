"""What a Strike process watches and how it stores what arrives (seed 001, "Strike")."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from schemas.patterns import match_start, pattern_fault
from schemas.problems import Problem, json_path, refuse
from schemas.validation import Document, JsonObject, validate
from schemas.workspace_paths import WorkspacePathError, relative_path


class Namesakes(StrEnum):
    """What happens to a file whose name its workspace has already, with other content.

    The same name with the same content is a duplicate in any case.
    """

    KEEP_BOTH = "keep_both"
    SKIP = "skip"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True)
class StrikeRule:
    """What to do with the files whose names match.

    Parameters
    ----------
    filename_regex
        A valid RE2 expression, matched from the start of the name.
    data_types
        The data types to tag the file with.
    workspace_path
        The directory inside the workspace, relative; YYYY/MM/DD is appended to it.
    workspace_name
        The workspace that stores the file.
    """

    filename_regex: str
    data_types: tuple[str, ...]
    workspace_path: str
    workspace_name: str

    @classmethod
    def from_json(cls, value: JsonObject) -> Self:
        """Return the rule of a document that has been checked."""
        return cls(
            filename_regex=value["filename_regex"],
            data_types=tuple(value.get("data_types", ())),
            workspace_path=relative_path(value["workspace_path"]),
            workspace_name=value["workspace_name"],
        )

    def to_json(self) -> JsonObject:
        """Return the rule as it stands in a document."""
        return {
            "filename_regex": self.filename_regex,
            "data_types": list(self.data_types),
            "workspace_path": self.workspace_path,
            "workspace_name": self.workspace_name,
        }


@dataclass(frozen=True, slots=True)
class StrikeConfiguration:
    """A Strike configuration, checked.

    Parameters
    ----------
    mount
        The watched directory, as ``host:/path``.
    transfer_suffix
        The end of the name of a file that is still being copied.
    rules
        At least one, in the order in which they are tried.
    is_recursive
        Whether files in directories below are ingested, too.
    stability_seconds
        How long a file must stay the same before it is taken; None leaves it to the process.
    namesakes
        What happens to a file whose name its workspace has already.
    has_checksums
        Whether the content of a file, too, says which generation it is, and copies are read back.
    """

    mount: str
    transfer_suffix: str
    rules: tuple[StrikeRule, ...]
    is_recursive: bool = False
    stability_seconds: float | None = None
    namesakes: Namesakes = Namesakes.KEEP_BOTH
    has_checksums: bool = False

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read a Strike configuration.

        Raises
        ------
        DocumentError
            For a wrong shape, an expression that RE2 refuses, or a path that leaves its workspace.
        """
        _, document = validate(Document.STRIKE, value)
        entries: list[JsonObject] = document["files_to_ingest"]
        refuse(Document.STRIKE.label, _rule_problems(entries))
        return cls(
            mount=document["mount"],
            transfer_suffix=document["transfer_suffix"],
            rules=tuple(map(StrikeRule.from_json, entries)),
            is_recursive=document.get("recursive", False),
            stability_seconds=document.get("stability_seconds"),
            namesakes=Namesakes(document.get("namesakes", Namesakes.KEEP_BOTH)),
            has_checksums=document.get("checksum", False),
        )

    def to_json(self) -> JsonObject:
        """Return the document in version 1.0 or, where only 1.1 can say it, in that."""
        own: JsonObject = {}
        if self.is_recursive:
            own["recursive"] = True
        if self.stability_seconds is not None:
            own["stability_seconds"] = self.stability_seconds
        if self.namesakes is not Namesakes.KEEP_BOTH:
            own["namesakes"] = self.namesakes.value
        if self.has_checksums:
            own["checksum"] = True
        return {
            "version": "1.1" if own else "1.0",
            "mount": self.mount,
            "transfer_suffix": self.transfer_suffix,
            "files_to_ingest": [rule.to_json() for rule in self.rules],
            **own,
        }

    def match(self, file_name: str) -> StrikeRule | None:
        """Return the first rule whose expression matches from the start of a name, or None."""
        for rule in self.rules:
            if match_start(rule.filename_regex, file_name) is not None:
                return rule
        return None

    def is_transferring(self, name: str) -> bool:
        """Say whether a file of this name is still being copied."""
        return name.endswith(self.transfer_suffix)

    def final_name(self, name: str) -> str:
        """Return the name a file has once it is copied: without the suffix at its end.

        A name that is nothing but the suffix stays, since a file cannot have an empty name.
        """
        directory, slash, last = name.rpartition("/")
        return directory + slash + (last.removesuffix(self.transfer_suffix) or last)


def _rule_problems(entries: list[JsonObject]) -> Iterator[Problem]:
    for index, entry in enumerate(entries):
        fault = pattern_fault(entry["filename_regex"])
        if fault is not None:
            yield Problem(json_path("files_to_ingest", index, "filename_regex"), fault)
        try:
            relative_path(entry["workspace_path"])
        except WorkspacePathError as error:
            yield Problem(json_path("files_to_ingest", index, "workspace_path"), str(error))
