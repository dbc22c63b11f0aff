"""From a file to its running job, on a whole system: one file alone, many, and after a crash.

``python -m benchmarks.ingest_stack`` starts a system of its own in a temporary folder, then stops
it.
All times are of the one clock of this machine: the file's of its rename, the rest of the catalogue.
"""

import shutil
import signal
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any, Final

import psutil
import typer
from rich.console import Console
from sqlalchemy import text

from airscale import postgres, processes, records, stack
from airscale.components import COMPONENTS
from airscale.home import Home
from benchmarks.ingest import Bars
from benchmarks.ingest_bench import IngestBench, make_files, wait_until
from catalog.catalogue import Catalogue
from catalog.database import Database

_TIMES: Final = text(
    """
    SELECT extract(epoch FROM ingest.ingest_ended), extract(epoch FROM job_exe.started)
    FROM ingest
    JOIN recipe ON recipe.data #>> '{input_data,0,file_id}' = ingest.source_file_id::text
    JOIN recipe_job ON recipe_job.recipe_id = recipe.id
    JOIN job_exe ON job_exe.job_id = recipe_job.job_id AND job_exe.started IS NOT NULL
    WHERE ingest.file_name = :name
    """
)
_LIVE_TRIGGERERS: Final = text(
    """
    SELECT count(*) FROM job
    WHERE job_type = 'TriggererJob' AND state = 'running'
      AND latest_heartbeat > now() - interval '10 seconds'
    """
)
_WARM_UP: Final = 2


def main(
    singles: Annotated[int, typer.Option(min=1, help="Files sent one after another.")] = 20,
    files: Annotated[int, typer.Option(min=1, help="Files sent at once.")] = 500,
    folder: Annotated[Path | None, typer.Option(help="Where to work; a disk.")] = None,
) -> None:
    """Measure, and say which bars are met."""
    console = Console(highlight=False)
    bars = Bars(console)
    # PostgreSQL does not run as root, and its own user cannot enter root's home.
    root = Path(tempfile.mkdtemp(prefix="airscale-bench-", dir=folder or Path("/var/tmp")))  # noqa: S108
    root.chmod(0o755)
    home = Home(root.resolve())
    try:
        stack.up(home, lambda sentence: console.print(sentence, style="dim"))
        url = postgres.database_url(postgres.socket_folder(home), postgres.CATALOGUE_DATABASE)
        database = Database(url)
        try:
            bench = IngestBench(Catalogue(database), url, root)
            inbox = _measure(bench, singles, files, bars)
            _take_over(bench, home, inbox, bars)
        finally:
            database.close()
    finally:
        stack.down(home)
        shutil.rmtree(root, ignore_errors=True)
    if bars.missed:
        console.print(f"Missed: {', '.join(bars.missed)}")
        raise typer.Exit(1)


def _measure(bench: IngestBench, singles: int, files: int, bars: Bars) -> Path:
    _, inbox = bench.strike("stack")
    bench.catalogue.strikes.update(1, {"configuration": _without_window(bench)})
    bench.recipe_for_each_file("stack")
    waiting = make_files(bench.home / "waiting", singles + files + _WARM_UP)
    wait_until((inbox / "ingesting").is_dir, 300)
    for _ in range(_WARM_UP):
        _single(bench, waiting.pop(), inbox)
    taken = [_single(bench, waiting.pop(), inbox) for _ in range(singles)]
    registered, running = (statistics.median(each) for each in zip(*taken, strict=True))
    bars.check("one file, registered (median)", registered, "s", most=0.5)
    bars.check("one file, first job running (median)", running, "s", most=3.0)
    bars.check("recipes finished", _many(bench, waiting, inbox), "recipes/s", least=12)
    return inbox


def _single(bench: IngestBench, file: Path, inbox: Path) -> tuple[float, float]:
    """Send a file; return the seconds until it was registered, and until its job ran."""
    sent = time.time()
    file.rename(inbox / file.name)
    found: list[Any] = []

    def has_begun() -> bool:
        with bench.catalogue.database.reading() as connection:
            found[:] = connection.execute(_TIMES, {"name": file.name}).all()
        return bool(found)

    wait_until(has_begun, 120)
    wait_until(lambda: not bench.one("SELECT count(*) FROM recipe WHERE completed IS NULL"), 120)
    ended, started = found[0]
    return float(ended) - sent, float(started) - sent


def _many(bench: IngestBench, waiting: list[Path], inbox: Path) -> float:
    """Send files at once; return how many of their recipes were completed in a second."""
    done = bench.one("SELECT count(*) FROM recipe WHERE completed IS NOT NULL")
    sent = time.time()
    for file in waiting:
        file.rename(inbox / file.name)
    query = "SELECT count(*) FROM recipe WHERE completed IS NOT NULL"
    wait_until(lambda: bench.one(query) >= done + len(waiting), 900)
    last = bench.one("SELECT extract(epoch FROM max(completed)) FROM recipe")
    return len(waiting) / (float(last) - sent)


def _take_over(bench: IngestBench, home: Home, inbox: Path, bars: Bars) -> None:
    """Kill the triggerer that runs Strike beside a second one; a file arrives just then."""
    triggerer = next(each for each in COMPONENTS if each.name == "triggerer")
    first = records.read(home, triggerer.name)
    assert first is not None, "the system is up"  # noqa: S101  # a benchmark's own expectation
    second = f"{triggerer.name}-2"
    settings = psutil.Process(first.pid).environ()
    processes.start(home, second, triggerer.command, settings)
    try:
        airflow = postgres.database_url(postgres.socket_folder(home), postgres.AIRFLOW_DATABASE)
        with closing(Database(airflow)) as database:
            wait_until(lambda: _count(database) == 2, 120)  # noqa: PLR2004  # the two
        (late,) = make_files(bench.home / "late", 1)
        for member in processes.members(home, first):
            member.send_signal(signal.SIGKILL)
        killed = time.time()
        late.rename(inbox / "late.dat")
        ended = "SELECT extract(epoch FROM ingest_ended) FROM ingest WHERE file_name = 'late.dat'"
        wait_until(lambda: bench.one(ended) is not None, 120)
        seconds = float(bench.one(ended)) - killed
        bars.check("a file's ingest after kill -9 of Strike's triggerer", seconds, "s", most=40)
    finally:
        processes.stop(home, [second])


def _count(airflow: Database) -> int:
    with airflow.reading() as connection:
        return int(connection.scalar(_LIVE_TRIGGERERS) or 0)


def _without_window(bench: IngestBench) -> dict[str, Any]:
    with bench.catalogue.database.transaction() as tx:
        return {**tx.strikes.get(1).configuration, "version": "1.1", "stability_seconds": 0}


if __name__ == "__main__":
    typer.run(main)
