"""A Strike process of its own, as the triggerer would run it, for the benchmarks of ingesting.

``python -m benchmarks.ingest_child URL STRIKE_ID passes NUMBER`` makes passes and prints for each,
as a line of JSON, what it took (seconds), what it saw, and the most memory the process had until
then (MiB). ``... loop SECONDS`` runs on until it is ended or the time is over.
"""

import asyncio
import json
import sys
import time
from pathlib import Path

from catalog.catalogue import Catalogue
from catalog.database import Database
from strike.loop import run_for
from strike.process import StrikeProcess
from strike.settings import StrikeSettings


def main() -> None:
    """Run what the arguments say."""
    url, strike_id, mode, *rest = sys.argv[1:]
    settings = StrikeSettings(stability=0.0)
    database = Database(url, pool_size=settings.workers + 1)
    process = StrikeProcess(Catalogue(database), int(strike_id), settings)
    try:
        if mode == "loop":
            asyncio.run(run_for(process, float(rest[0])))
        else:
            for _ in range(int(rest[0])):
                _one_pass(process)
            process.close()
    finally:
        database.close()


def _one_pass(process: StrikeProcess) -> None:
    started = time.monotonic()
    summary = process.run_pass(0.0)
    seconds = time.monotonic() - started
    report = {
        "seconds": seconds,
        "seen": summary.seen,
        "arrived": summary.arrived,
        "rss_mib": _most_memory(),
        "cpu_seconds": time.process_time(),
    }
    sys.stdout.write(json.dumps(report) + "\n")


def _most_memory() -> float:
    """Return the most memory this program ever had, in MiB.

    The kernel's `ru_maxrss` would be that of whoever started the program, where that had more.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = (each for each in status.splitlines() if each.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
