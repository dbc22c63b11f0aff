"""Files of a workspace on a Network File System (seed 001, Workspaces)."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from catalog.brokers.directory import DirectoryBroker

MOUNTS_VARIABLE: Final = "AIRSCALE_MOUNTS"


@dataclass(frozen=True, slots=True)
class NfsBroker(DirectoryBroker):
    """Files on an export ``host:/path``, under the directory where this node has it mounted."""

    mount: str

    @classmethod
    def of(cls, mount: str) -> Self:
        """Return the broker of an export, as this node has it."""
        return cls(local_path(mount), mount)

    def where(self, file_path: str) -> str:
        """Return the path of a file on this node, and the export."""
        return f"{self.path(file_path)} (on {self.mount})"


def local_path(mount: str) -> Path:
    """Return where this host has an export ``host:/path``.

    ``AIRSCALE_MOUNTS``, a JSON object of export to local directory, says so; an export that is
    not listed is taken to be mounted under its own path.
    """
    mounts: dict[str, str] = json.loads(os.environ.get(MOUNTS_VARIABLE) or "{}")
    listed = mounts.get(mount)
    return Path(listed if listed is not None else mount.split(":", 1)[-1])
