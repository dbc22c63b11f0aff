"""What all jobs of this process have to know of the catalogue, asked for once a second at most."""

import asyncio
import logging
import os
import secrets
import socket
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

import psutil

from catalog.database import UNAVAILABLE
from catalog.records.execution import HostReport, NodeResources, Watched
from catalog.services.executions import ExecutionService
from dag_factory.cluster_nodes import cluster_nodes
from dag_factory.host import resources_of
from dag_factory.nodes import remote_engines

K = TypeVar("K")
_POLL_SECONDS: Final = 1.0
_SOONEST_SECONDS: Final = 0.02
_REST: Final = 3.0
"""How many times as long as the last look took there is none, however great the hurry."""
_RESOURCES_SECONDS: Final = 10.0
_log = logging.getLogger(__name__)


def _unique_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


@dataclass(slots=True)
class Watch:
    """Tells the jobs of this process when they may begin, and when their execution has ended.

    The catalogue is asked only while a job wants to know something, and then once a second for
    all jobs together; and at once when a job comes to wait or leaves its place, so that places do
    not stay empty. It admits: a job that may begin is running in the catalogue before it hears so.

    Parameters
    ----------
    executions
        The service that is asked.
    directory
        Where this host keeps the work directories: its disk is the one that is reported.
    slots
        How many jobs this host runs at once; None for what its CPUs and memory allow.
    """

    executions: ExecutionService
    directory: Path
    slots: int | None = None
    name: str = field(default_factory=_unique_name)
    _running: Counter[int] = field(default_factory=Counter)
    _waiting: Counter[tuple[str, int]] = field(default_factory=Counter)
    _hurried: asyncio.Event = field(default_factory=asyncio.Event)
    _poll: "asyncio.Task[HostReport | None] | None" = None
    _polled: float = float("-inf")
    _took: float = 0.0
    _measured: float = float("-inf")

    async def until_ended(self, job_exe_id: int) -> None:
        """Wait until an execution has ended in the catalogue: cancelled, or by somebody else."""
        self._running[job_exe_id] += 1
        try:
            while True:
                report = await self._next_report()
                if report is not None and job_exe_id in report.ended:
                    return
        finally:
            _forget(self._running, job_exe_id)

    async def until_admitted(self, job_id: int, node: str) -> None:
        """Wait until a queued job is running on a node, or is not queued for another reason."""
        self._waiting[(node, job_id)] += 1
        self.hurry()
        try:
            while True:
                report = await self._next_report()
                if report is not None and job_id in report.unqueued:
                    return
        finally:
            _forget(self._waiting, (node, job_id))

    def hurry(self) -> None:
        """Look at once: there may be a place that is free, or a job for it."""
        self._hurried.set()

    async def _next_report(self) -> HostReport | None:
        """Return what the next look finds; None if the catalogue did not answer."""
        if self._poll is None or self._poll.done():
            self._poll = asyncio.create_task(self._look())
        return await asyncio.shield(self._poll)

    async def _look(self) -> HostReport | None:
        clock = asyncio.get_running_loop().time
        await self._until_due(clock())
        self._polled = clock()
        has_to_measure = self._polled - self._measured >= _RESOURCES_SECONDS
        try:
            if has_to_measure:
                await self._report_resources()
            began = clock()
            report = await asyncio.to_thread(
                self.executions.watch, socket.gethostname(), self._watched()
            )
        except UNAVAILABLE as error:
            _log.warning("The catalogue does not answer; it is asked again: %s", error)
            return None
        self._took = clock() - began
        if has_to_measure:
            self._measured = self._polled
        return report

    async def _until_due(self, now: float) -> None:
        """Wait a second since the last look; a moment only if somebody is in a hurry."""
        try:
            async with asyncio.timeout(max(0.0, self._polled + _POLL_SECONDS - now)):
                await self._hurried.wait()
                # Others may come with it, and looks must not take the machine from the jobs.
                await asyncio.sleep(max(_SOONEST_SECONDS, _REST * self._took))
        except TimeoutError:
            pass
        self._hurried.clear()

    def _watched(self) -> Watched:
        waiting: dict[str, list[int]] = {}
        for node, job_id in self._waiting:
            waiting.setdefault(node, []).append(job_id)
        return Watched(self.name, tuple(self._running), waiting)

    async def _report_resources(self) -> None:
        """Tell what the nodes have and use; what cannot be told stops no job."""
        resources = await asyncio.to_thread(_measured, self.directory, self.slots)
        reports = {socket.gethostname(): resources, **await remote_engines(self.slots)}
        reports |= await cluster_nodes()
        for node, told in reports.items():
            if told is not None:
                await asyncio.to_thread(self.executions.report, node, told)


def _measured(directory: Path, slots: int | None) -> NodeResources | None:
    """Return what this host has and uses; None if it cannot be told."""
    try:
        return resources_of(directory, slots)
    except (OSError, psutil.Error) as error:
        _log.warning("What this host has and uses is not known: %s", error)
        return None


def _forget(counts: Counter[K], key: K) -> None:
    counts[key] -= 1
    if not counts[key]:
        del counts[key]
