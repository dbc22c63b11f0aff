"""Jobs as Docker containers, over the engine's HTTP API (aiodocker): no thread for each wait.

The container's name carries the execution, so whoever takes an execution over finds it, and the
engine refuses a second one of the same name. Inputs are mounted read-only, the output directory
writable, nothing else of the host is visible.
"""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, aclosing, suppress
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Final

import aiodocker
import aiohttp

from catalog.records.execution import InputFile, Used
from dag_factory.failures import JobFailure
from dag_factory.runtimes.docker_container import INPUTS, OUTPUTS
from dag_factory.runtimes.docker_engine import (
    EngineRefusedError,
    EngineUnreachableError,
    engine,
)
from dag_factory.runtimes.docker_followed_log import FollowedLog, read_log
from dag_factory.runtimes.docker_noted import container_id_of, container_of, gone, lost, note, noted
from dag_factory.runtimes.docker_oom import ran_out_of_memory
from dag_factory.runtimes.docker_operations import (
    create,
    delete,
    executions_of,
    own_container,
    start,
    state,
    usable_container,
)
from dag_factory.runtimes.docker_pull import has_image, pull
from dag_factory.runtimes.docker_used import note_container_use
from dag_factory.runtimes.runtime import Exit, Found, Invocation, out_of_time
from dag_factory.runtimes.seen_use import noted_use
from dag_factory.runtimes.watched_use import watched
from dag_factory.work_directory import WorkDirectory

_RETRY_SECONDS: Final = 2.0
_KILL_SECONDS: Final = 60.0
_GRACE_SECONDS: Final = 3  # for the command to end by itself, before it is killed
_WAIT_SECONDS: Final = 60.0  # then it is asked again: a lost TCP connection need not show itself
_KILLED: Final = frozenset({137, 143})  # 128 + KILL, 128 + TERM
_log = logging.getLogger(__name__)


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
        """Say what there is of an execution, by its container.

        Of one that may have been started, an engine that does not answer is asked again: to give
        it up would run the job twice.
        """
        while True:
            try:
                return await _find(invocation)
            except EngineUnreachableError as error:
                if not await asyncio.to_thread(invocation.work.root.exists) or _is_over(invocation):
                    raise
                _log.warning("%s is looked for again: %s", invocation.name, error)
                await asyncio.sleep(_RETRY_SECONDS)

    async def fetch(self, invocation: Invocation) -> None:
        """Pull the image, if the engine has not got it."""
        image = invocation.plan.docker_image
        async with engine() as docker:
            if image and not await has_image(docker, image):
                await pull(docker, image)

    async def start(self, invocation: Invocation) -> None:
        """Make the container and start it; one that was made before a crash is only started."""
        async with engine() as docker:
            container, found = await create(docker, invocation)
            if found is Found.ABSENT:
                await start(container, invocation)
        await asyncio.to_thread(note, container.id, invocation)

    async def wait(self, invocation: Invocation) -> Exit:
        """Wait until the container stops; its logs are followed into the work directory.

        An engine that does not answer is asked again: the container may well go on without us.
        """
        was_away = False
        while True:
            try:
                container_id = await container_id_of(invocation)
                if was_away and await _is_running(container_id):
                    was_away = False
                async with (
                    aclosing(FollowedLog(container_id, invocation)),
                    _watched(container_id, invocation),
                ):
                    has_ended = await _wait_a_while(container_id)
                if has_ended:
                    return await _verdict(container_id, invocation, engine_was_away=was_away)
            except EngineUnreachableError as error:
                _log.warning("%s is waited for again: %s", invocation.name, error)
                was_away = True
                await asyncio.sleep(_RETRY_SECONDS)
            except EngineRefusedError as error:
                if error.status != HTTPStatus.NOT_FOUND:
                    raise
                raise gone(invocation) from error

    async def kill(self, invocation: Invocation) -> None:
        """Ask the command to end, then kill it; keep its logs.

        A silent engine is asked again.
        """
        deadline = asyncio.get_running_loop().time() + _KILL_SECONDS
        while True:
            try:
                return await _kill(invocation)
            except EngineUnreachableError:
                if asyncio.get_running_loop().time() > deadline:
                    raise
                await asyncio.sleep(_RETRY_SECONDS)

    async def remove(self, invocation: Invocation) -> None:
        """Remove the container, by force if it still runs."""
        async with engine() as docker:
            container = await container_of(docker, invocation)
            if container is not None:
                await delete(container)

    async def placed(self, invocation: Invocation) -> str | None:
        """Return None: the engine is one host."""
        del invocation
        return None

    def used(self, invocation: Invocation) -> Used:
        """Return what the container was last seen to use, and the most memory that was seen."""
        return noted_use(invocation.work.root)

    async def leftovers(self, executions: Path) -> frozenset[int]:
        """Return the ids of the executions that the engine holds a container of."""
        async with engine() as docker:
            return await executions_of(docker, executions)


async def _find(invocation: Invocation) -> Found:
    async with engine() as docker:
        container = await usable_container(docker, invocation)
    if container is not None:
        return state(container)
    was_started = await asyncio.to_thread(noted, invocation) is not None
    return Found.LOST if was_started else Found.ABSENT


def _watched(container_id: str, invocation: Invocation) -> AbstractAsyncContextManager[None]:
    """Note what a container uses now and then, during a block."""
    return watched(partial(note_container_use, container_id, invocation), invocation.plan.started)


async def _is_running(container_id: str) -> bool:
    async with engine() as docker:
        return state(await docker.containers.get(container_id)) is Found.RUNNING


async def _wait_a_while(container_id: str) -> bool:
    """Return whether the container has ended, at once or after a while."""
    async with engine() as docker:
        with suppress(TimeoutError):
            timeout = aiohttp.ClientTimeout(total=_WAIT_SECONDS)
            await docker.containers.container(container_id).wait(timeout=timeout)
            return True
    return False


async def _verdict(container_id: str, invocation: Invocation, *, engine_was_away: bool) -> Exit:
    """Keep the logs and say how the container ended."""
    async with engine() as docker:
        container = await docker.containers.get(container_id)
        last = container["State"]
        if state(container) is Found.ABSENT:
            raise gone(invocation)
        await read_log(container_id, invocation)
        code, ended = int(last["ExitCode"]), _moment(last["FinishedAt"])
        if code == 0:
            return Exit(code, ended)
        was_killed = code in _KILLED and invocation.plan.error_mapping.name_for(code) is None
        if last["OOMKilled"] or (
            was_killed and await ran_out_of_memory(docker, container, last, invocation)
        ):
            return Exit(code, ended, out_of_memory=True)
    if engine_was_away:
        raise lost(invocation, f"ended with {code} while the Docker engine was away")
    if was_killed and invocation.deadline is not None and invocation.deadline <= ended:
        raise out_of_time(invocation)  # by us, who died before we could say so
    if was_killed:
        raise lost(invocation, f"was killed from outside (exit code {code})")
    return Exit(code, ended)


async def _kill(invocation: Invocation) -> None:
    async with engine() as docker:
        container = await own_container(docker, invocation)
        if container is None or state(container) is Found.ABSENT:
            return
        try:
            if state(container) is Found.RUNNING:
                await note_container_use(container.id, invocation)
                await container.stop(t=_GRACE_SECONDS)
            async with asyncio.timeout(_KILL_SECONDS):
                await read_log(container.id, invocation)
        except (JobFailure, aiodocker.DockerError, TimeoutError, OSError) as error:
            _log.info("%s is stopped, and its log not whole: %s", invocation.name, error)


def _moment(text: str) -> datetime:
    """Read a time of the engine, which writes nanoseconds, and year 1 for one it does not know."""
    moment = datetime.fromisoformat(text)
    return moment if moment.year > 1 else datetime.now(UTC)


def _is_over(invocation: Invocation) -> bool:
    return invocation.deadline is not None and invocation.deadline < datetime.now(UTC)
