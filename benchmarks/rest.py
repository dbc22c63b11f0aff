"""Measure the REST lists over a large catalogue: ``python -m benchmarks.rest``.

One worker of Airflow's API server answers over HTTP, from a PostgreSQL with a million jobs,
executions, recipes, DAG runs and task instances. Airflow's own lists are taken in the same rounds.
It reports, and never fails on a time. The dialects' lists, states and submissions follow.
"""

import platform
import statistics
from collections.abc import Sequence
from functools import partial
from typing import Annotated

import psutil
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.client import Client
from benchmarks.dialects import list_requests, state_requests, submissions
from benchmarks.measuring import Load, Measured, Throughput, measure
from benchmarks.requests import DAG_RUNS, ListRequest, requests_of
from benchmarks.server import api_server, bench_home, seeded

RATE_BAR = 200.0
SUBMISSIONS_BAR = 35.0
_FIRST_PAGES = ("/scale/api/jobs/", "/scale/api/job-executions/", "/scale/api/recipes/")


def main(
    *,
    rows: Annotated[int, typer.Option(min=10, help="Jobs, executions and recipes.")] = 1_000_000,
    rounds: Annotated[int, typer.Option(min=1, help="Requests of each list.")] = 40,
    patience: Annotated[float, typer.Option(help="Seconds for one list in all.")] = 4.0,
    seconds: Annotated[float, typer.Option(help="Length of a stretch of throughput.")] = 3.0,
    clients: Annotated[int, typer.Option(min=1, help="Clients at once for throughput.")] = 8,
    only: Annotated[str, typer.Option(help="Only lists whose address has this.")] = "",
) -> None:
    """Seed what is missing, start one API server, measure, print."""
    console = Console()
    home = bench_home(rows)
    requests = [each for each in (*requests_of(rows), *list_requests()) if only in each.name]
    with (
        seeded(home, rows, console.print) as variables,
        api_server(home, variables, console.print) as login,
    ):
        client = Client.signed_in(login)
        console.print(_machine(rows))
        measured = measure(client, requests, rounds, patience)
        console.print(latencies(measured))
        console.print(comparison(measured))
        load = Load(client, clients, seconds, stretches=3)
        console.print(throughputs("Requests a second, one worker", _first_pages(load, only)))
        if not only:
            accepted = submissions(client)
            states = measure(client, list(state_requests(client)), rounds, patience, warmups=12)
            console.print(latencies(states))
            rates = [load.throughput(e.dialect, e.send, SUBMISSIONS_BAR) for e in accepted]
            console.print(throughputs("Submissions accepted a second, one worker", rates))


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


def throughputs(title: str, rates: Sequence[Throughput]) -> Table:
    """Return a table of how much was done a second."""
    table = Table(title=title)
    table.add_column("", overflow="fold")
    for name in ("clients", "median", "min", "max", "bar", ""):
        table.add_column(name, justify="right")
    for each in rates:
        verdict = "" if each.bar is None else "met" if each.median >= each.bar else "[bold]under[/]"
        table.add_row(
            each.name,
            str(each.clients),
            *(f"{rate:.0f}" for rate in (each.median, min(each.rates), max(each.rates))),
            "" if each.bar is None else f"{each.bar:.0f}",
            verdict,
        )
    return table


def _first_pages(load: Load, only: str) -> list[Throughput]:
    """Measure the first pages of the long lists, and Airflow's beside them."""
    bars = {**dict.fromkeys(_FIRST_PAGES, RATE_BAR), f"{DAG_RUNS}?limit=100": None}
    return [
        load.throughput(target, partial(Client.get, target=target), bar)
        for target, bar in bars.items()
        if only in target
    ]


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
