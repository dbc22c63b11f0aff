"""What is done with the pod of an execution in a cluster; each can be repeated.

Called in a block of `dag_factory.runtimes.kubernetes_cluster.Cluster.api`, which translates what
the API server refuses.
"""

import asyncio
import os
from collections.abc import AsyncGenerator
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import aiohttp
from kubernetes_asyncio.client import ApiException, V1DeleteOptions
from kubernetes_asyncio.watch import Watch

from dag_factory.failures import JobFailure
from dag_factory.runtimes.kubernetes_cluster import ANSWER_SECONDS, Api
from dag_factory.runtimes.kubernetes_pod import (
    TEMPLATE_VARIABLE,
    Owner,
    manifest,
    owner,
)
from dag_factory.runtimes.kubernetes_state import is_running
from dag_factory.runtimes.runtime import Invocation

_GONE_SECONDS: Final = 60.0
_POLL_SECONDS: Final = 0.2
_WATCH_SECONDS: Final = 120
_PENDING_WATCH_SECONDS: Final = 10  # then the pod is asked what keeps it


async def own_pod(api: Api, invocation: Invocation) -> Any | None:
    """Return the pod of an execution, None if there is none or it is another's."""
    pod = await _named(api, invocation.name)
    return pod if pod is not None and _owner(pod, invocation) is Owner.EXECUTION else None


async def usable_pod(api: Api, invocation: Invocation) -> Any | None:
    """Return the pod of an execution, having made its name free.

    Raises
    ------
    JobFailure
        Raised as ``kubernetes`` if another system has a pod of that name.
    """
    pod = await _named(api, invocation.name)
    if pod is None:
        return None
    match _owner(pod, invocation):
        case Owner.EXECUTION:
            return pod
        case Owner.LEFTOVER:
            await delete(api, pod)
            return None
        case Owner.STRANGER:
            raise JobFailure(
                "kubernetes",
                f"Another pod in namespace {api.namespace!r} is called {invocation.name}, and not"
                " from this system. Remove it, or give the two systems different namespaces.",
            )


async def create(api: Api, invocation: Invocation) -> None:
    """Make the pod; one that another process made a moment ago is as good."""
    pod = await asyncio.to_thread(_whole_manifest, invocation)
    try:
        await api.core.create_namespaced_pod(api.namespace, pod)
    except ApiException as error:
        if error.status != HTTPStatus.CONFLICT:
            raise


async def delete(api: Api, pod: Any) -> None:
    """Delete a pod at once, this one and no later one of its name, and wait until it is gone."""
    await request_deletion(api, pod, grace_seconds=0)
    async with asyncio.timeout(_GONE_SECONDS):
        while await _is_there(api, pod):  # noqa: ASYNC110  # polls the API server
            await asyncio.sleep(_POLL_SECONDS)


async def request_deletion(api: Api, pod: Any, grace_seconds: int) -> None:
    """Ask for the end of a pod; its command has so many seconds to tidy up."""
    options = V1DeleteOptions(
        grace_period_seconds=grace_seconds, preconditions={"uid": pod.metadata.uid}
    )
    try:
        await api.core.delete_namespaced_pod(pod.metadata.name, api.namespace, body=options)
    except ApiException as error:
        # Gone already, or its name is another's.
        if error.status not in (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT):
            raise


async def states(api: Api, invocation: Invocation) -> AsyncGenerator[Any, None]:
    """Yield the pod of an execution as it changes, None when it is gone; ends after a while."""
    pod = await own_pod(api, invocation)
    yield pod
    if pod is None:
        return
    seconds = _WATCH_SECONDS if is_running(pod) else _PENDING_WATCH_SECONDS
    watch = Watch()
    stream = watch.stream(
        api.core.list_namespaced_pod,
        api.namespace,
        field_selector=f"metadata.name={invocation.name}",
        resource_version=pod.metadata.resource_version,
        timeout_seconds=seconds,
        _request_timeout=aiohttp.ClientTimeout(total=seconds + ANSWER_SECONDS),
    )
    try:
        async for event in stream:
            yield _pod_of(event)
    except ApiException as error:
        if error.status != HTTPStatus.GONE:  # of the version, not of the pod: it is asked anew
            raise
    finally:
        await watch.close()


async def events_of(api: Api, pod: Any) -> list[Any]:
    """Return what the cluster noted about a pod, oldest first; nothing where that is forbidden."""
    try:
        listed = await api.core.list_namespaced_event(
            api.namespace, field_selector=f"involvedObject.uid={pod.metadata.uid}"
        )
    except ApiException:
        return []
    return list(listed.items)


def _pod_of(event: Any) -> Any | None:
    if not isinstance(event, dict):  # a proxy on the way answered, not the API server
        raise ApiException(HTTPStatus.SERVICE_UNAVAILABLE, reason=str(event)[:500])
    return None if event["type"] == "DELETED" else event["object"]


async def _is_there(api: Api, pod: Any) -> bool:
    there = await _named(api, pod.metadata.name)
    return there is not None and there.metadata.uid == pod.metadata.uid


async def _named(api: Api, name: str) -> Any | None:
    try:
        return await api.core.read_namespaced_pod(name, api.namespace)
    except ApiException as error:
        if error.status == HTTPStatus.NOT_FOUND:
            return None
        raise


def _owner(pod: Any, invocation: Invocation) -> Owner:
    return owner(pod.metadata.annotations or {}, invocation)


def _whole_manifest(invocation: Invocation) -> dict[str, Any]:
    pod = manifest(invocation)
    template = os.environ.get(TEMPLATE_VARIABLE)
    if not template:
        return pod
    from dag_factory.runtimes import kubernetes_provider  # noqa: PLC0415 - imports Airflow

    try:
        return kubernetes_provider.merged(Path(template), pod)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise JobFailure(
            "kubernetes",
            f"The pod template {template} cannot be used ({error}). Correct it, or unset"
            f" {TEMPLATE_VARIABLE}.",
        ) from error
