"""Supervises one process job: a program of its own, outside the triggerer's life.

``python -I -S supervisor.py WORK_DIRECTORY`` reads ``invocation.json`` there, runs the command and
leaves ``exit.json``. An exclusive lock on the file ``lock`` is held by this process and by the
command, so the lock says whether the job is alive, whoever asks, and no second one can start. It
leaves its parent at once, so that the end of the parent cannot be its own. Only the standard
library is used, and little of it: it starts in a few milliseconds.
"""

import fcntl
import json
import os
import resource
import subprocess
import sys
import time
from typing import Any


def main(work_directory: str) -> int:
    """Run the command once; return 0 whatever became of it, because ``exit.json`` says that."""
    if os.fork():
        return 0
    os.setsid()
    os.chdir(work_directory)
    lock = os.open("lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return 0  # it is running already
    if os.path.exists("started.json"):
        return 0  # it ran already; who started it reads how it ended
    with open("invocation.json", encoding="utf-8") as stream:
        invocation = json.load(stream)
    write("started.json", {"pid": os.getpid(), "ticks": ticks(os.getpid())})
    write("exit.json", run(invocation, lock))
    return 0


def run(invocation: dict[str, Any], lock: int) -> dict[str, object]:
    """Run the command to its end; return what ``exit.json`` says."""
    limits = invocation.get("limits", {})
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with open("stdout.log", "ab") as stdout, open("stderr.log", "ab") as stderr:
        try:
            process = subprocess.Popen(  # noqa: S603  # an argument vector, no shell
                invocation["argv"],
                env=invocation["environment"],
                cwd=invocation["directory"],
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                pass_fds=[lock],
                preexec_fn=lambda: limit(limits),  # noqa: PLW1509  # this program has one thread
            )
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            return {"problem": str(error), "ended": time.time()}
        code = process.wait()
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "exit_code": code,
        "ended": time.time(),
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "max_rss_kib": usage.ru_maxrss,
    }


def limit(limits: dict[str, Any]) -> None:
    """Limit this process, and what it starts, before it becomes the command."""
    if limits.get("cpus"):
        os.sched_setaffinity(0, limits["cpus"])
    for name, kind in (("memory", resource.RLIMIT_DATA), ("file_size", resource.RLIMIT_FSIZE)):
        hard = resource.getrlimit(kind)[1]
        wanted = limits.get(name)
        if wanted and (hard == resource.RLIM_INFINITY or wanted < hard):
            resource.setrlimit(kind, (wanted, wanted))


def ticks(pid: int) -> str | None:
    """Return when a process began, in clock ticks since the host did; None where nobody says.

    With its number this names a process for good, and no change of the clock can alter it.
    """
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stream:
            return stream.read().rpartition(")")[2].split()[19]
    except OSError:
        return None


def write(name: str, document: dict[str, object]) -> None:
    """Write a document so that a reader sees all of it or none."""
    temporary = f"{name}.tmp"
    with open(temporary, "w", encoding="utf-8") as stream:
        json.dump(document, stream)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(temporary, name)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
