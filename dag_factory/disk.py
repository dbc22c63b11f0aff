"""The disk space of an execution: looked for before it starts, measured at its end."""

import os
import shutil
from pathlib import Path
from typing import Final

from catalog.records.execution import ExecutionPlan
from dag_factory.failures import JobFailure
from dag_factory.work_directory import WorkDirectory

_MIB: Final = 1024 * 1024


def check_room(plan: ExecutionPlan, work: WorkDirectory) -> None:
    """Refuse to start an execution whose output would not fit.

    Its output directory and the workspaces that its products go to are looked at, each volume of
    this host once.

    Raises
    ------
    JobFailure
        Raised as ``filesystem-io``, which is tried again: the sentence names the volume.
    """
    if plan.disk_out <= 0:
        return
    seen: set[int] = set()
    for place in _places(plan, work):
        volume = _existing(place)
        device = volume.stat().st_dev
        if device in seen:
            continue
        seen.add(device)
        free = shutil.disk_usage(volume).free / _MIB
        if free < plan.disk_out:
            raise JobFailure(
                "filesystem-io",
                f"The volume of {volume} ({_mount_point(volume)}) has {free:,.0f} MiB free, and the"
                f" job needs {plan.disk_out:,.0f} MiB for its output. Make room there, or correct"
                " disk_out_const_required and disk_out_mult_required of the job type.",
            )


def disk_used(directory: Path) -> float:
    """Return how much disk the files below a directory take, in MiB; links are not followed."""
    blocks = 0
    for folder, _, names in os.walk(directory):
        for name in names:
            try:
                blocks += Path(folder, name).lstat().st_blocks
            except OSError:  # a name that was removed meanwhile takes nothing
                continue
    return blocks * 512 / _MIB


def _places(plan: ExecutionPlan, work: WorkDirectory) -> list[Path]:
    stored = (each.broker.local(each.directory) for each in plan.outputs.values())
    return [work.outputs, *(path for path in stored if path is not None)]


def _existing(path: Path) -> Path:
    while not path.exists() and path != path.parent:
        path = path.parent
    return path


def _mount_point(path: Path) -> Path:
    path = path.absolute()
    while not path.is_mount() and path != path.parent:
        path = path.parent
    return path
