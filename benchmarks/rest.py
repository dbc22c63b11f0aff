"""Measure the REST lists over a large catalogue: ``python -m benchmarks.rest``.

One worker of Airflow's API server answers over HTTP, from a PostgreSQL with a million jobs,
executions, recipes, DAG runs and task instances. Airflow's own lists are taken in the same rounds.
It reports, and never fails on a time.
"""

import platform
import statistics
from collections.abc import Sequence
from typing import Annotated

import psutil
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.client import Client
from benchmarks.measuring import Measured, Throughput, measure, throughput
from benchmarks.requests import DAG_RUNS, ListRequest, requests_of
from benchmarks.server import api_server, bench_home, seeded

RATE_BAR = 200.0
_FIRST_PAGES = ("/scale/api/jobs/", "/scale/api/job-executions/", "/scale/api/recipes/")


def main(
    *,
    rows: Annotated[int, typer.Option(min=10, help="Jobs, executions and recipes.")] = 1_000_000,
    rounds: Annotated[int, typer.Option(min=1, help="Requests of each list.")] = 40,
    patience: Annotated[float, typer.Option(help="Seconds for one list in all.")] = 10.0,
    seconds: Annotated[float, typer.Option(help="Length of a stretch of throughput.")] = 4.0,
    clients: Annotated[int, typer.Option(min=1, help="Clients at once for throughput.")] = 8,
    only: Annotated[str, typer.Option(help="Only lists whose address has this.")] = "",
) -> None:
    """Seed what is missing, start one API server, measure, print."""
    console = Console()
    home = bench_home(rows)
    requests = [each for each in requests_of(rows) if only in each.name]
    with (
        seeded(home, rows, console.print) as variables,
        api_server(home, variables, console.print) as login,
    ):
        client = Client.signed_in(login)
        console.print(_machine(rows))
        measured = measure(client, requests, rounds, patience)
        console.print(latencies(measured))
        console.print(comparison(measured))
        rates = [
            throughput(client, target, clients, seconds, stretches=5)
            for target in (*_FIRST_PAGES, f"{DAG_RUNS}?limit=100")
            if only in target
        ]
        console.print(throughputs(rates))


def latencies(measured: Sequence[Measured]) -> Table:
    """Return the table of how long each list took."""
    table = Table(title="Milliseconds until the whole page was there")
    table.add_column("list", overflow="fold")
    for name in ("count", "n", "median", "min", "max", "p95", "bar", ""):
        table.add_column(name, justify="right")
    for each in measured:
        bar = each.request.bar_ms
        verdict = "" if bar is None else "met" if each.p95 < bar else "[bold]over[/bold]"
        table.add_row(
            each.request.name,
            "" if each.count is None else f"{each.count:,}",
            str(len(each.taken)),
            f"{each.median:.1f}",
            f"{min(each.taken):.1f}",
            f"{max(each.taken):.1f}",
            f"{each.p95:.1f}",
            "" if bar is None else f"{bar:.0f}",
            verdict,
        )
    return table


def comparison(measured: Sequence[Measured]) -> Table:
    """Return the table of Airflow's own lists beside ours, round by round."""
    table = Table(title="Airflow's own list takes so many times as long, in the same round")
    for name in ("list", "Airflow's"):
        table.add_column(name, overflow="fold")
    for name in ("median", "min", "max"):
        table.add_column(name, justify="right")
    for ours, theirs in _pairs(measured):
        ratios = [a / b for a, b in zip(theirs.taken, ours.taken, strict=False)]
        figures = (statistics.median(ratios), min(ratios), max(ratios))
        table.add_row(ours.request.name, theirs.request.name, *(f"{each:.1f}" for each in figures))
    return table


def throughputs(rates: Sequence[Throughput]) -> Table:
    """Return the table of requests answered a second."""
    table = Table(title="Requests a second, one worker")
    table.add_column("list", overflow="fold")
    for name in ("clients", "median", "min", "max", "bar"):
        table.add_column(name, justify="right")
    for each in rates:
        table.add_row(
            each.target,
            str(each.clients),
            *(f"{rate:.0f}" for rate in (each.median, min(each.rates), max(each.rates))),
            f"{RATE_BAR:.0f}" if each.target in _FIRST_PAGES else "",
        )
    return table


def _pairs(measured: Sequence[Measured]) -> list[tuple[Measured, Measured]]:
    return [
        (ours, theirs)
        for ours in measured
        for theirs in measured
        if ours.request.compare_with == theirs.request.path
        and _is_deep(ours.request) == _is_deep(theirs.request)
        and "state" not in dict(theirs.request.query)
    ]


def _is_deep(request: ListRequest) -> bool:
    return not {"page", "offset"}.isdisjoint(dict(request.query))


def _machine(rows: int) -> str:
    memory = psutil.virtual_memory().total / 2**30
    load = ", ".join(f"{each:.1f}" for each in psutil.getloadavg())
    return (
        f"{rows:,} rows; {psutil.cpu_count()} CPUs, {memory:.0f} GiB, Python"
        f" {platform.python_version()}, load before the start {load}."
    )


if __name__ == "__main__":
    typer.run(main)
