"""Commands about what comes in: ``airscale workspace|strike|scan``.

They work on the catalogue itself, beside the running system.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from airscale.errors import StackError
from airscale.home import Home
from airscale.plain_errors import plain_errors

if TYPE_CHECKING:
    from catalog.catalogue import Catalogue
    from catalog.records.files import ScanRecord

workspace_app = typer.Typer(name="workspace", help="Places that store files.", no_args_is_help=True)
strike_app = typer.Typer(
    name="strike", help="Processes that watch directories.", no_args_is_help=True
)
scan_app = typer.Typer(name="scan", help="Files that are ingested once.", no_args_is_help=True)


def _text(name: str) -> str:
    """Refuse a name that the catalogue cannot hold."""
    if not name.isprintable():
        raise typer.BadParameter(f"{name!a} is no printable UTF-8 text. Choose another name.")
    return name


Name = Annotated[str, typer.Argument(help="The name.", callback=_text)]
JsonFile = Annotated[Path, typer.Argument(help="A file with the configuration, as JSON.")]


@contextmanager
def _catalogue() -> Iterator["Catalogue"]:
    """Open the catalogue; what it refuses is said as a sentence."""
    from airscale.catalogue import open_catalogue  # noqa: PLC0415 - other commands start sooner
    from catalog.errors import CatalogueError  # noqa: PLC0415 - as above

    with plain_errors(), open_catalogue(Home.from_environment()) as catalogue:
        try:
            yield catalogue
        except CatalogueError as error:
            raise StackError(str(error)) from error


@workspace_app.command("list")
def list_workspaces() -> None:
    """Show the workspaces and how full their storage is."""
    with _catalogue() as catalogue:
        table = Table("name", "broker", "active", "used MiB", "total MiB")
        for each in _every(catalogue.queries.workspaces):
            measured = catalogue.workspaces.measured(each)
            broker = each.json_config["broker"]["type"]
            sizes = (_mib(measured.used_size), _mib(measured.total_size))
            table.add_row(each.name, broker, str(each.is_active).lower(), *sizes)
        Console().print(table)


@workspace_app.command("create")
def create_workspace(name: Name, configuration: JsonFile) -> None:
    """Create a workspace, and warn of storage that cannot be reached."""
    with _catalogue() as catalogue:
        document = _json(configuration)
        workspace = catalogue.workspaces.create(name, document)
        for caution in catalogue.workspaces.validate(name, document):
            Console(stderr=True).print(caution.details, style="yellow", markup=False)
        _say(f"Workspace {workspace.id} ({name}) is created.")


@strike_app.command("list")
def list_strikes() -> None:
    """Show the Strike processes."""
    with _catalogue() as catalogue:
        table = Table("name", "directory", "active", "paused", "job")
        for each in _every(catalogue.queries.strikes):
            directory = each.configuration["mount"]
            states = (str(state).lower() for state in (each.is_active, each.is_paused))
            table.add_row(each.name, directory, *states, str(each.job.status))
        Console().print(table)


@strike_app.command("create")
def create_strike(name: Name, configuration: JsonFile) -> None:
    """Create a Strike process; the running system starts it by itself."""
    with _catalogue() as catalogue:
        strike = catalogue.strikes.create(name, _json(configuration))
        _say(f"Strike process {strike.id} ({name}) is created.")


@strike_app.command()
def pause(name: Name) -> None:
    """Let a Strike process leave its directory alone until it is resumed."""
    _set_paused(name, is_paused=True)


@strike_app.command()
def resume(name: Name) -> None:
    """Let a Strike process go on."""
    _set_paused(name, is_paused=False)


@scan_app.command("list")
def list_scans() -> None:
    """Show the scans and what their last runs came to."""
    with _catalogue() as catalogue:
        table = Table("name", "status", *_COUNTS)
        for each in _every(catalogue.queries.scans):
            table.add_row(each.name, each.status, *(str(getattr(each, name)) for name in _COUNTS))
        Console().print(table)


@scan_app.command("create")
def create_scan(name: Name, configuration: JsonFile) -> None:
    """Create a scan; `scan run` makes it look."""
    with _catalogue() as catalogue:
        scan = catalogue.scans.create(name, _json(configuration))
        _say(f"Scan {scan.id} ({name}) is created.")


@scan_app.command("run")
def run_scan(
    *,
    name: Name,
    ingest: Annotated[bool, typer.Option("--ingest", help="Register the files, too.")] = False,
) -> None:
    """Look what a scan finds, and with --ingest register it; both here, not in Airflow.

    A run that was cut off is taken up again by the same command.
    """
    with _catalogue() as catalogue:
        scan = catalogue.scans.find(name)
        if scan is None:
            raise StackError(f"There is no scan {name!r}. Create it with `scan create`.")
        try:
            found = _run(catalogue, scan, dry_run=True, total=None)
            if ingest:
                _run(catalogue, scan, dry_run=False, total=found.found)
        except KeyboardInterrupt:
            raise StackError("Cut off. The same command goes on where this one was.") from None


_COUNTS = ("found", "registered", "known", "passed_over", "errored")


def _run(
    catalogue: "Catalogue", scan: "ScanRecord", *, dry_run: bool, total: int | None
) -> "ScanRecord":
    from catalog.states import ScanStatus  # noqa: PLC0415 - other commands start sooner

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        bar = progress.add_task("Looking" if dry_run else "Ingesting", total=total)

        def report(counts: Mapping[str, int]) -> None:
            progress.update(bar, completed=counts["found"])

        ended = catalogue.scans.run(scan.id, dry_run=dry_run, progress=report)
    if ended.status is ScanStatus.FAILED:
        raise StackError(f"The scan {scan.name!r} could not go on: {ended.problem}")
    verb = "would be ingested" if dry_run else "are ingested"
    _say(
        f"{ended.found} files: {ended.registered} {verb}, {ended.known} are known,"
        f" {ended.passed_over} have other names, {ended.errored} cannot be ingested."
    )
    if ended.problem:
        console.print(ended.problem, style="yellow", markup=False, soft_wrap=True)
    return ended


def _set_paused(name: str, *, is_paused: bool) -> None:
    with _catalogue() as catalogue:
        found = [each for each in _every(catalogue.queries.strikes) if each.name == name]
        if not found:
            raise StackError(f"There is no Strike process {name!r}. `strike list` shows them.")
        catalogue.strikes.update(found[0].id, {"is_paused": is_paused})
        _say(f"Strike process {name!r} is {'paused' if is_paused else 'resumed'}.")


def _every(queries: Any) -> Iterator[Any]:
    """Yield the rows of every page of a list."""
    from catalog.queries.listing import PageRequest  # noqa: PLC0415 - other commands start sooner

    number, seen = 1, 0
    while True:
        page = queries.page(PageRequest(page=number, page_size=1000))
        yield from page.rows
        number, seen = number + 1, seen + len(page.rows)
        if seen >= page.count or not page.rows:
            return


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text())
    except OSError as error:
        raise StackError(
            f"The file '{path}' cannot be read: {error.strerror}. Name the file with the"
            " configuration."
        ) from error
    except (RecursionError, ValueError) as error:
        raise StackError(f"The file '{path}' is not JSON ({error}). Mend it.") from error


def _mib(size: int | None) -> str:
    return "" if size is None else f"{size / 1024**2:.0f}"


def _say(sentence: str) -> None:
    Console().print(sentence, markup=False, highlight=False, soft_wrap=True)
