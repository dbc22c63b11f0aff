"""How long it takes from asking for the end of a running job until nothing is left of it."""

import statistics
import subprocess
import time
from functools import partial
from typing import Final

from benchmarks.ingest import Bars
from benchmarks.ingest_bench import wait_until
from benchmarks.jobs_system import JobsSystem
from benchmarks.jobs_types import STOPPED
from catalog.states import JobStatus

_BAR: Final = 10.0
_PATIENCE: Final = 120.0
_TRAP_SECONDS: Final = 1.0
"""Until the shell of a job that has begun has said what it does about SIGTERM."""
_BEGUN: Final = """SELECT count(*) FROM job_exe
    WHERE job_id = :id AND status = 'RUNNING' AND job_started IS NOT NULL"""
_EXECUTION: Final = "SELECT id FROM job_exe WHERE job_id = :id"
_CANCELED: Final = "SELECT count(*) FROM job WHERE id = :id AND status = 'CANCELED'"


def measure_cancels(system: JobsSystem, count: int, bars: Bars) -> None:
    """Cancel running jobs one after another, as REST does: processes and containers of two kinds.

    The time counts until the job is CANCELED and its process or container is gone, with its work
    directory.
    """
    for job_type, (kind, how) in STOPPED.items():
        taken = sorted(_cancelled_after(system, job_type) for _ in range(count))
        if taken:
            what = f"cancel of a {kind} that {how} SIGTERM, worst of {count}"
            bars.check(f"{what} (median {statistics.median(taken):.2f} s)", taken[-1], "s",
                       most=_BAR)  # fmt: skip


def _cancelled_after(system: JobsSystem, job_type: str) -> float:
    (job_id,) = system.queue_jobs(job_type, 1)
    wait_until(lambda: system.ask(_BEGUN, id=job_id) == 1, _PATIENCE)
    time.sleep(_TRAP_SECONDS)
    execution = f"exe-{system.ask(_EXECUTION, id=job_id)}"
    assert not _is_gone(system, execution), execution  # noqa: S101  # else nothing is measured
    begun = time.monotonic()
    system.catalogue.jobs.update(job_id, {"status": JobStatus.CANCELED}, "bench")
    wait_until(partial(_is_gone, system, execution), _PATIENCE)
    assert system.ask(_CANCELED, id=job_id) == 1, job_id  # noqa: S101  # as above
    return time.monotonic() - begun


def _is_gone(system: JobsSystem, execution: str) -> bool:
    """Say whether nothing is left of an execution: its directory goes when its process is gone."""
    if (system.home.executions / execution).exists():
        return False
    listing = ["docker", "ps", "--all", "--quiet", "--filter", f"name=^airscale-{execution}$"]
    listed = subprocess.run(listing, check=True, capture_output=True, text=True)  # noqa: S603
    return not listed.stdout.strip()
