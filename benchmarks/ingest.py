"""Strike under load: discovery, looking again, ingesting, and what a plain watchdog loop loses.

``python -m benchmarks.ingest --files 100000`` makes a catalogue of its own in a temporary folder on
disk (PostgreSQL with its durable settings), and checks every bar that needs no Airflow. It ends
with 1 if a file was lost, came twice, or a bar was missed.
"""

import math
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Annotated, Final

import psutil
import typer
from rich.console import Console

from benchmarks.ingest_bench import IngestBench, ingest_bench, make_files, wait_until
from benchmarks.watchdog_loop import watchdog_loses

_ACCOUNT: Final = """
    SELECT json_build_object(
      'sources', (SELECT count(*) FROM scale_file WHERE kind = 'SOURCE'),
      'names', (SELECT count(DISTINCT file_name) FROM scale_file WHERE kind = 'SOURCE'),
      'recipes', (SELECT count(*) FROM recipe),
      'fed', (SELECT count(DISTINCT data #> '{input_data,0,file_id}') FROM recipe),
      'runs', (SELECT count(*) FROM outbox))
"""


class Bars:
    """What was measured, against what is wanted."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self.missed: list[str] = []

    def check(
        self,
        what: str,
        value: float,
        unit: str,
        *,
        least: float = -math.inf,
        most: float = math.inf,
    ) -> None:
        """Print a figure, and note it if it is out of its bounds."""
        is_met = least <= value <= most
        bar = f"at most {most:,g}" if least == -math.inf else f"at least {least:,g}"
        mark = "" if is_met else "  MISSED"
        self._console.print(f"{what}: {value:,.2f} {unit} (bar: {bar}){mark}")
        if not is_met:
            self.missed.append(what)


def main(
    files: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many files.")] = 100_000,
    folder: Annotated[Path | None, typer.Option(help="Where to work; a disk.")] = None,
) -> None:
    """Measure, and say which bars are met."""
    console = Console(highlight=False)
    bars = Bars(console)
    # PostgreSQL does not run as root, and its own user cannot enter root's home.
    root = Path(tempfile.mkdtemp(prefix="airscale-bench-", dir=folder or Path("/var/tmp")))  # noqa: S108
    root.chmod(0o755)
    try:
        with ingest_bench(root) as bench:
            _known(bench, files, bars)
            _flood(bench, files, bars, console)
        lost, seconds = watchdog_loses(root, files)
        console.print(f"a plain watchdog loop: {lost:,} of {files:,} files lost ({seconds:.1f} s)")
    finally:
        shutil.rmtree(root, ignore_errors=True)
    if bars.missed:
        console.print(f"Missed: {', '.join(bars.missed)}")
        raise typer.Exit(1)


def _known(bench: IngestBench, files: int, bars: Bars) -> None:
    """Look at a directory whose files no rule matches: first as new, then as known ones."""
    strike_id, inbox = bench.strike("known", regex="nothing")
    inbox.rmdir()
    make_files(inbox, files)
    (first,) = bench.passes(strike_id)
    bars.check("discovery", first["arrived"] / first["seconds"], "files/s", least=5000)
    fresh, again = bench.passes(strike_id, 2)
    for each in (fresh, again):
        assert (each["seen"], each["arrived"]) == (files, 0), each  # noqa: S101  # else it measures nothing
    bars.check("re-scan of known files by a new process", fresh["seconds"], "s", most=3)
    bars.check("re-scan of known files by the same process", again["seconds"], "s", most=3)
    bars.check("memory of the re-scans", again["rss_mib"], "MiB", most=200)


def _flood(bench: IngestBench, files: int, bars: Bars, console: Console) -> None:
    """Rename files in at full speed while Strike runs; wait for the last recipe."""
    strike_id, inbox = bench.strike("flood")
    bench.recipe_for_each_file("flood")
    waiting = make_files(bench.home / "waiting", files)
    with bench.running(strike_id) as process:
        wait_until((inbox / "ingesting").is_dir, 60)
        started = time.monotonic()
        for file in waiting:
            file.rename(inbox / file.name)
        console.print(f"renamed in: {files / (time.monotonic() - started):,.0f} files/s")
        wait_until(
            lambda: (
                bench.one(
                    "SELECT count(*) FROM ingest WHERE strike_id = :id AND status = 'INGESTED'",
                    id=strike_id,
                )
                >= files
            )
        )
        seconds = time.monotonic() - started
        used = psutil.Process(process.pid).cpu_times()
    console.print(
        f"of the Strike process: {1000 * (used.user + used.system) / files:.2f} ms of CPU a file;"
        f" load average of the machine: {os.getloadavg()[0]:.1f}"
    )
    bars.check("ledger, ingest, source, trigger and recipe", files / seconds, "files/s", least=400)
    account = bench.one(_ACCOUNT)
    lost = files - min(account["names"], account["fed"])
    twice = max(account["sources"], account["recipes"], account["runs"]) - files
    bars.check("files lost", lost, "files", most=0)
    bars.check("files twice", twice, "files", most=0)
    conservation = bench.catalogue.ingests.conservation()
    bars.check("files not accounted for", conservation.unaccounted, "files", most=0)


if __name__ == "__main__":
    typer.run(main)
