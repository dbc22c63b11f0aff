"""Make the home that ``make bench-rest`` measures: ``python -m benchmarks.seed_catalogue``."""

from typing import Annotated

import typer
from rich.console import Console

from benchmarks.server import bench_home, seeded


def main(rows: Annotated[int, typer.Option(min=10)] = 1_000_000) -> None:
    """Fill a PostgreSQL of its own with jobs, executions, recipes and runs of Airflow."""
    console = Console()
    home = bench_home(rows)
    with seeded(home, rows, console.print):
        console.print(f"The rows are in {home.root}. AIRSCALE_BENCH_HOME puts them elsewhere.")


if __name__ == "__main__":
    typer.run(main)
