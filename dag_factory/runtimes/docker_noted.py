"""The container of an execution as it was noted in the work directory: found without a search."""

import asyncio
from contextlib import suppress
from typing import Final

import aiodocker
from aiodocker.containers import DockerContainer

from dag_factory.failures import JobFailure
from dag_factory.runtimes.docker_engine import engine
from dag_factory.runtimes.docker_operations import own_container
from dag_factory.runtimes.runtime import Invocation

_NOTE: Final = "container.id"


def note(container_id: str, invocation: Invocation) -> None:
    """Note which container runs an execution, so that it is missed if it is gone."""
    (invocation.work.root / _NOTE).write_text(container_id, encoding="utf-8")


def noted(invocation: Invocation) -> str | None:
    """Return the id that was noted, None if none was."""
    with suppress(FileNotFoundError):
        return (invocation.work.root / _NOTE).read_text(encoding="utf-8").strip() or None
    return None


async def container_id_of(invocation: Invocation) -> str:
    """Return the id of the container of an execution that was started.

    Raises
    ------
    JobFailure
        Raised as ``node-lost`` if there is none, and none was noted.
    """
    container_id = await asyncio.to_thread(noted, invocation)
    if container_id is not None:
        return container_id
    async with engine() as docker:
        container = await own_container(docker, invocation)
    if container is None:
        raise gone(invocation)
    return str(container.id)


async def container_of(docker: aiodocker.Docker, invocation: Invocation) -> DockerContainer | None:
    """Return the container of an execution, None if there is none; one that was noted may be gone.

    Called in a block of `engine`.
    """
    container_id = await asyncio.to_thread(noted, invocation)
    if container_id is not None:
        return docker.containers.container(container_id)
    return await own_container(docker, invocation)


def gone(invocation: Invocation) -> JobFailure:
    """Return the failure of an execution whose container is not there any more."""
    return lost(invocation, "is gone and left no exit code: it was removed from outside")


def lost(invocation: Invocation, what: str) -> JobFailure:
    """Return the failure of an execution whose end was none of its own."""
    return JobFailure(
        "node-lost",
        f"The container {invocation.name} {what}. Look at the engine's log and at the memory of"
        " its host.",
    )
