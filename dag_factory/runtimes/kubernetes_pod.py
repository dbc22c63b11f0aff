"""What the pod of an execution is made from, and how it is known again."""

import hashlib
import math
import os
import re
from collections.abc import Mapping
from datetime import UTC
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from dag_factory.failures import JobFailure
from dag_factory.runtimes.kubernetes_volumes import Volumes, configured_volumes
from dag_factory.runtimes.privilege import is_privileged
from dag_factory.runtimes.runtime import Invocation
from dag_factory.work_directory import unique_names

INPUTS: Final = Path("/airscale/inputs")
OUTPUTS: Final = Path("/airscale/outputs")
CONTAINER: Final = "job"
EXECUTION_LABEL: Final = "airscale.job_exe_id"
SYSTEM_LABEL: Final = "airscale.system"
TEMPLATE_VARIABLE: Final = "AIRSCALE_KUBERNETES_POD_TEMPLATE"
GRACE_SECONDS: Final = 3
"""How long a job that is stopped may tidy up; a cancelled job has to be gone within 10 s."""
_STARTED: Final = "airscale.started"
_WORK: Final = "airscale.work_directory"
_LEAST_MEMORY: Final = 6  # MiB; a container cannot even start with less
_LABEL_LENGTH: Final = 63


class Owner(StrEnum):
    """Whose pod it is that has the name of an execution."""

    EXECUTION = "EXECUTION"
    LEFTOVER = "LEFTOVER"
    STRANGER = "STRANGER"


def owner(annotations: Mapping[str, str], invocation: Invocation) -> Owner:
    """Say whether a pod of this name is that of the execution.

    Ids begin again when the catalogue is made anew, and two systems may share a cluster. A pod
    with the same work directory and another start is left over from an earlier catalogue.
    """
    own = _annotations(invocation)
    if annotations.get(_WORK) != own[_WORK]:
        return Owner.STRANGER
    return Owner.EXECUTION if annotations.get(_STARTED) == own[_STARTED] else Owner.LEFTOVER


def system_of(executions: Path) -> str:
    """Return the label of all pods whose work directories are below a directory."""
    return hashlib.sha256(os.fsencode(executions.absolute())).hexdigest()[:32]


def safe_name(file_name: str) -> str:
    """Return the name a file has in a pod: no mount can have ``:``, so it is ``_`` there."""
    return file_name.replace(":", "_")


def manifest(invocation: Invocation) -> dict[str, Any]:
    """Return the pod of an execution, as the API takes it, before a template is merged under it.

    What the job asks for is also its limit. The pod cannot use the cluster's API, and is not told
    of services.

    Raises
    ------
    JobFailure
        Raised if the job type has no image, or asks for a privilege that is not given here.
    """
    volumes = _volumes(invocation)
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": invocation.name,
            "labels": _labels(invocation),
            "annotations": _annotations(invocation),
        },
        "spec": {
            "restartPolicy": "Never",
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "terminationGracePeriodSeconds": GRACE_SECONDS,
            "containers": [
                {
                    "name": CONTAINER,
                    "image": _image(invocation),
                    "args": [_literal(each) for each in invocation.argv],
                    "env": [
                        {"name": name, "value": _literal(value)}
                        for name, value in invocation.environment.items()
                    ],
                    "workingDir": str(OUTPUTS),
                    "resources": _resources(invocation),
                    "securityContext": {"privileged": is_privileged(invocation.plan)},
                    "volumeMounts": volumes.mounts,
                }
            ],
            "volumes": volumes.volumes,
        },
    }


def _literal(value: str) -> str:
    """Keep the cluster from putting variables in: it reads ``$(NAME)``, and ``$$`` as ``$``."""
    return value.replace("$", "$$")


def _image(invocation: Invocation) -> str:
    plan = invocation.plan
    if plan.docker_image:
        return plan.docker_image
    raise JobFailure(
        "image-pull",
        f"Job type {plan.job_type_name!r} version {plan.job_type_version!r} uses Docker but has"
        " no docker_image. Edit the job type.",
    )


def _resources(invocation: Invocation) -> dict[str, dict[str, str]]:
    plan = invocation.plan
    wanted: dict[str, str] = {}
    if plan.cpus > 0:
        wanted["cpu"] = f"{max(1, math.ceil(plan.cpus * 1000))}m"
    if plan.mem > 0:
        wanted["memory"] = f"{max(_LEAST_MEMORY, math.ceil(plan.mem))}Mi"
    if plan.gpus > 0:
        wanted["nvidia.com/gpu"] = str(plan.gpus)
    return {"requests": wanted, "limits": wanted}


def _labels(invocation: Invocation) -> dict[str, str]:
    plan = invocation.plan
    job_type = re.sub(r"[^A-Za-z0-9_.-]+", "-", f"{plan.job_type_name}-{plan.job_type_version}")
    return {
        "app.kubernetes.io/managed-by": "airscale",
        SYSTEM_LABEL: system_of(invocation.work.root.parent),
        EXECUTION_LABEL: str(plan.job_exe_id),
        "airscale.job_id": str(plan.job_id),
        "airscale.job_type": job_type[:_LABEL_LENGTH].strip("-_."),
    }


def _annotations(invocation: Invocation) -> dict[str, str]:
    return {
        _STARTED: invocation.plan.started.astimezone(UTC).isoformat(),
        _WORK: str(invocation.work.root.absolute()),
    }


def _volumes(invocation: Invocation) -> Volumes:
    """Mount the output directory, and each input file by itself: nothing else can be seen."""
    volumes = Volumes(configured_volumes())
    volumes.mount(invocation.work.outputs, OUTPUTS, read_only=False, is_file=False)
    for input_name, files in invocation.plan.files.items():
        target = INPUTS / input_name
        if not files:
            volumes.mount_nothing(target)
        for file_name, file in unique_names(files).items():
            volumes.mount(file.path, target / safe_name(file_name))
    return volumes
