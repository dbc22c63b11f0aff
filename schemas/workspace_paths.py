"""Paths of directories inside a workspace."""

from __future__ import annotations

from schemas.problems import shown


class WorkspacePathError(ValueError):
    """A path would leave its workspace; the message is a sentence for a person."""


def relative_path(text: str) -> str:
    """Return a workspace path without a leading slash, empty or single-dot parts.

    The root of the workspace is the empty path. A leading slash is read as the root of the
    workspace, since the examples of seed 001 write it although its text says "relative".

    Raises
    ------
    WorkspacePathError
        When a part is ``..``, which could lead out of the workspace.
    """
    parts = [part for part in text.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise WorkspacePathError(
            f"{shown(text)} must stay inside the workspace: the part '..' is not allowed."
        )
    return "/".join(parts)
