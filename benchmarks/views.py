"""Measure the pages over a large catalogue in a real browser: ``python -m benchmarks.views``.

One worker of Airflow's API server answers, from a PostgreSQL with a million jobs and 100,000
products. Every load is that of a browser which has never seen the pages. It reports, and never
fails on a time.
"""

import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table

from airscale import postgres
from airscale.home import Home
from benchmarks.seed.catalogue import FIRST_JOB_TYPE, Sizes
from benchmarks.server import api_server, bench_home, connect, seeded
from tests.browser.chromium import Tab, chromium, executable, new_tab

PAINT_BAR_MS: Final = 500.0
BYTES_BAR: Final = 300_000
_METRICS: Final = Path(__file__).parent / "seed" / "metrics.sql"
_PAINTED: Final = """() => new Promise((done) => new PerformanceObserver((list, observer) => {
  const [paint] = list.getEntriesByName("first-contentful-paint");
  if (paint) { observer.disconnect(); done(paint.startTime); }
}).observe({ type: "paint", buffered: true }))"""


@dataclass(slots=True)
class Measured:
    """What a page took: milliseconds until something was painted, bytes on the wire, its status."""

    path: str
    paints: list[float] = field(default_factory=list)
    transferred: int = 0
    status: int = 0

    @property
    def p95(self) -> float:
        """The time that 19 of 20 loads stayed under, by nearest rank."""
        return sorted(self.paints)[max(-(-len(self.paints) * 95 // 100) - 1, 0)]


def paths_of(rows: int) -> list[str]:
    """Return the pages of a catalogue with so many jobs: those with long lists, and one of each."""
    sizes = Sizes(rows)
    middle, file_id = rows // 2, sizes.sources + sizes.products // 2
    kind = FIRST_JOB_TYPE
    return [
        "/overview/",
        "/jobs/", f"/jobs/?before={middle}", "/jobs/?status=FAILED",
        "/jobs/?status=FAILED&category=DATA&since=PT24H", f"/jobs/?job_type={kind}&status=QUEUED",
        f"/jobs/?node={kind}", f"/jobs/{middle}/",
        "/recipes/", f"/recipes/?recipe_type={kind}&state=open", f"/recipes/{middle}/",
        "/recipe-types/", f"/recipe-types/{kind}/", f"/recipe-types/{kind}/queue/",
        "/job-types/", f"/job-types/{kind}/", f"/job-types/{kind}/edit/", "/errors/",
        "/ingest/", "/ingest/strikes/1/", "/ingest/files/", "/ingest/files/?status=ERRORED",
        f"/ingest/files/?before={sizes.sources // 2}&strike=1", "/ingest/files/?name=no-such-file",
        "/ingest/files/?status=DEFERRED&since=PT24H", f"/ingest/files/{sizes.sources // 2}/",
        "/ingest/hours/", "/ingest/hours/?time=data&days=31",
        "/metrics/job-types/", "/metrics/job-types/?column=run_time_avg&choice=1001&choice=1002",
        "/metrics/ingest/", "/metrics/load/?days=31",
        "/files/", f"/files/{file_id}/", "/workspaces/", "/workspaces/1002/",
        "/nodes/", f"/nodes/{kind}/",
    ]  # fmt: skip


def main(
    *,
    rows: Annotated[int, typer.Option(min=10, help="Jobs; a tenth as many products.")] = 1_000_000,
    loads: Annotated[int, typer.Option(min=1, help="Loads of each page.")] = 10,
    only: Annotated[str, typer.Option(help="Only pages whose address has this.")] = "",
) -> None:
    """Seed what is missing, start one API server, load the pages, print."""
    console = Console()
    browser_path = executable()
    if browser_path is None:
        console.print("There is no Chromium: apt-get install chromium.")
        sys.exit(1)
    home = bench_home(rows)
    measured = [Measured(each) for each in paths_of(rows) if only in each]
    with seeded(home, rows, console.print) as variables:
        _seed_metrics(home)
        with api_server(home, variables, console.print) as login, chromium(browser_path) as browser:
            tab = new_tab(browser, login)
            for _ in range(loads + 1):  # the first of each is not counted
                for each in measured:
                    _load(tab, each)
    console.print(report(measured))


def report(measured: Sequence[Measured]) -> Table:
    """Return the table of what each page took; the first load of each is left out."""
    table = Table(title="First contentful paint of a browser that has nothing kept")
    table.add_column("page", overflow="fold")
    for name in ("status", "median ms", "p95 ms", "max ms", "", "kB on the wire", ""):
        table.add_column(name, justify="right")
    for each in measured:
        kept = Measured(each.path, each.paints[1:] or each.paints)
        table.add_row(
            each.path,
            str(each.status),
            f"{statistics.median(kept.paints):.0f}",
            f"{kept.p95:.0f}",
            f"{max(kept.paints):.0f}",
            "met" if kept.p95 < PAINT_BAR_MS else "[bold]over[/bold]",
            f"{each.transferred / 1000:.1f}",
            "met" if each.transferred < BYTES_BAR else "[bold]over[/bold]",
        )
    return table


def _load(tab: Tab, measured: Measured) -> None:
    tab.page.context.new_cdp_session(tab.page).send("Network.clearBrowserCache")
    address = f"{tab.address}/airscale{measured.path}"
    answer = tab.page.goto(address, wait_until="networkidle")
    measured.status = 0 if answer is None else answer.status
    measured.paints.append(float(tab.page.evaluate(_PAINTED)))
    measured.transferred = max(measured.transferred, tab.transferred())


def _seed_metrics(home: Home) -> None:
    """Fill the daily metrics and the load, unless they are there."""
    folder = postgres.socket_folder(home)
    with connect(folder, postgres.CATALOGUE_DATABASE) as connection:
        connection.execute(_METRICS.read_text(encoding="utf-8"))
        connection.execute("ANALYZE job_type_metrics, ingest_metrics, load_measurement, job_load")


if __name__ == "__main__":
    typer.run(main)
