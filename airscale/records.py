"""Which process is which component: one small file for each, checked against the kernel."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import psutil

from airscale.files import write_atomically
from airscale.home import Home

CLOCK_TOLERANCE = 2.0
"""Seconds: the kernel gives start times relative to boot, and boot moves with clock corrections."""


@dataclass(frozen=True, slots=True)
class ProcessRecord:
    """
    One component's process, told apart from a later process with the same number.

    Parameters
    ----------
    name
        Of the component.
    pid
        Process number; it leads its own session and process group.
    create_time
        Start, in seconds since 1970 UTC.
    """

    name: str
    pid: int
    create_time: float

    @classmethod
    def of(cls, name: str, pid: int) -> Self:
        """Return the record of a process that is alive now."""
        return cls(name, pid, psutil.Process(pid).create_time())

    def process(self) -> psutil.Process | None:
        """Return the recorded process if it is alive, never another that got its number."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.create_time) <= CLOCK_TOLERANCE
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None


def path(home: Home, name: str) -> Path:
    """Return where a component's record is kept."""
    return home.run / f"{name}.json"


def write(home: Home, record: ProcessRecord) -> None:
    """Keep a record, replacing the component's former one."""
    home.run.mkdir(parents=True, exist_ok=True)
    write_atomically(path(home, record.name), json.dumps(asdict(record)))


def read(home: Home, name: str) -> ProcessRecord | None:
    """Return a component's record, or nothing where there is none or it cannot be read."""
    try:
        return ProcessRecord(**json.loads(path(home, name).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def remove(home: Home, name: str) -> None:
    """Forget a component's process."""
    path(home, name).unlink(missing_ok=True)


def is_alive(process: psutil.Process) -> bool:
    """Return whether a process still runs: it has not ended, waited for or not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
