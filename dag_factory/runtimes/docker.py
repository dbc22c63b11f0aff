"""Jobs as Docker containers, over the engine's HTTP API (aiodocker): no thread for each wait.

The container's name carries the execution, so whoever takes an execution over finds it, and the
engine refuses a second one of the same name. Inputs are mounted read-only, the output directory
writable, nothing else of the host is visible.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import aiodocker
import aiohttp
from aiodocker.containers import DockerContainer

from catalog.records.execution import InputFile
from dag_factory.failures import JobFailure
from dag_factory.runtimes.runtime import Exit, Found, Invocation
from dag_factory.work_directory import LOG_LIMIT, WorkDirectory, unique_names

INPUTS: Final = Path("/airscale/inputs")
OUTPUTS: Final = Path("/airscale/outputs")
_LABEL: Final = "airscale.job_exe_id"
_MIB: Final = 1024 * 1024
_NANO: Final = 1_000_000_000
_RETRY_SECONDS: Final = 2.0
_LOG_LINES: Final = "20000"


class DockerRuntime:
    """Runs the command of a job in a container of its job type's image."""

    def input_path(self, work: WorkDirectory, input_name: str, file_name: str) -> Path:
        """Return the path of an input file in the container."""
        return self.input_directory(work, input_name) / file_name

    def input_directory(self, work: WorkDirectory, input_name: str) -> Path:
        """Return the directory of the files of an input in the container."""
        del work
        return INPUTS / input_name

    def output_directory(self, work: WorkDirectory) -> Path:
        """Return the output directory in the container."""
        del work
        return OUTPUTS

    def give(self, work: WorkDirectory, files: Mapping[str, Mapping[str, InputFile]]) -> None:
        """Do nothing: files are mounted when the container is made."""

    async def find(self, invocation: Invocation) -> Found:
        """Say what there is of an execution, by its container."""
        async with _engine() as docker:
            container = await _container(docker, invocation.name)
            return Found.ABSENT if container is None else _state(container)

    async def start(self, invocation: Invocation) -> None:
        """Make the container and start it; one that was made before a crash is only started."""
        async with _engine() as docker:
            container = await _container(docker, invocation.name)
            if container is None:
                container = await _create(docker, invocation)
            if _state(container) is Found.ABSENT:
                await _start(container, invocation)

    async def wait(self, invocation: Invocation) -> Exit:
        """Wait until the container stops, then keep its logs in the work directory.

        An engine that does not answer is asked again: the container may well go on without us.
        """
        while True:
            try:
                return await self._wait_once(invocation)
            except (aiohttp.ClientError, OSError):
                await asyncio.sleep(_RETRY_SECONDS)

    async def kill(self, invocation: Invocation) -> None:
        """Kill the container and remove it."""
        await self.remove(invocation)

    async def remove(self, invocation: Invocation) -> None:
        """Remove the container, by force if it still runs."""
        async with _engine() as docker:
            container = await _container(docker, invocation.name)
            if container is not None:
                try:
                    await container.delete(force=True, v=True)
                except aiodocker.DockerError as error:
                    if error.status not in (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT):
                        raise

    async def _wait_once(self, invocation: Invocation) -> Exit:
        async with aiodocker.Docker() as docker:
            container = await _container(docker, invocation.name)
            if container is None:
                raise JobFailure(
                    "node-lost",
                    f"The container {invocation.name} is gone and left no exit code: it was"
                    " removed from outside. It is tried again while tries remain.",
                )
            await container.wait()
            await container.show()
            await _keep_logs(container, invocation.work)
            state = container["State"]
            return Exit(
                code=int(state["ExitCode"]),
                completed=datetime.now(UTC),
                out_of_memory=bool(state.get("OOMKilled")),
            )


@asynccontextmanager
async def _engine() -> AsyncIterator[aiodocker.Docker]:
    """Connect to the engine; say plainly when there is none."""
    try:
        async with aiodocker.Docker() as docker:
            yield docker
    except (aiohttp.ClientError, ValueError, OSError) as error:
        raise JobFailure(
            "docker",
            f"The Docker engine does not answer ({error}). Start it, or set DOCKER_HOST to one"
            " that runs. The job is tried again while tries remain.",
        ) from error


async def _container(docker: aiodocker.Docker, name: str) -> DockerContainer | None:
    try:
        return await docker.containers.get(name)
    except aiodocker.DockerError as error:
        if error.status == HTTPStatus.NOT_FOUND:
            return None
        raise _refused(error) from error


def _state(container: DockerContainer) -> Found:
    match container["State"]["Status"]:
        case "created":
            return Found.ABSENT
        case "exited" | "dead":
            return Found.EXITED
        case _:
            return Found.RUNNING


async def _create(docker: aiodocker.Docker, invocation: Invocation) -> DockerContainer:
    configuration = _configuration(invocation)
    try:
        return await docker.containers.create(configuration, name=invocation.name)
    except aiodocker.DockerError as error:
        if error.status == HTTPStatus.CONFLICT:  # another process made it a moment ago
            container = await _container(docker, invocation.name)
            if container is not None:
                return container
        if error.status != HTTPStatus.NOT_FOUND:
            raise _refused(error) from error
    await _pull(docker, configuration["Image"])
    try:
        return await docker.containers.create(configuration, name=invocation.name)
    except aiodocker.DockerError as error:
        raise _refused(error) from error


async def _pull(docker: aiodocker.Docker, image: str) -> None:
    try:
        await docker.images.pull(image)
    except aiodocker.DockerError as error:
        raise JobFailure(
            "image-pull",
            f"The image {image!r} is not on this engine and could not be pulled"
            f" ({error.message}). Build or load it there, or correct docker_image of the job type.",
        ) from error


async def _start(container: DockerContainer, invocation: Invocation) -> None:
    try:
        await container.start()
    except aiodocker.DockerError as error:
        if error.status == HTTPStatus.NOT_MODIFIED:
            return
        await container.delete(force=True)
        raise JobFailure(
            "launch",
            f"The command {invocation.argv[0]!r} could not be started in the image"
            f" {invocation.plan.docker_image!r} ({error.message}). Correct the command of the job"
            " type, or the image.",
        ) from error


def _configuration(invocation: Invocation) -> dict[str, Any]:
    plan = invocation.plan
    if not plan.docker_image:
        raise JobFailure(
            "image-pull",
            f"Job type {plan.job_type_name!r} version {plan.job_type_version!r} uses Docker but has"
            " no docker_image. Edit the job type.",
        )
    return {
        "Image": plan.docker_image,
        "Cmd": list(invocation.argv),
        "Env": [f"{name}={value}" for name, value in invocation.environment.items()],
        "Labels": {_LABEL: str(plan.job_exe_id)},
        "WorkingDir": str(OUTPUTS),
        "HostConfig": {
            "Mounts": _mounts(invocation),
            "NanoCpus": int(plan.cpus * _NANO),
            "Memory": int(plan.mem * _MIB),
            "MemorySwap": int(plan.mem * _MIB),
            "Privileged": False,
            "Init": True,
        },
    }


def _mounts(invocation: Invocation) -> list[dict[str, Any]]:
    output = {
        "Type": "bind",
        "Source": str(invocation.work.outputs.absolute()),
        "Target": str(OUTPUTS),
        "ReadOnly": False,
    }
    inputs = [
        {
            "Type": "bind",
            "Source": str(file.path),
            "Target": str(INPUTS / input_name / file_name),
            "ReadOnly": True,
        }
        for input_name, files in invocation.plan.files.items()
        for file_name, file in unique_names(files).items()
    ]
    return [output, *inputs]


async def _keep_logs(container: DockerContainer, work: WorkDirectory) -> None:
    for stream, path in (("stdout", work.stdout), ("stderr", work.stderr)):
        lines = await container.log(
            stdout=stream == "stdout", stderr=stream == "stderr", tail=_LOG_LINES
        )
        text = "".join(lines).encode("utf-8", "replace")[-LOG_LIMIT:]
        await asyncio.to_thread(path.write_bytes, text)


def _refused(error: aiodocker.DockerError) -> JobFailure:
    return JobFailure(
        "docker",
        f"The Docker engine refused ({error.status}: {error.message}). Look at the engine's log."
        " The job is tried again while tries remain.",
    )
