"""Jobs as Kubernetes pods, over the cluster's API (kubernetes_asyncio): no thread for each wait.

The pod's name carries the execution, so whoever takes an execution over finds it, and the API
server refuses a second one of the same name. Inputs are mounted read-only, the output directory
writable, nothing else is visible.
"""

import asyncio
import logging
import os
from collections.abc import Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from catalog.records.execution import InputFile, Used
from dag_factory.failures import JobFailure
from dag_factory.runtimes.kubernetes_cluster import Api, Cluster, ClusterUnreachableError
from dag_factory.runtimes.kubernetes_followed_log import FollowedLog
from dag_factory.runtimes.kubernetes_operations import (
    create,
    delete,
    events_of,
    own_pod,
    request_deletion,
    states,
    usable_pod,
)
from dag_factory.runtimes.kubernetes_pod import (
    EXECUTION_LABEL,
    GRACE_SECONDS,
    INPUTS,
    OUTPUTS,
    SYSTEM_LABEL,
    safe_name,
    system_of,
)
from dag_factory.runtimes.kubernetes_state import (
    check_begins,
    check_node,
    exit_of,
    found,
    is_running,
    lost,
    why_pending,
)
from dag_factory.runtimes.kubernetes_used import note_pod_use
from dag_factory.runtimes.runtime import Exit, Found, Invocation
from dag_factory.runtimes.seen_use import noted_use
from dag_factory.runtimes.watched_use import watched
from dag_factory.work_directory import WorkDirectory

PENDING_VARIABLE: Final = "AIRSCALE_KUBERNETES_PENDING_SECONDS"
_DEFAULT_PENDING_SECONDS: Final = 600.0
_STARTED: Final = "pod.made"
_RETRY_SECONDS: Final = 2.0
_KILL_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 5.0  # a node kills in time, and may tell of it later
_POLL_SECONDS: Final = 0.2
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KubernetesRuntime:
    """Runs the command of a job in a pod with its job type's image."""

    cluster: Cluster = field(default_factory=Cluster)

    def input_path(self, work: WorkDirectory, input_name: str, file_name: str) -> Path:
        """Return the path of an input file in the pod."""
        return self.input_directory(work, input_name) / safe_name(file_name)

    def input_directory(self, work: WorkDirectory, input_name: str) -> Path:
        """Return the directory of the files of an input in the pod."""
        del work
        return INPUTS / input_name

    def output_directory(self, work: WorkDirectory) -> Path:
        """Return the output directory in the pod."""
        del work
        return OUTPUTS

    def give(self, work: WorkDirectory, files: Mapping[str, Mapping[str, InputFile]]) -> None:
        """Do nothing: files are mounted when the pod is made."""

    async def find(self, invocation: Invocation) -> Found:
        """Say what there is of an execution, by its pod.

        Of one that may have been started, a cluster that does not answer is asked again: to give
        it up would run the job twice.
        """
        while True:
            try:
                return await self._find(invocation)
            except ClusterUnreachableError as error:
                if not await asyncio.to_thread(invocation.work.root.exists) or _is_over(invocation):
                    raise
                _log.warning("%s is looked for again: %s", invocation.name, error)
                await asyncio.sleep(_RETRY_SECONDS)

    async def fetch(self, invocation: Invocation) -> None:
        """Do nothing: the node pulls the image, while its pod waits."""

    async def start(self, invocation: Invocation) -> None:
        """Make the pod, if it is not there."""
        async with self.cluster.api() as api:
            if await usable_pod(api, invocation) is None:
                await create(api, invocation)
        marker = invocation.work.root / _STARTED
        await asyncio.to_thread(marker.write_text, invocation.name, encoding="utf-8")

    async def wait(self, invocation: Invocation) -> Exit:
        """Wait until the command ends; its log is followed into the work directory.

        A cluster that does not answer is asked again: the pod may well go on without us.
        """
        while True:
            try:
                async with (
                    self.cluster.api() as api,
                    aclosing(FollowedLog(api, invocation)) as log,
                    watched(partial(note_pod_use, api, invocation), invocation.plan.started),
                ):
                    end = await _wait(api, invocation, log)
                    if end is not None:
                        return end
            except ClusterUnreachableError as error:
                _log.warning("%s is waited for again: %s", invocation.name, error)
                await asyncio.sleep(_RETRY_SECONDS)

    async def kill(self, invocation: Invocation) -> None:
        """Ask the command to end, then kill it; keep its log and remove the pod.

        A silent cluster is asked again.
        """
        deadline = asyncio.get_running_loop().time() + _KILL_SECONDS
        while True:
            try:
                return await self._kill(invocation)
            except ClusterUnreachableError:
                if asyncio.get_running_loop().time() > deadline:
                    raise
                await asyncio.sleep(_RETRY_SECONDS)

    async def remove(self, invocation: Invocation) -> None:
        """Remove the pod, by force if it still runs."""
        async with self.cluster.api() as api:
            pod = await own_pod(api, invocation)
            if pod is not None:
                await delete(api, pod)

    async def placed(self, invocation: Invocation) -> str | None:
        """Wait until the pod has a node; return its name, None if the pod is gone first."""
        while True:
            with suppress(ClusterUnreachableError):
                async with self.cluster.api() as api, aclosing(states(api, invocation)) as pods:
                    async for pod in pods:
                        if pod is None or pod.spec.node_name:
                            return None if pod is None else str(pod.spec.node_name)
            await asyncio.sleep(_RETRY_SECONDS)

    def used(self, invocation: Invocation) -> Used:
        """Return the most memory that the cluster's metrics said."""
        return noted_use(invocation.work.root)

    async def leftovers(self, executions: Path) -> frozenset[int]:
        """Return the ids of the executions that the cluster holds a pod of."""
        async with self.cluster.api() as api:
            listed = await api.core.list_namespaced_pod(
                api.namespace, label_selector=f"{SYSTEM_LABEL}={system_of(executions)}"
            )
        return frozenset(int(each.metadata.labels[EXECUTION_LABEL]) for each in listed.items)

    async def _find(self, invocation: Invocation) -> Found:
        async with self.cluster.api() as api:
            pod = await usable_pod(api, invocation)
        if pod is not None:
            return found(pod)
        started = await asyncio.to_thread((invocation.work.root / _STARTED).exists)
        return Found.LOST if started else Found.ABSENT

    async def _kill(self, invocation: Invocation) -> None:
        async with self.cluster.api() as api:
            pod = await own_pod(api, invocation)
            if pod is None:
                return
            if found(pod) is not Found.EXITED:
                await _stop(api, pod, invocation)
            await delete(api, pod)


async def _stop(api: Api, pod: Any, invocation: Invocation) -> None:
    """Ask the command of a pod to end, and keep its log; what is not confirmed is not waited for.

    The pod itself stays for long after its command, until its node has tidied up.
    """
    async with aclosing(FollowedLog(api, invocation)) as log:
        await log.begin()  # else the last words of a command that ends at once are lost
        await request_deletion(api, pod, GRACE_SECONDS)
        is_there = True
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE_SECONDS + _STOP_SECONDS):
                is_there = await _ended(api, invocation)
        await (log.finish(is_needed=False) if is_there else log.drain())


async def _ended(api: Api, invocation: Invocation) -> bool:
    """Wait until a pod is over; return whether it is still there."""
    while True:
        pod = await own_pod(api, invocation)
        if pod is None or found(pod) is Found.EXITED:
            return pod is not None
        await asyncio.sleep(_POLL_SECONDS)


async def _wait(api: Api, invocation: Invocation, log: FollowedLog) -> Exit | None:
    """Watch the pod for a while; return its end, None if it has not ended."""
    async with aclosing(states(api, invocation)) as pods:
        async for pod in pods:
            if pod is None:
                raise lost(invocation, "is gone and left no exit code: it was removed from outside")
            if found(pod) is Found.EXITED:
                return await _verdict(pod, invocation, log)
            check_node(pod, invocation)
            if is_running(pod):
                log.follow()
            else:
                check_begins(pod, invocation)
                await _check_pending(api, pod, invocation)
    return None


async def _verdict(pod: Any, invocation: Invocation, log: FollowedLog) -> Exit:
    """Keep the log and say how the pod ended."""
    try:
        end = exit_of(pod, invocation)
    except JobFailure:
        await log.finish(is_needed=False)
        raise
    await log.finish(is_needed=end.code == 0 and not end.out_of_memory)
    return end


async def _check_pending(api: Api, pod: Any, invocation: Invocation) -> None:
    limit = float(os.environ.get(PENDING_VARIABLE) or _DEFAULT_PENDING_SECONDS)
    waited = (datetime.now(UTC) - pod.metadata.creation_timestamp).total_seconds()
    if waited <= limit:
        return
    reason = why_pending(pod, await events_of(api, pod))
    raise JobFailure(
        "kubernetes",
        f"The pod {invocation.name} has not started for {waited:.0f} s ({reason}). Make room in the"
        f" cluster, ask for less, or raise {PENDING_VARIABLE}.",
    )


def _is_over(invocation: Invocation) -> bool:
    return invocation.deadline is not None and invocation.deadline < datetime.now(UTC)
