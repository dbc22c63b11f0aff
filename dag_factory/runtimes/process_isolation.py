"""What an isolated process job may see of its host; the kernel's Landlock sees to it.

``AIRSCALE_PROCESS_ISOLATION`` is ``off`` (the default), ``landlock`` or ``available``. A job that
is isolated reads its inputs, its work directory, what programs need of the system, and what
``AIRSCALE_PROCESS_PATHS`` lists; it writes its outputs, a temporary directory of its own, and what
``AIRSCALE_PROCESS_WRITABLE_PATHS`` lists.
"""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, assert_never

from dag_factory.failures import JobFailure
from dag_factory.runtimes import landlock
from dag_factory.runtimes.installations import installations
from dag_factory.runtimes.runtime import Invocation
from dag_factory.work_directory import WorkDirectory, executions_directory

ISOLATION_VARIABLE: Final = "AIRSCALE_PROCESS_ISOLATION"
PATHS_VARIABLE: Final = "AIRSCALE_PROCESS_PATHS"
WRITABLE_VARIABLE: Final = "AIRSCALE_PROCESS_WRITABLE_PATHS"

LEAST_ABI: Final = 3
"""The first version of Landlock that keeps inputs whole: before, they could be truncated."""

_SYSTEM: Final = (
    *("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/usr", "/opt", "/etc"),
    *("/nix/store", "/gnu/store"),
    *("/proc", "/sys"),
    *("/run/systemd/resolve", "/var/cache/fontconfig", "/var/lib/sss/mc"),
)
"""What programs read of any host: themselves, their settings, names of hosts and users, fonts."""
_DEVICES: Final = ("null", "zero", "full", "random", "urandom", "shm")
_GPUS: Final = ("nvidia*", "dri", "kfd")
_PRIVATE: Final = ("AIRSCALE_HOME", "AIRSCALE_LOGS", "AIRSCALE_SECRETS", "AIRFLOW_HOME")
"""Name directories that are not seen where one above them is listed."""


class Isolation(StrEnum):
    """Whether process jobs are isolated."""

    OFF = "off"
    LANDLOCK = "landlock"
    AVAILABLE = "available"


@dataclass(frozen=True, slots=True)
class Visible:
    """What a job may read and execute, and what it may write, too."""

    readable: tuple[Path, ...]
    writable: tuple[Path, ...]


def isolation_of(variables: Mapping[str, str]) -> Isolation:
    """Return how a deployment isolates its process jobs.

    Raises
    ------
    ValueError
        Raised if the setting is none that there is.
    """
    configured = variables.get(ISOLATION_VARIABLE) or Isolation.OFF
    try:
        return Isolation(configured)
    except ValueError as error:
        choices = ", ".join(Isolation)
        message = f"{ISOLATION_VARIABLE} is {configured!r}. Set it to one of: {choices}."
        raise ValueError(message) from error


def listed(variables: Mapping[str, str], name: str) -> tuple[Path, ...]:
    """Return the paths that a setting lists, separated by colons.

    Raises
    ------
    ValueError
        Raised if one is not absolute.
    """
    paths = [Path(each) for each in variables.get(name, "").split(os.pathsep) if each]
    for each in paths:
        if not each.is_absolute():
            message = f"{name} lists {str(each)!r}. List paths from the root on, beginning with /."
            raise ValueError(message)
    return tuple(paths)


def visible_to(invocation: Invocation, path: str) -> Visible | None:
    """Return what a job may see of this host; None if it is not isolated.

    Parameters
    ----------
    path
        Where its command is looked up, as in ``PATH``.

    Raises
    ------
    JobFailure
        Raised as ``launch`` if it has to be isolated and this kernel cannot, or a setting is wrong.
    """
    try:
        isolation = isolation_of(os.environ)
        if not _is_wanted(isolation):
            return None
        more = listed(os.environ, PATHS_VARIABLE)
        writable = listed(os.environ, WRITABLE_VARIABLE)
    except ValueError as error:
        raise JobFailure("launch", str(error)) from error
    private = frozenset(_private_directories())
    inputs = (file.path for files in invocation.plan.files.values() for file in files)
    programs = (Path(each) for each in path.split(os.pathsep))
    system = (*map(Path, _SYSTEM), *installations((*programs, Path(sys.executable).parent)))
    return Visible(
        readable=(invocation.work.root, *inputs, *_without(private, (*system, *more))),
        writable=(*_of_its_own(invocation.work), *_devices(), *_without(private, writable)),
    )


def _is_wanted(isolation: Isolation) -> bool:
    match isolation:
        case Isolation.OFF:
            return False
        case Isolation.AVAILABLE:
            return _has_landlock()
        case Isolation.LANDLOCK:
            problem = lacking()
            if problem is None:
                return True
            raise JobFailure(
                "launch",
                f"The job was not started: {ISOLATION_VARIABLE} is {isolation}, and {problem}"
                " Use a newer kernel, or set it to 'available' or 'off'.",
            )
        case _:
            assert_never(isolation)


def lacking() -> str | None:
    """Return why this host's kernel cannot isolate jobs, as a sentence; None if it can."""
    try:
        version = landlock.abi()
    except OSError as error:
        return f"the kernel of this host has no Landlock ({error.strerror})."
    if version < LEAST_ABI:
        return (
            f"the Landlock of this host's kernel is of version {version}, which lets files be"
            f" truncated; version {LEAST_ABI} (Linux 6.2) does not."
        )
    return None


def _has_landlock() -> bool:
    try:
        return landlock.abi() > 0
    except OSError:
        return False


def _of_its_own(work: WorkDirectory) -> tuple[Path, ...]:
    return work.outputs, work.temporary, work.stdout, work.stderr


def _devices() -> Iterator[Path]:
    devices = Path("/dev")
    yield from (devices / each for each in _DEVICES)
    for pattern in _GPUS:
        yield from devices.glob(pattern)


def _private_directories() -> Iterator[Path]:
    named = (Path(os.environ[name]) for name in _PRIVATE if os.environ.get(name))
    for each in (executions_directory(), *named):
        yield Path(os.path.realpath(each))


def _without(private: frozenset[Path], paths: Iterable[Path]) -> Iterator[Path]:
    """Yield paths, and in place of one above a private directory what lies beside the way there."""
    for path in dict.fromkeys(os.path.realpath(each) for each in paths):
        yield from _beside(private, Path(path))


def _beside(private: frozenset[Path], path: Path) -> Iterator[Path]:
    if not any(path in each.parents for each in private):
        yield path
        return
    for child in _children(path):
        if child not in private and not child.is_symlink():
            yield from _beside(private, child)


def _children(path: Path) -> list[Path]:
    try:
        return list(path.iterdir())
    except OSError:  # what cannot be listed, or is not there, is not shown
        return []
