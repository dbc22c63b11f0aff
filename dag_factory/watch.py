"""What all jobs of this host have to know of the catalogue, asked for once a second at most."""

import asyncio
import logging
import socket
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psutil

from catalog.database import UNAVAILABLE
from catalog.records.execution import Held, HostReport, NodeResources, Watched
from catalog.services.executions import ExecutionService
from dag_factory.cluster_nodes import cluster_nodes
from dag_factory.host import resources_of

_POLL_SECONDS: Final = 1.0
_RESOURCES_SECONDS: Final = 10.0
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Watch:
    """Tells the jobs of this host when their execution has ended, and when they may begin.

    The catalogue is asked only while a job wants to know something, and then once a second for
    all jobs together.

    Parameters
    ----------
    executions
        The service that is asked.
    directory
        Where this host keeps the work directories: its disk is the one that is reported.
    """

    executions: ExecutionService
    directory: Path
    _running: Counter[int] = field(default_factory=Counter)
    _waiting: Counter[int] = field(default_factory=Counter)
    _everything_held: bool = False
    _held_types: frozenset[int] = frozenset()
    _poll: "asyncio.Task[HostReport | None] | None" = None
    _polled: float = float("-inf")
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

    async def until_free(self, job_id: int, job_type_id: int) -> None:
        """Wait while a queued job of this type may not begin; not longer than it is queued."""
        self._waiting[job_id] += 1
        try:
            while self.holds(job_type_id):
                report = await self._next_report()
                if report is not None and job_id in report.unqueued:
                    return
        finally:
            _forget(self._waiting, job_id)

    def holds(self, job_type_id: int) -> bool:
        """Say whether jobs of this type are known not to begin here now."""
        return self._everything_held or job_type_id in self._held_types

    def note(self, held: Held) -> None:
        """Let every job that is held for the same reason wait for the next look."""
        if held.job_type_id is None:
            self._everything_held = True
        else:
            self._held_types |= {held.job_type_id}

    async def _next_report(self) -> HostReport | None:
        """Return what the next look finds; None if the catalogue did not answer."""
        if self._poll is None or self._poll.done():
            self._poll = asyncio.create_task(self._look())
        return await asyncio.shield(self._poll)

    async def _look(self) -> HostReport | None:
        clock = asyncio.get_running_loop().time
        await asyncio.sleep(self._polled + _POLL_SECONDS - clock())
        self._polled = clock()
        has_to_measure = self._polled - self._measured >= _RESOURCES_SECONDS
        watched = Watched(tuple(self._running), tuple(self._waiting))
        try:
            if has_to_measure:
                for node, told in (await cluster_nodes()).items():
                    await asyncio.to_thread(self.executions.report, node, told)
            report = await asyncio.to_thread(self._ask, watched, has_to_measure)
        except UNAVAILABLE as error:
            _log.warning("The catalogue does not answer; it is asked again: %s", error)
            return None
        if has_to_measure:
            self._measured = self._polled
        self._everything_held = report.everything_held
        self._held_types = report.held_types
        return report

    def _ask(self, watched: Watched, has_to_measure: bool) -> HostReport:  # noqa: FBT001  # for a thread
        resources = _measured(self.directory) if has_to_measure else None
        return self.executions.watch(socket.gethostname(), watched, resources)


def _measured(directory: Path) -> NodeResources | None:
    """Return what this host has and uses; None if it cannot be told, which stops no job."""
    try:
        return resources_of(directory)
    except (OSError, psutil.Error) as error:
        _log.warning("What this host has and uses is not known: %s", error)
        return None


def _forget(counts: Counter[int], key: int) -> None:
    counts[key] -= 1
    if not counts[key]:
        del counts[key]
