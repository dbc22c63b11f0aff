"""What the tasks of a job are told: ports of their host, and the PAI_* environment (seed 004)."""

import os
import random
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from math import gcd
from pathlib import Path
from typing import Any, Final

from catalog.records.job_sets import JobSetOrder, TaskOrder
from plugins.rest.pai.config import JobConfig, TaskRole
from plugins.rest.pai.wire import PaiError, invalid

HOST_VARIABLE: Final = "AIRSCALE_PAI_HOST"
PORTS_VARIABLE: Final = "AIRSCALE_PAI_PORTS"
FS_VARIABLE: Final = "AIRSCALE_PAI_FS_URI"
_PORTS: Final = "20000-32767"
_PORT_LIST: Final = "ports"
_ALWAYS: Final = ("http", "ssh")
Ports = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Place:
    """A task and the ports that it has by their labels."""

    role: TaskRole
    index: int
    ports: Ports


def host() -> str:
    """Return the address at which the ports of tasks are reached."""
    return os.environ.get(HOST_VARIABLE) or "127.0.0.1"


def file_system() -> str:
    """Return what stands for $PAI_DEFAULT_FS_URI."""
    home = Path(os.environ.get("AIRSCALE_HOME", ".airscale")).absolute()
    return os.environ.get(FS_VARIABLE) or (home / "pai").as_uri()


def with_tasks(
    order: JobSetOrder, config: JobConfig, user: str, taken: frozenset[int]
) -> JobSetOrder:
    """Return an order with its tasks, each with ports that no other has and nobody listens at.

    What the tasks are told of each other is kept once: of each it would grow with their square.

    Parameters
    ----------
    taken
        Ports of other jobs.

    Raises
    ------
    PaiError
        Raised if a port that is asked for is not free, or not enough are.
    """
    places = _places(config, taken)
    tasks = [
        TaskOrder(
            role=each.role.name,
            index=each.index,
            command=f'export PAI_WORK_DIR="$PWD"\n{with_file_system(each.role.command)}',
            cpus=each.role.cpuNumber,
            mem=each.role.memoryMB,
            gpus=each.role.gpuNumber,
            ports=[port for ports in each.ports.values() for port in ports],
            environment=_of_task(each),
            parameters={_PORT_LIST: _by_label(each.ports)},
        )
        for each in places
    ]
    shared = _of_job(config, user) | _host_lists(config, places)
    return replace(order, tasks=tasks, environment=shared)


def _places(config: JobConfig, taken: frozenset[int]) -> list[Place]:
    fixed = _fixed_ports(config)
    busy = sorted(port for port in fixed if port in taken or not is_free(port))
    if busy:
        raise invalid(f"$.taskRoles: port {busy[0]} is not free. Ask for another, or any (0).")
    free = _free_ports(taken | fixed)
    places = []
    for role in config.taskRoles:
        for index in range(role.taskNumber):
            ports: dict[str, tuple[int, ...]] = {}
            for each in role.portList:
                begin, count = each.beginAt, each.portNumber
                ports[each.label] = (
                    tuple(range(begin, begin + count)) if begin else _some(free, count)
                )
            for label in _ALWAYS:
                if label not in ports:
                    ports[label] = _some(free, 1)
            places.append(Place(role, index, ports))
    return places


def _fixed_ports(config: JobConfig) -> frozenset[int]:
    """Return the ports that are asked for by number, each once."""
    ports: set[int] = set()
    for role in config.taskRoles:
        for each in role.portList:
            wanted = set(range(each.beginAt, each.beginAt + each.portNumber))
            if not each.beginAt:
                continue
            if role.taskNumber > 1 or ports & wanted or max(wanted) > 65535:  # noqa: PLR2004 - the last there is
                raise invalid(
                    f"$.taskRoles: role {role.name!r} asks for port {each.beginAt} more than once,"
                    " and tasks may share a host. Ask for any port (beginAt 0)."
                )
            ports |= wanted
    return frozenset(ports)


def _free_ports(taken: frozenset[int]) -> Iterator[int]:
    """Return free ports in no order: what was handed out lately is seldom handed out again."""
    least, _, most = (os.environ.get(PORTS_VARIABLE) or _PORTS).partition("-")
    return (
        each
        for each in _shuffled(range(int(least), int(most) + 1))
        if each not in taken and is_free(each)
    )


def _shuffled(ports: range) -> Iterator[int]:
    """Yield each port once, in an order that is another each time; the rest costs nothing."""
    count = len(ports)
    if not count:
        return
    first, step = (random.randint(1, count) for _ in range(2))  # noqa: S311 - ports are no secret
    while gcd(step, count) != 1:  # or some would be left out
        step = step % count + 1
    yield from (ports[(first + step * each) % count] for each in range(count))


def _some(free: Iterator[int], count: int) -> tuple[int, ...]:
    found = tuple(port for port, _ in zip(free, range(count), strict=False))
    if len(found) < count:
        raise PaiError(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "JobUpdateError",
            f"job update error: no {PORTS_VARIABLE} are left for the tasks. Wait for other jobs to"
            " end, or ask an administrator for a wider range.",
        )
    return found


def is_free(port: int) -> bool:
    """Say whether nobody listens at a port of this host."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def output_directory(config: JobConfig, user: str) -> str:
    """Return where the tasks are told to leave their output."""
    given = with_file_system(config.outputDir)
    return given or f"{file_system()}/Output/{user}/{config.jobName}"


def with_file_system(text: str) -> str:
    """Return a text with the file system in the place of $PAI_DEFAULT_FS_URI."""
    return text.replace("$PAI_DEFAULT_FS_URI", file_system())


def _of_job(config: JobConfig, user: str) -> dict[str, str]:
    return {
        "PAI_DEFAULT_FS_URI": file_system(),
        "PAI_JOB_NAME": config.jobName,
        "PAI_JOB_VC_NAME": config.virtualCluster,
        "PAI_USER_NAME": user,
        "PAI_USERNAME": user,
        "PAI_DATA_DIR": with_file_system(config.dataDir),
        "PAI_CODE_DIR": with_file_system(config.codeDir),
        "PAI_OUTPUT_DIR": output_directory(config, user),
        "PAI_JOB_TASK_COUNT": str(config.task_number),
        "PAI_JOB_TASK_ROLE_COUNT": str(len(config.taskRoles)),
        "PAI_JOB_TASK_ROLE_LIST": ",".join(each.name for each in config.taskRoles),
        "PAI_KILL_ALL_ON_COMPLETED_TASK_NUM": str(config.killAllOnCompletedTaskNumber),
    }


def _host_lists(config: JobConfig, places: list[Place]) -> dict[str, str]:
    lists: dict[str, list[str]] = {each.name: [] for each in config.taskRoles}
    for each in places:
        lists[each.role.name].append(f"{host()}:{each.ports['http'][0]}")
    return {f"PAI_TASK_ROLE_{name}_HOST_LIST": ",".join(each) for name, each in lists.items()}


def _of_task(place: Place) -> dict[str, str]:
    role, ports = place.role, place.ports
    by_label = _by_label(ports)
    return {
        "PAI_CURRENT_TASK_ROLE_NAME": role.name,
        "PAI_CURRENT_TASK_ROLE_TASK_COUNT": str(role.taskNumber),
        "PAI_CURRENT_TASK_ROLE_CPU_COUNT": str(role.cpuNumber),
        "PAI_CURRENT_TASK_ROLE_MEM_MB": str(role.memoryMB),
        "PAI_CURRENT_TASK_ROLE_GPU_COUNT": str(role.gpuNumber),
        "PAI_CURRENT_TASK_ROLE_CURRENT_TASK_INDEX": str(place.index),
        "PAI_TASK_ROLE_NAME": role.name,
        "PAI_TASK_INDEX": str(place.index),
        "PAI_CONTAINER_HOST_IP": host(),
        "PAI_CONTAINER_HOST_PORT": str(ports["http"][0]),
        "PAI_CONTAINER_SSH_PORT": str(ports["ssh"][0]),
        "PAI_CONTAINER_HOST_PORT_LIST": ";".join(
            f"{label}:{each}" for label, each in by_label.items()
        ),
        **{f"PAI_CONTAINER_HOST_{label}_PORT_LIST": each for label, each in by_label.items()},
    }


def ports_of(parameters: Mapping[str, Any] | None) -> dict[str, str]:
    """Return the ports of a task by their labels."""
    return dict((parameters or {}).get(_PORT_LIST, {}))


def _by_label(ports: Ports) -> dict[str, str]:
    return {label: ",".join(map(str, each)) for label, each in ports.items()}
