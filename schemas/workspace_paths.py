"""Paths of directories inside a workspace."""

from __future__ import annotations

import unicodedata
from typing import Final

from schemas.problems import shown

_LONGEST_PART: Final = 255  # bytes; what file systems take


class WorkspacePathError(ValueError):
    """A path would leave its workspace; the message is a sentence for a person."""


def relative_path(text: str) -> str:
    """Return a workspace path without a leading slash, empty or single-dot parts.

    The root of the workspace is the empty path. A leading slash is read as the root of the
    workspace, since the examples of seed 001 write it although its text says "relative".

    Raises
    ------
    WorkspacePathError
        When a part is ``..``, which could lead out of the workspace, or cannot be the name of a
        directory: it holds control characters, or is longer than 255 bytes.
    """
    parts = [part for part in text.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise WorkspacePathError(
            f"{shown(text)} must stay inside the workspace: the part '..' is not allowed."
        )
    if any(unicodedata.category(character) == "Cc" for character in text):
        raise WorkspacePathError(
            f"{shown(text)} holds control characters, which break command lines and logs."
        )
    longest = max((len(part.encode("utf-8", "surrogatepass")) for part in parts), default=0)
    if longest > _LONGEST_PART:
        raise WorkspacePathError(
            f"{shown(text)} has a part of {longest} bytes; the name of a directory has"
            f" {_LONGEST_PART} at most."
        )
    return "/".join(parts)
