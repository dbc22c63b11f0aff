"""The memory that a pod uses, as the cluster's metrics say while it runs (``metrics.k8s.io``).

They say how much CPU is used at a moment, and not how much was: that stays unknown. Where a cluster
has no metrics, or does not let us read them, nothing is known.
"""

import asyncio
import logging
import re
from collections.abc import Mapping
from typing import Any, Final

import aiohttp
from kubernetes_asyncio.client import ApiException, CustomObjectsApi

from catalog.records.execution import Used
from dag_factory.runtimes.kubernetes_cluster import Api
from dag_factory.runtimes.kubernetes_pod import CONTAINER
from dag_factory.runtimes.runtime import Invocation
from dag_factory.runtimes.seen_use import note_use

_MIB: Final = 1024 * 1024
_QUANTITY: Final = re.compile(r"(?P<number>\d+)(?P<unit>Ki|Mi|Gi|k|M|G|)")
_UNITS: Final = {"": 1, "k": 1000, "M": 1000**2, "G": 1000**3,
                 "Ki": 1024, "Mi": 1024**2, "Gi": 1024**3}  # fmt: skip
_log = logging.getLogger(__name__)


async def note_pod_use(api: Api, invocation: Invocation) -> None:
    """Note what a pod uses now; without it the job goes on as well."""
    try:
        said = await CustomObjectsApi(api.core.api_client).get_namespaced_custom_object(
            "metrics.k8s.io", "v1beta1", api.namespace, "pods", invocation.name
        )
        seen = use_in(said)
        if seen is not None:
            await asyncio.to_thread(note_use, invocation.work.root, seen)
    except (ApiException, aiohttp.ClientError, OSError) as error:
        _log.debug("What %s uses is not known: %s", invocation.name, error)


def use_in(said: Mapping[str, Any]) -> Used | None:
    """Return what the metrics of a pod say; None if they say nothing of the job's container."""
    for each in said.get("containers", ()):
        match = _QUANTITY.fullmatch(str(each.get("usage", {}).get("memory", "")))
        if each.get("name") == CONTAINER and match is not None:
            return Used(mem=int(match["number"]) * _UNITS[match["unit"]] / _MIB)
    return None
