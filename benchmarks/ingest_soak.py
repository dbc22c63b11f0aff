"""Killing Strike over and over while files arrive: what is left must be complete.

``python -m benchmarks.ingest_soak --files 20000 --kills 1000 --minutes 12`` ends with 1 if a file
was lost, stored twice, or has not exactly one recipe, or if the account of the files did not hold
after a kill. Each kill is SIGKILL, and the next process begins at once. Half of the processes die
at a moment of chance, most of them before they have ended an ingest; the others shortly after their
first, so that the soak moves on, however slow the machine is. When the time is over no more are
killed.
"""

import asyncio
import os
import random
import shutil
import signal
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from benchmarks.ingest_bench import IngestBench, ingest_bench, make_files, wait_until
from catalog.catalogue import Catalogue
from catalog.database import Database
from strike.loop import run_for
from strike.process import StrikeProcess
from strike.settings import StrikeSettings

_FOR_EVER = 3600.0
_LONGEST_LIFE = 30.0
_LATEST = 600.0
_ENDED = "SELECT count(*) FROM ingest WHERE status = 'INGESTED'"


def main(
    files: Annotated[int, typer.Option(min=1, help="How many files arrive.")] = 20_000,
    kills: Annotated[int, typer.Option(min=0, help="How often Strike is killed.")] = 1000,
    minutes: Annotated[float, typer.Option(help="How long the killing lasts at most.")] = 12.0,
    folder: Annotated[Path | None, typer.Option(help="Where to work; a disk.")] = None,
) -> None:
    """Kill, wait for the rest, and account for every file."""
    console = Console(highlight=False)
    # PostgreSQL does not run as root, and its own user cannot enter root's home.
    root = Path(tempfile.mkdtemp(prefix="airscale-soak-", dir=folder or Path("/var/tmp")))  # noqa: S108
    root.chmod(0o755)
    try:
        with ingest_bench(root) as bench:
            strike_id, inbox = bench.strike("soak")
            bench.recipe_for_each_file("soak")
            waiting = make_files(root / "waiting", files)
            started = time.monotonic()
            soaked = soak(bench, strike_id, inbox, waiting, kills=kills, seconds=60 * minutes)
            wrong = [*soaked.wrong, *account(bench, files)]
            console.print(
                f"{soaked.killed} kills, {files:,} files, {time.monotonic() - started:.0f} s:"
                f" {', '.join(wrong) or 'every file once, every recipe once, all accounted for'}"
            )
            console.print(
                f"ingested while Strike was killed: {soaked.ingested:,} files; processes that had"
                f" ended an ingest when they were killed: {soaked.productive}"
            )
    finally:
        shutil.rmtree(root, ignore_errors=True)
    if wrong or not soaked.killed:
        raise typer.Exit(1)


@dataclass(frozen=True, slots=True)
class Soaked:
    """What came of the killing.

    Parameters
    ----------
    killed
        How many processes were killed.
    productive
        How many of them had ended an ingest.
    ingested
        How many files were ingested until the last was killed.
    wrong
        What was wrong right after a kill.
    """

    killed: int
    productive: int
    ingested: int
    wrong: list[str]


def soak(
    bench: IngestBench,
    strike_id: int,
    inbox: Path,
    waiting: Sequence[Path],
    *,
    kills: int,
    seconds: float,
) -> Soaked:
    """Let files arrive while Strike is killed, until all of them have ended.

    Must be called by a process of one thread, since it forks.
    """
    arriving = list(reversed(waiting))
    at_once = -(-len(waiting) // max(kills, 1))
    killed, productive, wrong, pace = 0, 0, [], 1.0
    before = 0
    deadline = time.monotonic() + seconds
    while killed < kills and time.monotonic() < deadline:
        child = _begin(bench.url, strike_id)
        for file in arriving[-at_once:]:
            file.rename(inbox / file.name)
        del arriving[-at_once:]
        if killed % 2:
            pace = _first_end(bench, before, len(waiting))
            time.sleep(random.uniform(0, pace / 4))  # noqa: S311  # chance, not a secret
        else:
            time.sleep(random.uniform(0, 1.5 * pace))  # noqa: S311  # chance, not a secret
        killed += _end(child, signal.SIGKILL)
        ended = bench.one(_ENDED)
        productive += ended > before
        before = ended
        if lost := bench.catalogue.ingests.conservation().unaccounted:
            wrong.append(f"{lost} unaccounted for after kill {killed}")
    for file in arriving:
        file.rename(inbox / file.name)
    child = _begin(bench.url, strike_id)
    try:
        wait_until(lambda: _is_empty(inbox), _LATEST)
    finally:
        _end(child, signal.SIGTERM)
    return Soaked(killed, productive, before, wrong)


def _first_end(bench: IngestBench, before: int, files: int) -> float:
    """Wait until an ingest has ended, but not for ever; return the seconds it took."""
    started = time.monotonic()
    while (taken := time.monotonic() - started) < _LONGEST_LIFE:
        if not bench.one(_ENDED) <= before < files:
            break
        time.sleep(0.01)
    return taken


def account(bench: IngestBench, files: int) -> list[str]:
    """Return what is wrong in the end."""
    found: dict[str, Any] = bench.one(
        """
        SELECT json_build_object(
          'sources', (SELECT count(*) FROM scale_file WHERE kind = 'SOURCE'),
          'names', (SELECT count(DISTINCT file_name) FROM scale_file WHERE kind = 'SOURCE'),
          'recipes', (SELECT count(*) FROM recipe),
          'fed', (SELECT count(DISTINCT data #> '{input_data,0,file_id}') FROM recipe),
          'runs', (SELECT count(*) FROM outbox),
          'ingested', (SELECT count(*) FROM ingest WHERE status = 'INGESTED'))
        """
    )
    wrong = {name: count for name, count in found.items() if count != files}
    lost = bench.catalogue.ingests.conservation().unaccounted
    if lost:
        wrong["unaccounted"] = lost
    stored = sum(1 for each in (bench.home / "soak-storage").rglob("*") if each.is_file())
    if stored != files:
        wrong["stored"] = stored
    return [f"{name} {count}" for name, count in wrong.items()]


def _is_empty(inbox: Path) -> bool:
    """Say whether neither the directory nor any place of ours in it has a file."""
    return not any(each.is_file() for each in inbox.rglob("*"))


def _begin(url: str, strike_id: int) -> int:
    """Fork a Strike process: starting Python anew would take most of its short life."""
    child = os.fork()
    if child:
        return child
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        settings = StrikeSettings(stability=0.0)
        database = Database(url, pool_size=settings.workers + 1)
        process = StrikeProcess(Catalogue(database), strike_id, settings)
        asyncio.run(run_for(process, _FOR_EVER))
    finally:
        os._exit(1)


def _end(child: int, number: signal.Signals) -> int:
    """End a process of ours; return 1 if it lived until now."""
    os.kill(child, number)
    _, status = os.waitpid(child, 0)
    return int(os.WIFSIGNALED(status) and os.WTERMSIG(status) == number)


if __name__ == "__main__":
    typer.run(main)
