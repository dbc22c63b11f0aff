"""What is done with the container of an execution on the engine; each can be repeated.

Called in a block of `dag_factory.runtimes.docker_engine.engine`, which translates what the engine
refuses.
"""

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import Final

import aiodocker
from aiodocker.containers import DockerContainer

from dag_factory.failures import JobFailure
from dag_factory.runtimes.docker_container import (
    EXECUTION_LABEL,
    WORK_LABEL,
    Owner,
    creation,
    owner,
)
from dag_factory.runtimes.docker_pull import pull
from dag_factory.runtimes.runtime import Found, Invocation

_MAKING_SECONDS: Final = 30.0
_POLL_SECONDS: Final = 0.1


async def delete(container: DockerContainer) -> None:
    """Kill the container if it runs, and remove it."""
    try:
        await container.delete(force=True, v=True)
    except aiodocker.DockerError as error:
        # Somebody else has removed it, or is about to.
        if error.status not in (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT):
            raise


async def usable_container(
    docker: aiodocker.Docker, invocation: Invocation
) -> DockerContainer | None:
    """Return the container of an execution, having made its name free.

    Raises
    ------
    JobFailure
        Raised as ``docker`` if another system has a container of that name.
    """
    container = await _named(docker, invocation.name)
    if container is None:
        return None
    match owner(container["Config"]["Labels"] or {}, invocation):
        case Owner.EXECUTION:
            return container
        case Owner.LEFTOVER:
            await delete(container)
            return None
        case Owner.STRANGER:
            raise JobFailure(
                "docker",
                f"Another container on this Docker engine is called {invocation.name}, and not"
                " from this system. Remove it, or let the two systems use different engines.",
            )


async def own_container(docker: aiodocker.Docker, invocation: Invocation) -> DockerContainer | None:
    """Return the container of an execution, None if there is none or it is another's."""
    container = await _named(docker, invocation.name)
    if container is None:
        return None
    labels = container["Config"]["Labels"] or {}
    return container if owner(labels, invocation) is Owner.EXECUTION else None


async def _named(docker: aiodocker.Docker, name: str) -> DockerContainer | None:
    try:
        return await docker.containers.get(name)
    except aiodocker.DockerError as error:
        if error.status == HTTPStatus.NOT_FOUND:
            return None
        raise


async def executions_of(docker: aiodocker.Docker, executions: Path) -> frozenset[int]:
    """Return the ids of the executions below a directory that have a container."""
    wanted = json.dumps({"label": [EXECUTION_LABEL]})
    listed = await docker.containers.list(all=True, filters=wanted)
    labels = [each["Labels"] for each in listed]
    return frozenset(int(each[EXECUTION_LABEL]) for each in labels if _is_below(each, executions))


def _is_below(labels: Mapping[str, str], executions: Path) -> bool:
    return Path(labels.get(WORK_LABEL, "")).parent == executions.absolute()


def state(container: DockerContainer) -> Found:
    """Say what there is of an execution whose container this is."""
    match container["State"]["Status"]:
        case "created":
            return Found.ABSENT
        case "running" | "paused" | "restarting":
            return Found.RUNNING
        case _:
            return Found.EXITED


async def create(docker: aiodocker.Docker, invocation: Invocation) -> tuple[DockerContainer, Found]:
    """Make the container, or return the one that another process made; and what there is of it."""
    deadline = asyncio.get_running_loop().time() + _MAKING_SECONDS
    while True:
        made = await _create_or_pull(docker, invocation)
        if made is not None:
            return made, Found.ABSENT
        container = await usable_container(docker, invocation)
        if container is not None:
            return container, state(container)
        # Its name is taken from the first moment, but it can only be seen when it is made.
        if asyncio.get_running_loop().time() > deadline:
            raise JobFailure(
                "docker",
                f"The container {invocation.name} was removed as soon as it was made, or is not"
                f" made within {_MAKING_SECONDS:.0f} s. Look at the engine's log.",
            )
        await asyncio.sleep(_POLL_SECONDS)


async def _create_or_pull(
    docker: aiodocker.Docker, invocation: Invocation
) -> DockerContainer | None:
    try:
        return await _create(docker, invocation)
    except aiodocker.DockerError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
    await pull(docker, str(invocation.plan.docker_image))
    return await _create(docker, invocation)


async def _create(docker: aiodocker.Docker, invocation: Invocation) -> DockerContainer | None:
    """Make the container; return None if its name is taken."""
    try:
        return await docker.containers.create(creation(invocation), name=invocation.name)
    except aiodocker.DockerError as error:
        if error.status != HTTPStatus.CONFLICT:
            raise
    return None


async def start(container: DockerContainer, invocation: Invocation) -> None:
    """Start the container; one that cannot be started is removed."""
    try:
        await container.start()
    except aiodocker.DockerError as error:
        with suppress(aiodocker.DockerError):
            await delete(container)
        if error.status != HTTPStatus.BAD_REQUEST:
            raise
        raise JobFailure(
            "launch",
            f"The command {invocation.argv[0]!r} could not be started in the image"
            f" {invocation.plan.docker_image!r} ({error.message.strip()}). Correct the command of"
            " the job type, or the image.",
        ) from error
