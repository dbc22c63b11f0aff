"""What the nodes of a cluster have for jobs, and what pods are promised of it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from http import HTTPStatus
from typing import Any, Final

from kubernetes.utils.quantity import parse_quantity
from kubernetes_asyncio.client import ApiException

from catalog.records.execution import NodeResources, Resources
from dag_factory.runtimes.kubernetes_cluster import Api, Cluster

_MIB: Final = 2**20
_ALIVE: Final = "status.phase!=Succeeded,status.phase!=Failed"


async def resources_of_nodes() -> dict[str, NodeResources]:
    """Return what each node of the cluster that is ready has for pods, by its name.

    CPUs, memory and disk in MiB: what is allocatable, and what pods on it have requested.

    Raises
    ------
    JobFailure
        Raised as ``kubernetes`` if the cluster does not answer, or refuses.
    """
    async with Cluster().api() as api:
        nodes = (await api.core.list_node()).items
        requested = _requested(await _pods(api))
    return {
        each.metadata.name: NodeResources(
            _resources(each.status.allocatable), requested[each.metadata.name]
        )
        for each in nodes
        if _is_ready(each)
    }


async def _pods(api: Api) -> list[Any]:
    """Return the pods that have not ended: of the whole cluster, where we may see them."""
    try:
        listed = await api.core.list_pod_for_all_namespaces(field_selector=_ALIVE)
    except ApiException as error:
        if error.status != HTTPStatus.FORBIDDEN:
            raise
        listed = await api.core.list_namespaced_pod(api.namespace, field_selector=_ALIVE)
    return list(listed.items)


def _requested(pods: Iterable[Any]) -> defaultdict[str, Resources]:
    sums: defaultdict[str, Resources] = defaultdict(lambda: Resources(0.0, 0.0, 0.0))
    for pod in pods:
        for container in pod.spec.containers if pod.spec.node_name else ():
            wanted = _resources((container.resources and container.resources.requests) or {})
            sums[pod.spec.node_name] = _sum(sums[pod.spec.node_name], wanted)
    return sums


def _resources(quantities: Mapping[str, str]) -> Resources:
    def amount(name: str) -> Decimal:
        return parse_quantity(quantities.get(name, "0"))  # type: ignore[no-any-return]  # untyped

    return Resources(
        cpus=float(amount("cpu")),
        mem=float(amount("memory") / _MIB),
        disk=float(amount("ephemeral-storage") / _MIB),
    )


def _sum(one: Resources, other: Resources) -> Resources:
    return Resources(one.cpus + other.cpus, one.mem + other.mem, one.disk + other.disk)


def _is_ready(node: Any) -> bool:
    return any(
        each.type == "Ready" and each.status == "True" for each in node.status.conditions or ()
    )
