"""What this host has, and uses now."""

import os
from pathlib import Path
from typing import Final

import psutil

from catalog.records.execution import NodeResources, Resources

CPUS_VARIABLE: Final = "AIRSCALE_NODE_CPUS"
MEM_VARIABLE: Final = "AIRSCALE_NODE_MEM"
SLOTS_VARIABLE: Final = "AIRSCALE_JOB_SLOTS"
_MIB: Final = 2**20


def resources_of(directory: Path, slots: int | None = None) -> NodeResources:
    """Return CPUs, memory and disk of this host, the last two in MiB.

    ``AIRSCALE_NODE_CPUS`` and ``AIRSCALE_NODE_MEM`` stand for what the host has, where they are
    set: to leave a part to others, or to promise more than there is.

    Parameters
    ----------
    directory
        A directory on the disk that counts; it may not be there yet.
    slots
        How many jobs the host runs at once; None for what CPUs and memory allow.
    """
    cpus = float(psutil.cpu_count() or 1)
    memory = psutil.virtual_memory()
    disk = psutil.disk_usage(str(_existing(directory.absolute())))
    return NodeResources(
        total=Resources(
            _number(CPUS_VARIABLE) or cpus,
            _number(MEM_VARIABLE) or memory.total / _MIB,
            disk.total / _MIB,
        ),
        used=Resources(
            round(cpus * psutil.cpu_percent() / 100, 2),
            (memory.total - memory.available) / _MIB,
            disk.used / _MIB,
        ),
        slots=slots,
    )


def slots_of_environment() -> int | None:
    """Return how many jobs run here at once: ``AIRSCALE_JOB_SLOTS``; None where it is not set."""
    configured = os.environ.get(SLOTS_VARIABLE)
    return int(configured) if configured else None


def _number(variable: str) -> float | None:
    configured = os.environ.get(variable)
    return float(configured) if configured else None


def _existing(directory: Path) -> Path:
    return next(each for each in (directory, *directory.parents) if each.exists())
