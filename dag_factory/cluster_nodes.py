"""The nodes of a Kubernetes cluster as nodes of the catalogue."""

import asyncio
import logging
from collections.abc import Iterable
from typing import Final

from catalog.records.execution import NodeResources, Resources
from dag_factory.failures import JobFailure
from dag_factory.runtimes.choice import ContainerEngine, container_engine

CLUSTER: Final = "kubernetes"
"""The node of jobs that wait for the cluster; theirs, when it has chosen, is the cluster's own."""
_ANSWER_SECONDS: Final = 5.0
_log = logging.getLogger(__name__)


async def cluster_nodes() -> dict[str, NodeResources]:
    """Return what the nodes of this deployment's cluster have; nothing where it has none.

    `CLUSTER` has what no pod has requested on any of them. A cluster that does not answer is only
    logged: it stops no job.
    """
    if container_engine() is not ContainerEngine.KUBERNETES:
        return {}
    # Its client is large, and only these deployments need it.
    from dag_factory.runtimes.kubernetes_nodes import resources_of_nodes  # noqa: PLC0415

    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            nodes = await resources_of_nodes()
    except (JobFailure, TimeoutError) as failure:
        _log.warning("What the nodes of the cluster have is not known: %r", failure)
        return {}
    return {**nodes, CLUSTER: _left(nodes.values())}


def _left(nodes: Iterable[NodeResources]) -> NodeResources:
    cpus = mem = disk = 0.0
    for each in nodes:
        cpus += max(0.0, each.total.cpus - each.used.cpus)
        mem += max(0.0, each.total.mem - each.used.mem)
        disk += max(0.0, each.total.disk - each.used.disk)
    return NodeResources(Resources(cpus, mem, disk), Resources(0.0, 0.0, 0.0))
