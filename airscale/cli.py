"""The command line: ``python -m airscale``."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from airscale import keys, ports, stack, status
from airscale.cluster.services import ServiceName
from airscale.demo.runtime import DemoRuntime
from airscale.errors import StackError
from airscale.home import Home
from airscale.ingest_commands import scan_app, strike_app, workspace_app
from airscale.login import Login
from airscale.plain_errors import plain_errors

WIDTH_OF_FILES = 160
_AS_COMPONENT = {"_AIRFLOW_PROCESS_CONTEXT": "server"}
"""Lets Airflow read connections from its database in this process, too."""

app = typer.Typer(
    help="File-driven science processing on Apache Airflow, on this machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(workspace_app)
app.add_typer(strike_app)
app.add_typer(scan_app)


@app.command()
def up() -> None:
    """Start PostgreSQL and Airflow, or what of them is not running."""
    console = Console()
    with plain_errors(), _progress(console) as report:
        login = stack.up(Home.from_environment(), report)
    _print_login(console, login)


@app.command()
def down() -> None:
    """Stop everything that `up` started; what is kept stays."""
    console = Console()
    with plain_errors(), _progress(console) as report:
        stack.down(Home.from_environment(), report)
    console.print("Everything is stopped.")


@app.command(name="status")
def show_status() -> None:
    """Show what runs, where it is reached, and the login."""
    home, console = Home.from_environment(), Console()
    with plain_errors():
        rows = status.status(home)
        console.print(_table(rows))
        address = ports.load(home)
        if address is not None and home.secrets.exists():
            password = keys.load(home).admin_password
            _print_login(console, Login(address.base_url, "admin", password))


@app.command(name="demo")
def run_demo(
    *,
    runtime: Annotated[
        DemoRuntime, typer.Option(help="What the example's jobs run as.")
    ] = DemoRuntime.PROCESS,
    scenes: Annotated[int, typer.Option(min=1, max=100, help="How many scenes.")] = 6,
    seconds: Annotated[float, typer.Option(help="How long to wait for the products.")] = 180.0,
) -> None:
    """Start the system, drop example scenes in, and show the products they become."""
    from airscale.demo.run import demo  # noqa: PLC0415 - other commands start sooner

    console = Console()
    if not console.is_terminal:
        console.width = WIDTH_OF_FILES
    with plain_errors():
        login = demo(
            Home.from_environment(), console, runtime, scenes, seconds, reporting=_progress
        )
    _print_login(console, login.for_people())


@app.command()
def migrate() -> None:
    """Bring both databases to this version; safe to run twice, and at once from two places."""
    from airscale import deployed  # noqa: PLC0415 - other commands start sooner

    with plain_errors():
        deployed.migrate(Home.from_environment())


@app.command()
def prepare() -> None:
    """Make the secrets and folders of a cluster, as root; what is there stays."""
    from airscale.cluster.prepare import prepare as make_missing  # noqa: PLC0415 - as above

    with plain_errors():
        make_missing()


@app.command()
def serve(
    name: Annotated[ServiceName, typer.Argument(help="Which service to become.")],
) -> None:
    """Become one service of a cluster; docker-compose.yaml calls this."""
    from airscale.cluster.serve import serve as become  # noqa: PLC0415 - other commands start sooner

    with plain_errors():
        become(name)


@app.command()
def doctor(
    *,
    wait: Annotated[
        float, typer.Option(min=0, help="Seconds in which a system that is starting may get well.")
    ] = 0.0,
) -> None:
    """Look at everything the system needs, and say what to do; exit 1 if something is broken."""
    from airscale import deployed  # noqa: PLC0415 - other commands start sooner
    from airscale.doctor.examination import examine_patiently  # noqa: PLC0415 - as above
    from airscale.doctor.report import is_sound, show  # noqa: PLC0415 - as above

    console = Console()
    with plain_errors():
        variables = deployed.variables(Home.from_environment())
        os.environ.update(variables | _AS_COMPONENT)
        found = list(examine_patiently(variables, wait))
    show(console, found)
    if not is_sound(found):
        raise typer.Exit(1)


@app.command()
def dispatch() -> None:
    """Create the DAG runs the catalogue asks for, until stopped; API servers do it, too."""
    from catalog.catalogue import Catalogue  # noqa: PLC0415 - other commands start sooner
    from dag_factory.dispatcher import Dispatcher  # noqa: PLC0415 - as above

    with plain_errors():
        Dispatcher(Catalogue.from_environment()).run()


@app.command()
def metrics(
    first: Annotated[
        datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first UTC day.")
    ],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="The last UTC day.")],
) -> None:
    """Compute the daily metrics of a range of days anew, from what the catalogue holds."""
    from airscale.catalogue import open_catalogue  # noqa: PLC0415 - other commands start sooner
    from catalog.errors import CatalogueError  # noqa: PLC0415 - as above

    console = Console()
    with plain_errors(), open_catalogue(Home.from_environment()) as catalogue:
        try:
            days = catalogue.metrics.compute_range(first.date(), last.date())
        except CatalogueError as error:
            raise StackError(str(error)) from error
        with _progress(console) as report:
            count = 0
            for count, day in enumerate(days, start=1):  # noqa: B007 - the last one counts
                report(f"{day} is computed.")
        console.print(f"The metrics of {count} days are computed.")


@app.command()
def reset(
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Stop everything and delete all that this system keeps."""
    home, console = Home.from_environment(), Console()
    with plain_errors():
        stack.require_home(home)
        console.print(f"This deletes, for ever, in {home.root}:", soft_wrap=True, markup=False)
        for place in stack.contents(home):
            console.print(f"  {place.name}", highlight=False)
        if not yes:
            _confirm()
        with _progress(console) as report:
            others = stack.reset(home, report)
    kept = ", ".join(place.name for place in others)
    console.print(f"Deleted. Kept, for it is not Airscale's: {kept}." if kept else "Deleted.")


def _confirm() -> None:
    if not sys.stdin.isatty():
        raise StackError("Nothing was deleted: without a terminal to ask at, give --yes.")
    if not typer.confirm("Delete it?"):
        raise StackError("Nothing was deleted.")


@contextmanager
def _progress(console: Console) -> Iterator[stack.Report]:
    """Show each step: as a moving line at a terminal, as lines elsewhere."""
    if not console.is_terminal:
        yield lambda sentence: console.print(
            sentence, soft_wrap=True, highlight=False, markup=False
        )
        return
    with console.status("") as line:
        yield lambda sentence: line.update(escape(sentence))


def _print_login(console: Console, login: Login) -> None:
    console.print(f"Airscale: {login.address}", soft_wrap=True)
    console.print(
        f"Log in as {login.user} with the password {login.password}",
        soft_wrap=True,
        highlight=False,
        markup=False,
    )


def _table(rows: list[status.ComponentStatus]) -> Table:
    table = Table("component", "pid", "state", "memory MiB", "uptime")
    for row in rows:
        table.add_row(
            row.name,
            str(row.pid or ""),
            row.state.value,
            "" if row.memory is None else f"{row.memory:.0f}",
            "" if row.uptime is None else str(timedelta(seconds=int(row.uptime))),
        )
    total = sum(row.memory or 0 for row in rows)
    table.add_row("together", "", "", f"{total:.0f}", "", style="bold")
    return table
