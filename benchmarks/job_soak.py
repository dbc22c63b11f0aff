"""Killing worker, triggerer and scheduler over and over while jobs run: each must end once.

``python -m benchmarks.job_soak --jobs 500 --kills 200 --minutes 12 --seed 1`` ends with 1 if a job
was lost, published twice, or left a container, a process or a work directory. Each kill is SIGKILL,
of a victim and at a moment that the seed decides; what was killed is started again at once.
"""

import random
import signal
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from benchmarks.ingest_bench import wait_until
from benchmarks.soak_system import SoakSystem, soak_system
from examples.docker import IMAGE

VICTIMS: Final = ("worker", "triggerer", "scheduler")
_PATIENCE: Final = 600.0


def main(  # noqa: PLR0917  # the options of a command
    jobs: Annotated[int, typer.Option(min=1, help="How many jobs run.")] = 500,
    kills: Annotated[int, typer.Option(min=0, help="How often something is killed.")] = 200,
    minutes: Annotated[float, typer.Option(help="How long the killing lasts, about.")] = 12.0,
    seed: Annotated[int, typer.Option(help="Of the moments and the victims.")] = 1,
    image: Annotated[str, typer.Option(help="Of a third of the jobs; empty for none.")] = IMAGE,
    folder: Annotated[Path | None, typer.Option(help="Where to work; a disk.")] = None,
) -> None:
    """Kill, wait for the rest, and account for every job."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the system is stopped
    console = Console(highlight=False)
    started = time.monotonic()
    with soak_system(image or None, folder) as system:
        ids = system.queue(jobs)
        killed = soak(system, kills=kills, seconds=60 * minutes, seed=seed)
        after = f"{sum(killed.values())} kills after {time.monotonic() - started:.0f} s"
        console.print(f"{after}; {system.open(ids)} jobs are left to wait for", style="dim")
        system.wait(ids, _PATIENCE)
        wrong = account(system, ids)
    told = ", ".join(f"{count} of {victim}" for victim, count in sorted(killed.items()))
    console.print(
        f"{jobs} jobs, {sum(killed.values())} kills ({told}), seed {seed},"
        f" {time.monotonic() - started:.0f} s: {wrong or 'every job once, nothing left'}"
    )
    if wrong or sum(killed.values()) < kills:
        raise typer.Exit(1)


def soak(system: SoakSystem, *, kills: int, seconds: float, seed: int) -> Counter[str]:
    """Kill at moments of chance, each victim as often as the others; return how often each was."""
    chance = random.Random(seed)  # noqa: S311  # to be repeated, not a secret
    longest = 2 * seconds / max(kills, 1)
    killed: Counter[str] = Counter()
    due: list[str] = []
    while sum(killed.values()) < kills:
        time.sleep(chance.uniform(0, longest))
        due = due or chance.sample(VICTIMS, len(VICTIMS))
        victim = due.pop()
        if system.kill(victim, chance):
            killed[victim] += 1
        else:  # a scheduler that was just started has no workers yet
            due.append(victim)
    return killed


def account(system: SoakSystem, ids: list[int]) -> dict[str, Any]:
    """Return what is wrong; nothing if every job is complete once and nothing is left of any."""
    wrong: dict[str, Any] = {}
    lost = system.not_completed(ids)
    if lost:
        wrong["not completed"] = lost
    products = system.products(ids)
    not_once = {job_id: count for job_id in ids if (count := products.get(job_id, 0)) != 1}
    if not_once:
        wrong["products that are not one"] = not_once
    # A kill at the very end may leave what its successor is just removing.
    try:
        wait_until(lambda: not system.left(), 120)
    except TimeoutError:
        wrong["left"] = system.left()
    return wrong


if __name__ == "__main__":
    typer.run(main)
