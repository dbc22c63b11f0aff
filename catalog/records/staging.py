"""What is put into the work directory of a job before its command starts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class StagedUrl:
    """Something that is fetched; `path` is where it goes, relative to where the command starts."""

    url: str
    path: str


@dataclass(frozen=True, slots=True)
class GitSource:
    """A repository that is cloned; without `commit_ref` its own default branch."""

    url: str
    commit_ref: str | None = None


@dataclass(frozen=True, slots=True)
class Staging:
    """Everything that is put into a work directory.

    Parameters
    ----------
    files
        Path, relative to where the command starts, to a JSON document that is written there.
    urls
        What is fetched.
    source
        What is cloned; the command finds it at ``JOB_SOURCE_DIR``.
    """

    files: Mapping[str, Any]
    urls: tuple[StagedUrl, ...] = ()
    source: GitSource | None = None

    @classmethod
    def of(cls, document: Mapping[str, Any] | None) -> Self:
        """Read what `to_json` gave; None is nothing at all."""
        given = document or {}
        source = given.get("source")
        return cls(
            files=given.get("files", {}),
            urls=tuple(StagedUrl(each["url"], each["path"]) for each in given.get("urls", ())),
            source=None if source is None else GitSource(source["url"], source["commit_ref"]),
        )

    def to_json(self) -> dict[str, Any] | None:
        """Return it as it is kept in the catalogue; None for nothing."""
        document: dict[str, Any] = {}
        if self.files:
            document["files"] = dict(self.files)
        if self.urls:
            document["urls"] = [{"url": each.url, "path": each.path} for each in self.urls]
        if self.source is not None:
            document["source"] = {"url": self.source.url, "commit_ref": self.source.commit_ref}
        return document or None


NOTHING = Staging({})
