"""Jobs as processes of this host.

They outlive the triggerer: each has a supervisor in a session of its own, and leaves its exit
status in a file.
"""

import asyncio
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import psutil

from catalog.records.execution import InputFile, Used
from dag_factory.failures import JobFailure
from dag_factory.runtimes import supervisor
from dag_factory.runtimes.process_invocation import (
    ALGORITHM_PATH_VARIABLE,
    inherited_environment,
    write_invocation,
)
from dag_factory.runtimes.process_isolation import ISOLATION_VARIABLE, PATHS_VARIABLE, Isolation
from dag_factory.runtimes.process_limits import ran_out_of_memory
from dag_factory.runtimes.process_used import use_of_processes, use_told
from dag_factory.runtimes.process_wait import until_it_may_have_ended
from dag_factory.runtimes.runtime import Exit, Found, Invocation
from dag_factory.runtimes.seen_use import note_use, noted_use
from dag_factory.work_directory import WorkDirectory

_POLL_SECONDS: Final = 0.1
_START_SECONDS: Final = 30.0
_KILL_SECONDS: Final = 10.0
_GRACE_SECONDS: Final = 3.0  # for the command to end by itself, before it is killed


class ProcessRuntime:
    """Runs the command of a job as a process, with its inputs as links in the work directory.

    The command is looked up on ``AIRSCALE_ALGORITHM_PATH``, then on ``PATH``. Where the deployment
    isolates jobs, it sees only what belongs to it (`dag_factory.runtimes.process_isolation`).
    """

    def input_path(self, work: WorkDirectory, input_name: str, file_name: str) -> Path:
        """Return the link to an input file."""
        return self.input_directory(work, input_name) / file_name

    def input_directory(self, work: WorkDirectory, input_name: str) -> Path:
        """Return the directory of the links of an input."""
        return (work.inputs / input_name).absolute()

    def output_directory(self, work: WorkDirectory) -> Path:
        """Return the output directory itself."""
        return work.outputs.absolute()

    def give(self, work: WorkDirectory, files: Mapping[str, Mapping[str, InputFile]]) -> None:
        """Link input files into the work directory."""
        for input_name, named in files.items():
            directory = self.input_directory(work, input_name)
            directory.mkdir(exist_ok=True)
            for file_name, file in named.items():
                with suppress(FileExistsError):  # made before a crash, or by another process
                    (directory / file_name).symlink_to(file.path)

    async def find(self, invocation: Invocation) -> Found:
        """Say what there is of an execution, by its files and its lock."""
        return await asyncio.to_thread(_find, invocation.work.root)

    async def fetch(self, invocation: Invocation) -> None:
        """Do nothing: the command is on this host."""

    async def start(self, invocation: Invocation) -> None:
        """Start the supervisor in a session of its own, and wait until it has begun."""
        root = invocation.work.root
        await asyncio.to_thread(_launch, invocation)
        deadline = asyncio.get_running_loop().time() + _START_SECONDS
        while not (root / "started.json").exists():
            if asyncio.get_running_loop().time() > deadline or not root.exists():
                raise JobFailure(
                    "launch",
                    f"The supervisor of {invocation.name} did not begin within"
                    f" {_START_SECONDS:.0f} s, or its work directory was removed."
                    " Look for a full disk or too many processes.",
                )
            await asyncio.sleep(_POLL_SECONDS / 5)

    async def wait(self, invocation: Invocation) -> Exit:
        """Wait until the exit status is there, or the job is gone without one."""
        root = invocation.work.root
        while await self.find(invocation) is Found.RUNNING:
            await until_it_may_have_ended(root)
        status = await asyncio.to_thread(_read, root / "exit.json")
        if status is None:
            raise JobFailure(
                "node-lost",
                f"The process of {invocation.name} vanished without an exit status: it, or this"
                " host, was stopped from outside. It is tried again while tries remain.",
            )
        if "problem" in status:
            raise _not_started(invocation, status["problem"])
        return await asyncio.to_thread(_verdict, invocation, status)

    async def kill(self, invocation: Invocation) -> None:
        """Ask the command, and whatever it started, to end; then kill the supervisor's session."""
        if await self.find(invocation) is Found.RUNNING:
            await asyncio.to_thread(_kill, invocation.work.root)

    async def remove(self, invocation: Invocation) -> None:
        """Do nothing: all there is of a process job is its work directory."""

    async def placed(self, invocation: Invocation) -> str | None:
        """Return None: it runs on this host."""
        del invocation
        return None

    def used(self, invocation: Invocation) -> Used:
        """Return what the supervisor counted; of what was killed, what it used until then."""
        root = invocation.work.root
        return use_told(_read(root / "exit.json") or {}) or noted_use(root)

    async def leftovers(self, executions: Path) -> frozenset[int]:
        """Return the ids of the executions that were started as processes, by their files."""
        started = await asyncio.to_thread(lambda: list(executions.glob("exe-*/started.json")))
        return frozenset(int(each.parent.name.removeprefix("exe-")) for each in started)


def _not_started(invocation: Invocation, problem: str) -> JobFailure:
    advice = f"Put it on {ALGORITHM_PATH_VARIABLE} or PATH of this host, executable."
    if problem.startswith(supervisor.NOT_ISOLATED):
        advice = f"See {ISOLATION_VARIABLE} in docs/execution.md."
    elif os.environ.get(ISOLATION_VARIABLE, Isolation.OFF) != Isolation.OFF:
        advice += f" If it is elsewhere, or links there, list that in {PATHS_VARIABLE}."
    sentence = f"The command {invocation.argv[0]!r} could not be started: {problem}. {advice}"
    return JobFailure("launch", sentence)


def _verdict(invocation: Invocation, status: Mapping[str, Any]) -> Exit:
    return Exit(
        int(status["exit_code"]),
        datetime.fromtimestamp(status["ended"], UTC),
        out_of_memory=ran_out_of_memory(invocation.plan, invocation.work, status),
    )


def _find(root: Path) -> Found:
    if (root / "exit.json").exists():
        return Found.EXITED
    if not (root / "started.json").exists():
        return Found.ABSENT
    if _is_locked(root / "lock"):
        return Found.RUNNING
    # Between the two looks the job may have ended properly.
    return Found.EXITED if (root / "exit.json").exists() else Found.LOST


def _is_locked(lock: Path) -> bool:
    try:
        descriptor = os.open(lock, os.O_RDWR)
    except FileNotFoundError:  # the work directory was removed: the execution has ended
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)


def _launch(invocation: Invocation) -> None:
    root = invocation.work.root
    try:
        write_invocation(invocation)
        subprocess.run(  # noqa: S603  # our own program
            [sys.executable, "-I", "-S", supervisor.__file__, str(root.absolute())],
            env=inherited_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise JobFailure(
            "launch",
            f"The supervisor of {invocation.name} could not be started ({error})."
            " Look for a full disk or too many processes.",
        ) from error


def _kill(root: Path) -> None:
    """Ask the job to end, then kill until nothing is left that its lock or its session tells of."""
    started = _read(root / "started.json")
    if started is None:
        return
    session = int(started["pid"])
    if supervisor.ticks(session) not in (None, started["ticks"]):
        return  # the number belongs to another process now, so nothing is left of the session
    _note_use(root, session)
    if supervisor.ticks(session) is not None:
        _signal([session], signal.SIGKILL)
    _signal(_members(session), signal.SIGTERM)
    _wait_for(lambda: not _members(session), _GRACE_SECONDS)
    deadline = time.monotonic() + _KILL_SECONDS
    while members := _members(session):
        _signal(members, signal.SIGKILL)
        if time.monotonic() > deadline:
            raise JobFailure(
                "unknown",
                f"The processes {members} cannot be killed. Look at what they wait for on this"
                " host, such as a network file system that does not answer.",
            )
        time.sleep(_POLL_SECONDS / 10)


def _note_use(root: Path, session: int) -> None:
    """Note what a job has used: its supervisor will not live to tell."""
    command = [pid for pid in _members(session) if pid != session]
    with suppress(OSError):  # a full disk keeps nobody from killing
        note_use(root, use_of_processes(command))


def _signal(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def _wait_for(holds: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS / 4)


def _members(session: int) -> list[int]:
    """Return the living processes of a supervisor's session, itself first if it is alive.

    Were it killed last, it could still write how its command ended.
    """
    members = []
    for process in psutil.process_iter():
        try:
            is_member = os.getsid(process.pid) == session
            if is_member and process.status() != psutil.STATUS_ZOMBIE:
                members.append(process.pid)
        except (ProcessLookupError, psutil.NoSuchProcess, PermissionError):
            continue
    return sorted(members, key=lambda pid: pid != session)


def _read(path: Path) -> dict[str, Any] | None:
    """Return a document of the supervisor, None if it is not there."""
    try:
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return document
