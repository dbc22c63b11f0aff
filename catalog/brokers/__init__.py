"""Brokers: how a workspace stores files (seed 001, Workspaces).

``host`` is a directory that every node sees at the same path, ``nfs`` an export and this node's
mount of it, ``s3`` a bucket. The catalogue asks for a broker by the configuration of a workspace
and knows nothing of what is behind it.
"""

from pathlib import Path
from typing import Any, assert_never

from catalog.brokers.broker import Broker, Listed, Sizes, StoredFile
from catalog.brokers.directory import DirectoryBroker, digest_of
from catalog.brokers.nfs import MOUNTS_VARIABLE, NfsBroker, local_path
from schemas import workspace_configuration as documents
from schemas.workspace_configuration import WorkspaceConfiguration

__all__ = [
    "MOUNTS_VARIABLE",
    "Broker",
    "DirectoryBroker",
    "Listed",
    "NfsBroker",
    "Sizes",
    "StoredFile",
    "broker_of",
    "digest_of",
    "local_path",
]


def broker_of(json_config: dict[str, Any]) -> Broker:
    """Return the broker that a workspace configuration describes; nothing is reached for yet."""
    broker = WorkspaceConfiguration.parse(json_config).broker
    match broker:
        case documents.HostBroker():
            return DirectoryBroker(Path(broker.host_path))
        case documents.NfsBroker():
            return NfsBroker.of(broker.mount)
        case documents.S3Broker():
            from catalog.brokers.s3 import S3Broker  # noqa: PLC0415 - takes half a second

            return S3Broker(broker.bucket, broker.prefix, broker.connection)
        case _:
            assert_never(broker)
