"""How the nodes of a cluster see the directories of this host.

``AIRSCALE_KUBERNETES_VOLUMES`` says which volume holds what this host has under a directory, for
workspaces and for the work directories. What it does not list is taken from ``AIRSCALE_MOUNTS``
as NFS; anything else has to be on the nodes under the same path (``hostPath``).
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from catalog.brokers import MOUNTS_VARIABLE
from dag_factory.failures import JobFailure

VOLUMES_VARIABLE: Final = "AIRSCALE_KUBERNETES_VOLUMES"


@dataclass(slots=True)
class Volumes:
    """Collects the volumes of a pod, and how they are mounted.

    Parameters
    ----------
    known
        Directory of this host to the source of the volume that holds it, as in a pod.
    """

    known: Mapping[Path, Mapping[str, Any]]
    _sources: list[Mapping[str, Any]] = field(default_factory=list)
    mounts: list[dict[str, Any]] = field(default_factory=list)

    @property
    def volumes(self) -> list[dict[str, Any]]:
        """The pod's ``volumes``."""
        return [{"name": _name(at), **source} for at, source in enumerate(self._sources)]

    def mount(
        self, source: Path, target: Path, *, read_only: bool = True, is_file: bool = True
    ) -> None:
        """Mount a file or directory of this host in the pod."""
        path = source.absolute()
        mount = {"mountPath": str(target), "readOnly": read_only}
        held = next((each for each in (path, *path.parents) if each in self.known), None)
        if held is not None:
            self._add(self.known[held], {**mount, "subPath": str(path.relative_to(held))})
        elif ":" in str(path):  # which some engines take for the end of a path
            above = next(each for each in path.parents if ":" not in str(each))
            below = {"subPath": str(path.relative_to(above))}
            self._add(_host_path(above, is_file=False), {**mount, **below})
        else:
            self._add(_host_path(path, is_file=is_file), mount)

    def mount_nothing(self, target: Path) -> None:
        """Mount an empty directory, which cannot be written."""
        self._add({"emptyDir": {}}, {"mountPath": str(target), "readOnly": True})

    def _add(self, source: Mapping[str, Any], mount: dict[str, Any]) -> None:
        if source not in self._sources:
            self._sources.append(source)
        if mount.get("subPath") == ".":
            del mount["subPath"]
        self.mounts.append({"name": _name(self._sources.index(source)), **mount})


def _host_path(path: Path, *, is_file: bool) -> Mapping[str, Any]:
    return {"hostPath": {"path": str(path), "type": "File" if is_file else "Directory"}}


def _name(position: int) -> str:
    return f"airscale-{position}"


def configured_volumes() -> Mapping[Path, Mapping[str, Any]]:
    """Return the directories whose volumes are known; what is listed itself wins over NFS mounts.

    Raises
    ------
    JobFailure
        Raised as ``kubernetes`` if a setting cannot be read.
    """
    return {**dict(_nfs_mounts()), **dict(_listed())}


def _listed() -> Iterator[tuple[Path, Mapping[str, Any]]]:
    for directory, source in _object(VOLUMES_VARIABLE).items():
        if not directory.startswith("/") or not isinstance(source, dict) or len(source) != 1:
            raise _unusable(VOLUMES_VARIABLE, f"{directory!r} is not a directory with one volume")
        yield Path(directory), source


def _nfs_mounts() -> Iterator[tuple[Path, Mapping[str, Any]]]:
    for export, directory in _object(MOUNTS_VARIABLE).items():
        server, _, path = export.rpartition(":")
        yield Path(directory), {"nfs": {"server": server.strip("[]"), "path": path}}


def _object(variable: str) -> dict[str, Any]:
    try:
        value = json.loads(os.environ.get(variable) or "{}")
    except ValueError as error:
        raise _unusable(variable, str(error)) from error
    if not isinstance(value, dict):
        raise _unusable(variable, "it is no JSON object")
    return value


def _unusable(variable: str, why: str) -> JobFailure:
    return JobFailure(
        "kubernetes", f"The setting {variable} cannot be used ({why}). Correct it; see its page."
    )
