"""What is running, how much memory it takes, and for how long."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import psutil

from airscale import postgres, processes, records
from airscale.components import COMPONENTS
from airscale.home import Home

MIB = 1024 * 1024


class State(StrEnum):
    """Whether a component runs, and if not, whether it should."""

    RUNNING = "running"
    DEAD = "dead"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class ComponentStatus:
    """
    One row of the table.

    Parameters
    ----------
    pid
        Of the process that leads the component.
    memory
        Proportional set size of the component and its children, in MiB.
    uptime
        Seconds.
    """

    name: str
    state: State
    pid: int | None = None
    memory: float | None = None
    uptime: float | None = None


def status(home: Home) -> list[ComponentStatus]:
    """Return PostgreSQL, the four components, and the jobs that run beside them."""
    jobs = _jobs(home)
    return [
        _postgres(home),
        *(_component(home, component.name) for component in COMPONENTS),
        *([ComponentStatus("jobs", State.RUNNING, memory=memory(jobs))] if jobs else []),
    ]


def memory(members: Iterable[psutil.Process]) -> float:
    """Return the proportional set size of processes in MiB; shared pages count once."""
    return sum(_pss(process) for process in members) / MIB


def _pss(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except (psutil.Error, OSError):
        return 0


def _postgres(home: Home) -> ComponentStatus:
    leader = postgres.postmaster(home)
    if leader is None:
        crashed = (home.postgres / "postmaster.pid").exists()
        return ComponentStatus("postgres", State.DEAD if crashed else State.STOPPED)
    return _running("postgres", leader, postgres.processes(home))


def _component(home: Home, name: str) -> ComponentStatus:
    record = records.read(home, name)
    if record is None:
        return ComponentStatus(name, State.STOPPED)
    leader = record.process()
    if leader is None:
        return ComponentStatus(name, State.DEAD)
    return _running(name, leader, processes.members(home, record))


def _running(
    name: str, leader: psutil.Process, members: Iterable[psutil.Process]
) -> ComponentStatus:
    uptime = max(0.0, time.time() - leader.create_time())
    return ComponentStatus(name, State.RUNNING, leader.pid, memory(members), uptime)


def _jobs(home: Home) -> list[psutil.Process]:
    recorded = [record for item in COMPONENTS if (record := records.read(home, item.name))]
    known = {member.pid for record in recorded for member in processes.members(home, record)}
    return [process for process in processes.leftovers(home) if process.pid not in known]
