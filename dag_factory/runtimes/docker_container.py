"""What the container of an execution is made from, and how it is known again."""

import os
from collections.abc import Mapping, Sequence
from datetime import UTC
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from dag_factory.failures import JobFailure
from dag_factory.runtimes.privilege import is_privileged
from dag_factory.runtimes.runtime import Invocation
from dag_factory.work_directory import unique_names

INPUTS: Final = Path("/airscale/inputs")
OUTPUTS: Final = Path("/airscale/outputs")
EXECUTION_LABEL: Final = "airscale.job_exe_id"
HOST_VARIABLE: Final = "AIRSCALE_PAI_HOST"
_STARTED: Final = "airscale.started"
WORK_LABEL: Final = "airscale.work_directory"
_MIB: Final = 1024 * 1024
_CPU_PERIOD: Final = 100_000  # microseconds, the kernel's default
_LEAST_CPU_QUOTA: Final = 1_000  # microseconds; the engine refuses less, and less than this memory
_LEAST_MEMORY: Final = 6 * _MIB
# Bounds the disk a job can fill with its logs; who follows them may be behind by one such file.
_LOGGING: Final = {"Type": "json-file", "Config": {"max-size": "32m", "max-file": "2"}}


class Owner(StrEnum):
    """Whose container it is that has the name of an execution."""

    EXECUTION = "EXECUTION"
    LEFTOVER = "LEFTOVER"
    STRANGER = "STRANGER"


def owner(labels: Mapping[str, str], invocation: Invocation) -> Owner:
    """Say whether a container of this name is that of the execution.

    Ids begin again when the catalogue is made anew, and two systems may share an engine. A
    container with the same work directory and another start is left over from an earlier catalogue.
    """
    own = _labels(invocation)
    if labels.get(WORK_LABEL) != own[WORK_LABEL]:
        return Owner.STRANGER
    return Owner.EXECUTION if labels.get(_STARTED) == own[_STARTED] else Owner.LEFTOVER


def creation(invocation: Invocation) -> dict[str, Any]:
    """Return the engine's description of the container of an execution.

    The limits are hard: CPU time for each period, and memory without any swap. A limit is given as
    CPU time because the engine refuses a number of CPUs that the host has not got.
    """
    plan = invocation.plan
    memory = max(int(plan.mem * _MIB), _LEAST_MEMORY) if plan.mem > 0 else 0
    quota = max(int(plan.cpus * _CPU_PERIOD), _LEAST_CPU_QUOTA) if plan.cpus > 0 else 0
    return {
        "Image": _image(invocation),
        "Cmd": list(invocation.argv),
        "Env": [f"{name}={value}" for name, value in invocation.environment.items()],
        "Labels": _labels(invocation),
        "WorkingDir": str(OUTPUTS),
        "ExposedPorts": {f"{port}/tcp": {} for port in plan.ports},
        "User": _user(),
        "HostConfig": {
            "Mounts": _mounts(invocation),
            "CpuPeriod": _CPU_PERIOD,
            "CpuQuota": quota,
            "Memory": memory,
            "MemorySwap": memory,
            "Privileged": is_privileged(plan),
            "DeviceRequests": _gpus(plan.gpus),
            "LogConfig": _LOGGING,
            "PortBindings": _published(plan.ports),
        },
    }


def _published(ports: Sequence[int]) -> dict[str, list[dict[str, str]]]:
    """Publish ports under their own numbers, at the address that tasks are told."""
    address = os.environ.get(HOST_VARIABLE) or "127.0.0.1"
    return {f"{port}/tcp": [{"HostIp": address, "HostPort": str(port)}] for port in ports}


def _image(invocation: Invocation) -> str:
    plan = invocation.plan
    if plan.docker_image:
        return plan.docker_image
    raise JobFailure(
        "image-pull",
        f"Job type {plan.job_type_name!r} version {plan.job_type_version!r} uses Docker but has"
        " no docker_image. Edit the job type.",
    )


def _user() -> str:
    """Return who a job runs as: we, who must move what it makes; under root, the image's user."""
    return f"{os.geteuid()}:{os.getegid()}" if os.geteuid() else ""


def _gpus(count: int) -> list[dict[str, Any]]:
    return [{"Count": count, "Capabilities": [["gpu"]]}] if count > 0 else []


def _labels(invocation: Invocation) -> dict[str, str]:
    plan = invocation.plan
    return {
        EXECUTION_LABEL: str(plan.job_exe_id),
        _STARTED: plan.started.astimezone(UTC).isoformat(),
        WORK_LABEL: str(invocation.work.root.absolute()),
        "airscale.job_id": str(plan.job_id),
        "airscale.job_type": f"{plan.job_type_name} {plan.job_type_version}",
    }


def _mounts(invocation: Invocation) -> list[dict[str, Any]]:
    """Mount the output directory, and each input file by itself: nothing else can be seen."""
    work = invocation.work
    mounts = [_mount(work.outputs, OUTPUTS, read_only=False)]
    for input_name, files in invocation.plan.files.items():
        target = INPUTS / input_name
        if not files:
            mounts.append(_mount(work.inputs, target))  # which is empty
        for file_name, file in unique_names(files).items():
            mounts.append(_mount(file.path, target / file_name))
    return mounts


def _mount(source: Path, target: Path, *, read_only: bool = True) -> dict[str, Any]:
    return {
        "Type": "bind",
        "Source": str(source.absolute()),
        "Target": str(target),
        "ReadOnly": read_only,
    }
