"""The nodes of a Kubernetes cluster as nodes of the catalogue."""

import logging

from catalog.records.execution import NodeResources
from dag_factory.failures import JobFailure
from dag_factory.runtimes.choice import ContainerEngine, container_engine

_log = logging.getLogger(__name__)


async def cluster_nodes() -> dict[str, NodeResources]:
    """Return what the nodes of this deployment's cluster have; nothing where it has none.

    A cluster that does not answer is only logged: it stops no job.
    """
    if container_engine() is not ContainerEngine.KUBERNETES:
        return {}
    # Its client is large, and only these deployments need it.
    from dag_factory.runtimes.kubernetes_nodes import resources_of_nodes  # noqa: PLC0415

    try:
        return await resources_of_nodes()
    except JobFailure as failure:
        _log.warning("What the nodes of the cluster have is not known: %s", failure)
        return {}
