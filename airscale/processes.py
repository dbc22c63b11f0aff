"""Start and stop the stack's processes: own sessions, checked records, nothing left behind."""

import os
import signal
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

import psutil

from airscale import records
from airscale.errors import StackError
from airscale.files import tail
from airscale.home import Home
from airscale.records import ProcessRecord, is_alive
from airscale.settings import MARKER

LAUNCH_SECONDS = 30.0
STOP_SECONDS = 10.0
KILL_SECONDS = 10.0


def start(
    home: Home, name: str, command: Sequence[str], environment: Mapping[str, str]
) -> ProcessRecord:
    """
    Start a component in a session of its own, its output in ``logs/<name>.log``.

    The log of its former start is kept as ``<name>.log.1``.

    Parameters
    ----------
    environment
        Whole; it must carry the stack's marker.

    Raises
    ------
    StackError
        The process ended before it could record itself.
    """
    log = home.log(name)
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists():
        log.replace(log.with_name(f"{log.name}.1"))
    appending = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    # Not subprocess: the component outlives this process, which never waits for it.
    pid = os.posix_spawn(
        sys.executable,
        [sys.executable, "-m", "airscale.launch", name, *command],
        environment,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), appending, 0o644),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
    )
    return _await_record(home, name, pid)


def _await_record(home: Home, name: str, pid: int) -> ProcessRecord:
    deadline = time.monotonic() + LAUNCH_SECONDS
    while time.monotonic() < deadline:
        record = records.read(home, name)
        if record is not None and record.pid == pid:
            return record
        if os.waitpid(pid, os.WNOHANG) != (0, 0):
            break
        time.sleep(0.02)
    else:
        os.kill(pid, signal.SIGKILL)
    raise StackError(
        f"The component {name} could not be started. The end of {home.log(name)}:\n"
        f"{tail(home.log(name))}"
    )


def stop(home: Home, names: Iterable[str]) -> None:
    """
    Stop recorded components together: SIGTERM to each session, SIGKILL after 10 s.

    What a component that died earlier left in its session is stopped too. A process that merely
    got a recorded number is never touched.
    """
    named = list(names)
    recorded = [record for name in named if (record := records.read(home, name))]
    asked = [member for record in recorded for member in members(home, record)]
    _signal(asked, signal.SIGTERM)
    _end(asked, STOP_SECONDS)
    born_meanwhile = [member for record in recorded for member in members(home, record)]
    _end(born_meanwhile, 0)
    for name in named:
        records.remove(home, name)


def members(home: Home, record: ProcessRecord) -> list[psutil.Process]:
    """
    Return the living members of a component's session: itself, its workers and their tasks.

    Where the leader is dead its number may lead another program's session by now, so each member
    must carry this home's marker.
    """
    leader_lives = record.process() is not None
    return [
        process
        for process in psutil.process_iter()
        if _session_of(process) == record.pid
        and is_alive(process)
        and (leader_lives or is_marked(home, process))
    ]


def leftovers(home: Home) -> list[psutil.Process]:
    """
    Return every process that this home's stack started, directly or not, but for ourselves.

    They are known by the marker in their environment: jobs run in sessions of their own, and a
    crash loses records.
    """
    this = psutil.Process()
    spared = {this.pid, *(parent.pid for parent in this.parents())}
    return [
        process
        for process in psutil.process_iter()
        if process.pid not in spared and is_marked(home, process) and is_alive(process)
    ]


def stop_leftovers(home: Home) -> None:
    """Stop what `leftovers` finds; twice, for what was being started meanwhile."""
    for _ in range(2):
        found = leftovers(home)
        _signal(found, signal.SIGTERM)
        _end(found, STOP_SECONDS)


def is_marked(home: Home, process: psutil.Process) -> bool:
    """Return whether a process carries this home's marker; one that cannot be read does not."""
    try:
        return process.environ().get(MARKER) == str(home.root)
    except (psutil.Error, OSError):
        return False


def _session_of(process: psutil.Process) -> int | None:
    try:
        return os.getsid(process.pid)
    except ProcessLookupError:
        return None


def _signal(processes: Iterable[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)


def _end(processes: list[psutil.Process], patience: float) -> None:
    """Wait so many seconds for processes that were asked to end, then kill the rest."""
    if _remaining(processes, patience):
        _signal((process for process in processes if is_alive(process)), signal.SIGKILL)
        _remaining(processes, KILL_SECONDS)


def _remaining(processes: list[psutil.Process], patience: float) -> list[psutil.Process]:
    deadline = time.monotonic() + patience
    while True:
        alive = [process for process in processes if is_alive(process)]
        if not alive or time.monotonic() >= deadline:
            return alive
        time.sleep(0.05)
