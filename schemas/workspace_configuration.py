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


@dataclass(frozen=True, slots=True)
class S3Broker:
    """Files in a bucket of S3, or of anything that speaks its protocol.

    Parameters
    ----------
    bucket
        The name of the bucket, which exists.
    prefix
        What every key begins with, without slashes around it; empty for none.
    connection
        The id of the Airflow connection that has endpoint and credentials; None for those of the
        environment.
    """

    bucket: str
    prefix: str = ""
    connection: str | None = None


Broker: TypeAlias = NfsBroker | HostBroker | S3Broker


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
        match broker["type"]:
            case "nfs":
                return cls(NfsBroker(broker["mount"]))
            case "s3":
                prefix = broker.get("prefix", "").strip("/")
                return cls(S3Broker(broker["bucket"], prefix, broker.get("connection")))
            case _:
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
        case S3Broker():
            value = {"type": "s3", "bucket": broker.bucket}
            if broker.prefix:
                value["prefix"] = broker.prefix
            if broker.connection is not None:
                value["connection"] = broker.connection
            return value
        case _:
            assert_never(broker)
