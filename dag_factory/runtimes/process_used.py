"""What a process job used: counted by the kernel for its supervisor, or so far by its processes.

The memory is that of its largest process at its peak: the kernel keeps no sum of several.
"""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import psutil

from catalog.records.execution import Used

_KIB_IN_MIB: Final = 1024.0
_PEAK: Final = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)


def use_told(status: Mapping[str, Any]) -> Used | None:
    """Return what the supervisor says in ``exit.json``; None if it does not."""
    if "cpu_seconds" not in status:
        return None
    return Used(float(status["cpu_seconds"]), float(status["max_rss_kib"]) / _KIB_IN_MIB)


def use_of_processes(pids: Iterable[int]) -> Used:
    """Return what processes and those that they waited for have used so far."""
    seconds, peaks = 0.0, []
    for pid in pids:
        with suppress(OSError, psutil.Error):
            seconds += sum(psutil.Process(pid).cpu_times()[:4])
            peaks += _PEAK.findall(Path(f"/proc/{pid}/status").read_text(encoding="utf-8"))
    if not peaks:
        return Used()
    return Used(seconds, max(map(int, peaks)) / _KIB_IN_MIB)
