"""What this host has, and uses now."""

from pathlib import Path

import psutil

from catalog.records.execution import NodeResources, Resources

_MIB = 2**20


def resources_of(directory: Path) -> NodeResources:
    """Return CPUs, memory and disk of this host, both in MiB.

    Parameters
    ----------
    directory
        A directory on the disk that counts; it may not be there yet.
    """
    cpus = float(psutil.cpu_count() or 1)
    memory = psutil.virtual_memory()
    disk = psutil.disk_usage(str(_existing(directory.absolute())))
    return NodeResources(
        total=Resources(cpus, memory.total / _MIB, disk.total / _MIB),
        used=Resources(
            round(cpus * psutil.cpu_percent() / 100, 2),
            (memory.total - memory.available) / _MIB,
            disk.used / _MIB,
        ),
    )


def _existing(directory: Path) -> Path:
    return next(each for each in (directory, *directory.parents) if each.exists())
