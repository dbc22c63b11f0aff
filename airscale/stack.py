"""Up, down and reset of one local system."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from airscale import health, keys, ports, postgres, prepared, processes, records
from airscale.components import API_SERVER, COMPONENTS, Component
from airscale.deployed import note_start
from airscale.errors import ComponentEndedError, StackError
from airscale.files import tail
from airscale.home import PROJECT_ROOT, Home
from airscale.local import local_deployment
from airscale.lock import exclusive
from airscale.login import Login
from airscale.ports import Ports
from airscale.settings import environment

Report = Callable[[str], None]
COMPONENT_NAMES = tuple(component.name for component in COMPONENTS)
BOOTSTRAP_SECONDS = 600
PORT_ATTEMPTS = 3
"""Between the choice of a port and its use lie seconds, in which another home may take it."""


def up(home: Home, report: Report = lambda _: None) -> Login:
    """
    Start what is not running, and return when all of it is healthy.

    Repeating it starts nothing anew; a component that died is started again. If the software
    changed so that the databases must be brought forward, everything is restarted around that.

    Parameters
    ----------
    report
        Called with a sentence at each step.

    Raises
    ------
    StackError
        Something did not start; what did start keeps running.
    """
    home.create()
    with exclusive(home, lambda: report("Waiting for another `up` or `down` to end.")):
        secrets = keys.load_or_create(home)
        report("Starting PostgreSQL.")
        socket_folder = postgres.start(home)
        for attempt in range(1, PORT_ATTEMPTS + 1):
            chosen = _ports(home)
            deployment = local_deployment(home, chosen, socket_folder)
            variables = environment(home, secrets, deployment)
            prepare(home, socket_folder, variables, report)
            _start_missing(home, variables, report)
            try:
                health.wait_until_healthy(home, chosen, report)
                break
            except ComponentEndedError as error:
                port_lost = error.name == API_SERVER.name and not ports.is_free(chosen.api)
                if not port_lost or attempt == PORT_ATTEMPTS:
                    raise
                report(f"Port {chosen.api} was taken by another program meanwhile.")
    return Login(chosen.base_url, "admin", secrets.admin_password)


def down(home: Home, report: Report = lambda _: None) -> None:
    """Stop everything this home started: components, then their jobs, then PostgreSQL."""
    if not home.root.exists():
        return
    with exclusive(home, lambda: report("Waiting for another `up` or `down` to end.")):
        _stop_all(home, report)


def reset(home: Home, report: Report = lambda _: None) -> list[Path]:
    """
    Stop everything, then delete what the system keeps; return what else lies in the folder.

    Files that Airscale did not put there stay, and then the folder stays too.

    Raises
    ------
    StackError
        The folder is not a home of Airscale.
    """
    require_home(home)
    with exclusive(home, lambda: report("Waiting for another `up` or `down` to end.")):
        _stop_all(home, report)
        report(f"Deleting {home.root}.")
        for place in contents(home):
            shutil.rmtree(place) if place.is_dir() else place.unlink()
    others = sorted(home.root.iterdir())
    if not others:
        home.root.rmdir()
    return others


def contents(home: Home) -> list[Path]:
    """Return what a reset deletes: the keys last, for they show that this is a home."""
    places = (
        *home.folders(),
        home.postgres,
        *postgres.unfinished_clusters(home),
        home.ports,
        home.secrets,
    )
    return [place for place in places if place.exists()]


def require_home(home: Home) -> None:
    """Raise `StackError` unless the folder holds the keys that `up` writes first."""
    if not home.secrets.exists():
        raise StackError(
            f"There is nothing to reset: {home.root} holds no Airscale system. See AIRSCALE_HOME."
        )


def _stop_all(home: Home, report: Report) -> None:
    report("Stopping Airflow.")
    processes.stop(home, COMPONENT_NAMES)
    processes.stop_leftovers(home)
    report("Stopping PostgreSQL.")
    postgres.stop(home)


def _is_running(home: Home, component: Component) -> bool:
    record = records.read(home, component.name)
    return record is not None and record.process() is not None


def _ports(home: Home) -> Ports:
    """
    Return the ports in use, or choose some while the API server is not running.

    Components that know the former port must not outlive it.
    """
    former = ports.load(home)
    if former is not None and _is_running(home, API_SERVER):
        return former
    chosen = ports.choose(home)
    if chosen != former:
        processes.stop(home, COMPONENT_NAMES)
    return chosen


def prepare(home: Home, socket_folder: Path, variables: Mapping[str, str], report: Report) -> None:
    """
    Run the bootstrap unless the databases are what it would make of them.

    Raises
    ------
    StackError
        The bootstrap failed; the sentence holds the end of its log.
    """
    wanted = prepared.digest()
    if prepared.is_prepared(socket_folder, wanted):
        return
    report("Preparing the databases.")
    processes.stop(home, COMPONENT_NAMES)
    log = home.log("bootstrap")
    with log.open("wb") as output:
        ended = subprocess.run(
            [sys.executable, "-m", "airscale.bootstrap"],
            cwd=PROJECT_ROOT,
            env=dict(variables),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            timeout=BOOTSTRAP_SECONDS,
            check=False,
        )
    if ended.returncode != 0:
        raise StackError(
            f"The databases could not be prepared. Mend what the log says, then run `up` again. "
            f"The end of {log}:\n{tail(log)}"
        )
    prepared.mark_prepared(socket_folder, wanted)


def _start_missing(home: Home, variables: Mapping[str, str], report: Report) -> None:
    missing = [component for component in COMPONENTS if not _is_running(home, component)]
    if not missing:
        return
    names = [component.name for component in missing]
    report(f"Starting {', '.join(names)}.")
    processes.stop(home, names)  # what a component that died left behind
    note_start(variables, *names)
    with ThreadPoolExecutor(len(missing)) as pool:
        for started in [
            pool.submit(processes.start, home, component.name, component.command, variables)
            for component in missing
        ]:
            started.result()
