"""Supervises one process job: a program of its own, outside the triggerer's life.

``python -I -S supervisor.py WORK_DIRECTORY`` reads ``invocation`` there, runs the command and
leaves ``exit.json``. An exclusive lock on the file ``lock`` is held by this process and by the
command, so the lock says whether the job is alive, whoever asks, and no second one can start. It
leaves its parent at once, so that the end of the parent cannot be its own.

Each job pays for what is imported here. So it is little, and of what starts fast: not ``json``,
``signal``, ``subprocess`` or ``typing``, which take two thirds of the time of starting. What
isolates a job is imported only for jobs that are.
"""

import _signal  # type: ignore[import-not-found]  # what the module ``signal`` is made of
import fcntl
import os
import resource
import sys
import time

END = b"\0"
"""Stands after each part of ``invocation``; no argument, variable or path can hold it."""

NOT_ISOLATED = "it cannot be isolated: "
"""Begins the problem of a command that was not started because of that."""


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
    with open("invocation", "rb") as stream:
        parts = stream.read().split(END)
    pid = os.getpid()
    began = ticks(pid)
    told = "null" if began is None else f'"{began}"'
    write("started.json", f'{{"pid": {pid}, "ticks": {told}}}')
    os.set_inheritable(lock, True)  # noqa: FBT003  # it takes no name
    write("exit.json", run(*parsed(parts)))
    return 0


def written(
    directory: bytes,
    limits: "tuple[list[int] | None, int | None, int | None]",
    argv: "list[bytes]",
    environment: "dict[bytes, bytes]",
    visible: "tuple[list[bytes], list[bytes]] | None" = None,
) -> bytes:
    """Return what ``invocation`` holds: `parsed` reads it.

    Parameters
    ----------
    limits
        CPUs by number, memory and the size of a file in bytes; None where there is no limit.
    visible
        What the command may read, and what it may write, too; None where it is not isolated.
    """
    cpus, memory, file_size = limits
    lists = [argv, *(visible or ())]
    numbers = (
        ",".join(map(str, cpus or ())),
        str(memory or ""),
        str(file_size or ""),
        ",".join(str(len(each)) for each in lists),
    )
    variables = [b"%b=%b" % each for each in environment.items()]
    parts = [directory, *(each.encode() for each in numbers)]
    return END.join([*parts, *(word for each in lists for word in each), *variables])


def parsed(
    parts: "list[bytes]",
) -> "tuple[bytes, tuple[list[int], int, int], dict[bytes, bytes], list[list[bytes]]]":
    """Return the parts of ``invocation`` as `run` takes them; 0 is no limit."""
    directory, cpus, memory, file_size, sizes = parts[:5]
    rest = parts[5:]
    lists = []
    for size in map(int, sizes.split(b",")):
        lists.append(rest[:size])
        rest = rest[size:]
    environment = {}
    for each in rest:
        name, _, value = each.partition(b"=")
        environment[name] = value
    limits = (
        [int(each) for each in cpus.split(b",") if each],
        int(memory or 0),
        int(file_size or 0),
    )
    return directory, limits, environment, lists


def run(
    directory: bytes,
    limits: "tuple[list[int], int, int]",
    environment: "dict[bytes, bytes]",
    lists: "list[list[bytes]]",
) -> str:
    """Run the command to its end; return what ``exit.json`` says.

    Parameters
    ----------
    lists
        Its arguments; of one that is isolated also what it may read, and what it may write, too.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    reader, writer = os.pipe()  # closed when the command begins
    pid = os.fork()
    if pid == 0:
        try:
            become(directory, limits, environment, *lists)
        except (OSError, ValueError) as error:
            os.write(writer, str(error).encode("utf-8", "replace"))
        finally:
            os._exit(127)
    os.close(writer)
    with open(reader, "rb") as stream:
        problem = stream.read()
    _, status, usage = os.wait4(pid, 0)
    if problem:
        import json  # noqa: PLC0415  # as above

        return json.dumps({"problem": problem.decode(), "ended": time.time()})
    return (
        f'{{"exit_code": {os.waitstatus_to_exitcode(status)}, "ended": {time.time()!r},'
        f' "cpu_seconds": {usage.ru_utime + usage.ru_stime!r}, "max_rss_kib": {usage.ru_maxrss}}}'
    )


def become(
    directory: bytes,
    limits: "tuple[list[int], int, int]",
    environment: "dict[bytes, bytes]",
    argv: "list[bytes]",
    *visible: "list[bytes]",
) -> None:
    """Make this process the command; raises what keeps it from being that."""
    appending = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
    os.dup2(os.open("stdout.log", appending, 0o666), 1)
    os.dup2(os.open("stderr.log", appending, 0o666), 2)
    for ignored in (_signal.SIGPIPE, _signal.SIGXFSZ):  # by Python, and so by what it starts
        _signal.signal(ignored, _signal.SIG_DFL)
    os.chdir(directory)
    if visible:
        isolate(*visible)
    limit(limits)
    try:
        os.execvpe(argv[0], argv, environment)  # noqa: S606  # an argument vector, no shell
    except OSError as error:
        raise OSError(error.errno, error.strerror, os.fsdecode(argv[0])) from None


def isolate(readable: "list[bytes]", writable: "list[bytes]") -> None:
    """Let this process, and what it starts, reach only some paths; raises what keeps it from it."""
    sys.path.append(os.path.abspath(f"{__file__}/../../.."))
    try:
        from dag_factory.runtimes import capabilities, landlock  # noqa: PLC0415  # see above

        landlock.restrict(readable, writable)
        capabilities.keep_only(capabilities.HARMLESS)
    except (ImportError, OSError) as error:
        raise OSError(f"{NOT_ISOLATED}{error}") from None


def limit(limits: "tuple[list[int], int, int]") -> None:
    """Limit this process, and what it starts, before it becomes the command."""
    cpus, memory, file_size = limits
    if cpus:
        os.sched_setaffinity(0, cpus)
    for wanted, kind in ((memory, resource.RLIMIT_DATA), (file_size, resource.RLIMIT_FSIZE)):
        hard = resource.getrlimit(kind)[1]
        if wanted and (hard == resource.RLIM_INFINITY or wanted < hard):
            resource.setrlimit(kind, (wanted, wanted))


def ticks(pid: int) -> "str | None":
    """Return when a process began, in clock ticks since the host did; None where nobody says.

    With its number this names a process for good, and no change of the clock can alter it.
    """
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stream:
            return stream.read().rpartition(")")[2].split()[19]
    except OSError:
        return None


def write(name: str, document: str) -> None:
    """Write a document so that a reader sees all of it or none."""
    temporary = f"{name}.tmp"
    with open(temporary, "w", encoding="utf-8") as stream:
        stream.write(document)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(temporary, name)


if __name__ == "__main__":
    os._exit(main(sys.argv[1]))
