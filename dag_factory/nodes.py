"""Which node a job would run on: this host, that of a Docker engine elsewhere, or a cluster."""

import asyncio
import logging
import os
import socket
from typing import Final
from urllib.parse import urlsplit

from catalog.records.execution import NodeResources, Resources, Standing
from dag_factory.cluster_nodes import CLUSTER
from dag_factory.failures import JobFailure
from dag_factory.runtimes.choice import ContainerEngine, container_engine
from dag_factory.runtimes.docker_engine import HOST_VARIABLE, engine

_ANSWER_SECONDS: Final = 5.0
_MIB: Final = 2**20
_LOCAL: Final = frozenset({"localhost", "::1"})
_log = logging.getLogger(__name__)


def node_of(standing: Standing) -> str:
    """Return the hostname of the node a job would run on."""
    if standing.uses_docker and container_engine() is ContainerEngine.KUBERNETES:
        return CLUSTER
    return (standing.uses_docker and remote_engine()) or socket.gethostname()


def remote_engine() -> str | None:
    """Return the host of the Docker engine; None if it is this one."""
    host = urlsplit(os.environ.get(HOST_VARIABLE, "")).hostname
    if not host or host in _LOCAL or host.startswith("127.") or host == socket.gethostname():
        return None
    return host


async def remote_engines(slots: int | None) -> dict[str, NodeResources]:
    """Return what the host of an engine elsewhere has; what it uses the engine does not tell."""
    host = remote_engine()
    if host is None:
        return {}
    try:
        async with asyncio.timeout(_ANSWER_SECONDS), engine() as docker:
            info = await docker.system.info()
    except (JobFailure, TimeoutError) as error:
        _log.warning("What the Docker engine on %s has is not known: %s", host, error)
        return {}
    total = Resources(float(info["NCPU"]), info["MemTotal"] / _MIB, 0.0)
    return {host: NodeResources(total, Resources(0.0, 0.0, 0.0), slots)}
