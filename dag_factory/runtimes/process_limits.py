"""The limits of a process job, and how its end tells that it met one.

The memory limit is ``RLIMIT_DATA``: it counts what a process may write to that no file stands
behind. ``RLIMIT_AS`` would count libraries and mapped files too, so that numpy does not load with
128 MiB of which it uses 36. The CPU limit is the number of CPUs a job may use; ``RLIMIT_CPU``
would be a sum over its whole life, which is what the timeout is for. Libraries that start a thread
for each CPU see as many as the job has, and do not spend its memory on others.
"""

import math
import os
import re
import signal
from collections.abc import Mapping
from typing import Any, Final

from catalog.records.execution import ExecutionPlan
from dag_factory.work_directory import WorkDirectory, tail

_MIB: Final = 1024 * 1024
_RUNAWAY_FACTOR: Final = 4
LEAST_FILE_SIZE: Final = 4 * 1024 * _MIB  # a log is a file, too
_LAST_WORDS: Final = 4096
_LAST_LINES: Final = 5
_NEARLY: Final = 0.9
_SIGNS: Final = re.compile(
    r"MemoryError|std::bad_alloc|[Cc]annot allocate memory|[Mm]emory allocation .*failed"
    r"|[Oo]ut of [Mm]emory|OutOfMemory|memory exhausted"
)


def limits_of(plan: ExecutionPlan) -> tuple[list[int] | None, int | None, int | None]:
    """Return what the supervisor limits: CPUs by number, memory and the size of a file in bytes."""
    return _cpus(plan), int(plan.mem * _MIB) if plan.mem > 0 else None, largest_file(plan)


def ran_out_of_memory(plan: ExecutionPlan, work: WorkDirectory, status: Mapping[str, Any]) -> bool:
    """Say whether a command that failed met its memory limit, where that can be told.

    A program that is refused memory ends as it likes: what tells are the words of its runtime in
    the last lines of its standard error, or a signal when nearly all of its memory was in use.
    """
    code = int(status["exit_code"])
    if code == 0 or plan.mem <= 0:
        return False
    last_lines = tail(work.stderr, _LAST_WORDS).strip().splitlines()[-_LAST_LINES:]
    if any(_SIGNS.search(line) for line in last_lines):
        return True
    in_use = float(status.get("max_rss_kib", 0)) / 1024
    return code in (-signal.SIGABRT, -signal.SIGSEGV) and in_use >= _NEARLY * plan.mem


def _cpus(plan: ExecutionPlan) -> list[int] | None:
    """Return the CPUs of an execution; the next one has those that follow, so all get used."""
    usable = sorted(os.sched_getaffinity(0))
    count = math.ceil(plan.cpus)
    if count <= 0 or count >= len(usable):
        return None
    first = plan.job_exe_id * count
    return sorted(usable[(first + each) % len(usable)] for each in range(count))


def largest_file(plan: ExecutionPlan) -> int | None:
    """Return what stops a runaway: far more than the job type says, which is an estimate."""
    if plan.disk_out <= 0:
        return None
    return max(int(_RUNAWAY_FACTOR * plan.disk_out * _MIB), LEAST_FILE_SIZE)
