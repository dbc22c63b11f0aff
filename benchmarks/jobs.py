"""Jobs a second, memory and latency, beside stock operators of Airflow and the engine alone.

``python -m benchmarks.jobs`` starts a system of its own in a temporary folder, measures and stops
it: some ten minutes on two cores. Every round runs each of the five once, so that a slow moment of
the machine meets all.
"""

import os
import signal
import statistics
import sys
import time
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.engine_direct import run_directly
from benchmarks.ingest import Bars
from benchmarks.ingest_bench import wait_until
from benchmarks.jobs_cancel import measure_cancels
from benchmarks.jobs_system import JobsSystem, jobs_system
from benchmarks.jobs_types import CONTAINER, PROCESS, RECIPES, SLEEPER
from examples.docker import IMAGE

OURS, DOCKER_OPERATOR, ENGINE = "Airscale, containers", "DockerOperator", "the engine alone"
PROCESSES, BASH_OPERATOR = "Airscale, processes", "BashOperator"
_KINDS: Final = (OURS, DOCKER_OPERATOR, ENGINE, PROCESSES, BASH_OPERATOR)
_WARM_UP: Final = 2
_SETTLE_SECONDS: Final = 20
_PATIENCE: Final = 400.0
_BEGUN: Final = """
    SELECT extract(epoch FROM job_exe.job_started - recipe.created)
    FROM recipe
    JOIN recipe_job ON recipe_job.recipe_id = recipe.id
    JOIN job_exe ON job_exe.job_id = recipe_job.job_id
    WHERE recipe.id = :id
"""


def main(  # noqa: PLR0917  # the options of a command
    jobs: Annotated[int, typer.Option(min=1, help="Jobs of each kind in a round.")] = 40,
    rounds: Annotated[int, typer.Option(min=0, help="How often each kind is measured.")] = 5,
    sleepers: Annotated[int, typer.Option(min=0, help="Containers that sleep at once.")] = 300,
    singles: Annotated[int, typer.Option(min=0, help="Recipes queued one after another.")] = 8,
    cancels: Annotated[int, typer.Option(min=0, help="Jobs of each kind that are cancelled.")] = 10,
    workers: Annotated[int, typer.Option(min=1, help="Stock tasks at once.")] = 8,
    image: Annotated[str, typer.Option(help="Image of all containers.")] = IMAGE,
    folder: Annotated[Path | None, typer.Option(help="Where to work; a disk.")] = None,
) -> None:
    """Measure, and say which bars are met."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the system is stopped
    console = Console(highlight=False)
    bars = Bars(console)
    load = os.getloadavg()[0]
    console.print(f"{os.cpu_count()} cores, load average before the start {load:.1f}")
    dim = lambda sentence: console.print(sentence, style="dim")  # noqa: E731
    with jobs_system(image, workers, dim, folder) as system:
        if sleepers:  # first, as Airflow's workers of the stock operators stay and blur the memory
            system.run_ours(CONTAINER, jobs)
            _sleep(system, sleepers, bars, console)
        rates = Rates(system, image, jobs)
        for _ in range(_WARM_UP if rounds or singles else 0):
            rates.round(warm_up=True)
        _latency(system, singles, bars)
        measure_cancels(system, cancels, bars)
        for number in range(rounds):
            rates.round()
            console.print(rates.last_round(number), style="dim")
        if rounds:
            console.print(rates.table())
            rates.check(bars)
    if bars.missed:
        console.print(f"Missed: {', '.join(bars.missed)}")
        raise typer.Exit(1)


class Rates:
    """Jobs a second of each kind, round by round."""

    def __init__(self, system: JobsSystem, image: str, jobs: int) -> None:
        self._system = system
        self._image = image
        self._jobs = jobs
        self._turn = 0
        self._found: dict[str, list[float]] = {kind: [] for kind in _KINDS}

    def round(self, *, warm_up: bool = False) -> None:
        """Run each kind once; every second round in the opposite order."""
        count = _WARM_UP if warm_up else self._jobs
        self._turn += 1
        for kind in _KINDS if self._turn % 2 else reversed(_KINDS):
            seconds = self._run(kind, count)
            if not warm_up:
                self._found[kind].append(count / seconds)

    def _run(self, kind: str, count: int) -> float:
        prefix = f"bench-{os.getpid()}-{self._turn}"
        match kind:
            case "Airscale, containers":
                return self._system.run_ours(CONTAINER, count)
            case "Airscale, processes":
                return self._system.run_ours(PROCESS, count)
            case "DockerOperator":
                return self._system.run_stock("stock.docker", prefix, count)
            case "BashOperator":
                return self._system.run_stock("stock.bash", prefix, count)
            case _:
                return run_directly(self._image, count, prefix)

    def last_round(self, number: int) -> str:
        """Return the figures of the last round in one line."""
        figures = ", ".join(f"{kind} {found[-1]:.2f}" for kind, found in self._found.items())
        return f"round {number + 1}: {figures} jobs/s (load {os.getloadavg()[0]:.1f})"

    def median(self, kind: str) -> float:
        """Return the rate that half of the rounds reached."""
        return statistics.median(self._found[kind])

    def ratio(self, one: str, other: str) -> float:
        """Return the median of how many times as many one kind did as another, round by round."""
        pairs = zip(self._found[one], self._found[other], strict=True)
        return statistics.median(mine / theirs for mine, theirs in pairs)

    def table(self) -> Table:
        """Return medians with their spread."""
        table = Table("what runs `true`", "jobs/s, median", "least", "most")
        for kind, found in self._found.items():
            figures = (self.median(kind), min(found), max(found))
            table.add_row(kind, *(f"{each:.2f}" for each in figures))
        return table

    def check(self, bars: Bars) -> None:
        """Compare with the bars."""
        bars.check("containers, times DockerOperator", self.ratio(OURS, DOCKER_OPERATOR), "",
                   least=1.7)  # fmt: skip
        bars.check("containers, share of the engine", 100 * self.ratio(OURS, ENGINE), "%",
                   least=55)  # fmt: skip
        bars.check("processes, times BashOperator", self.ratio(PROCESSES, BASH_OPERATOR), "",
                   least=4)  # fmt: skip


def _latency(system: JobsSystem, singles: int, bars: Bars) -> None:
    """Queue recipes one after another on the idle system, each when the last is done."""
    for job_type, recipe_type in RECIPES.items():
        taken = []
        for _ in range(singles):
            recipe_id = system.queue_recipe(recipe_type)
            wait_until(partial(system.is_complete, recipe_id), _PATIENCE)
            taken.append(float(system.ask(_BEGUN, id=recipe_id)))
            time.sleep(1)  # so that the next finds an idle system
        if taken:
            what = f"first job of a recipe begun, {job_type}, worst of {singles}"
            bars.check(f"{what} (median {statistics.median(taken):.2f} s)", max(taken), "s", most=3)


def _sleep(system: JobsSystem, count: int, bars: Bars, console: Console) -> None:
    """Let containers sleep at once, and see what the orchestrator holds more than before."""
    before = _settled_memory(system)
    begun = time.monotonic()
    ids = system.queue_jobs(SLEEPER, count)
    query = """SELECT count(*) FROM job_exe WHERE job_id = ANY(:ids) AND job_started IS NOT NULL
        AND status = 'RUNNING'"""
    wait_until(lambda: system.ask(query, ids=ids) == count, _PATIENCE)
    console.print(f"{count} containers sleep after {time.monotonic() - begun:.0f} s", style="dim")
    more = _settled_memory(system) - before
    bars.check(f"memory of each of {count} sleepers, above the idle {before:,.0f} MiB",
               more / count, "MiB", most=1)  # fmt: skip
    begun = time.monotonic()
    for job_id in ids:
        system.catalogue.executions.cancel(job_id, "The benchmark is over.")
    wait_until(lambda: not any(system.home.executions.glob("exe-*")), _PATIENCE)
    console.print(f"cancelled and gone after {time.monotonic() - begun:.0f} s", style="dim")


def _settled_memory(system: JobsSystem) -> float:
    """Return the least that was held within some time: parsers of DAG files come and go."""
    found = []
    for _ in range(_SETTLE_SECONDS):
        found.append(system.memory())
        time.sleep(1)
    return min(found)


if __name__ == "__main__":
    typer.run(main)
