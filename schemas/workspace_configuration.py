"""Where a workspace keeps its files (seed 001, "Workspaces")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self, TypeAlias, assert_never

from schemas.validation import Document, JsonObject, validate


@dataclass(frozen=True, slots=True)
class NfsBroker:
    """Files on a Network File System.

    Parameters
    ----------
    mount
        The host and the absolute path on it, as ``host:/path``.
    """

    mount: str


@dataclass(frozen=True, slots=True)
class HostBroker:
    """Files in a directory that every machine sees at the same path.

    Parameters
    ----------
    host_path
        The absolute path.
    """

    host_path: str


Broker: TypeAlias = NfsBroker | HostBroker


@dataclass(frozen=True, slots=True)
class WorkspaceConfiguration:
    """A workspace configuration, checked.

    Parameters
    ----------
    broker
        How the files are reached.
    """

    broker: Broker

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read a workspace configuration.

        Raises
        ------
        DocumentError
            For a wrong shape.
        """
        _, document = validate(Document.WORKSPACE, value)
        broker: JsonObject = document["broker"]
        if broker["type"] == "nfs":
            return cls(NfsBroker(broker["mount"]))
        return cls(HostBroker(broker["host_path"]))

    def to_json(self) -> JsonObject:
        """Return the document in version 1.0."""
        return {"version": "1.0", "broker": _broker_json(self.broker)}


def _broker_json(broker: Broker) -> JsonObject:
    match broker:
        case NfsBroker():
            return {"type": "nfs", "mount": broker.mount}
        case HostBroker():
            return {"type": "host", "host_path": broker.host_path}
        case _:
            assert_never(broker)
