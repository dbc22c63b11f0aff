"""Jobs as Docker containers, over the engine's HTTP API (aiodocker): no thread for each wait.

The container's name carries the execution, so whoever takes an execution over finds it, and the
engine refuses a second one of the same name. Inputs are mounted read-only, the output directory
writable, nothing else of the host is visible.
"""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Final

import aiodocker
import aiohttp

from catalog.records.execution import InputFile
from dag_factory.failures import JobFailure
from dag_factory.runtimes.docker_container import INPUTS, OUTPUTS
from dag_factory.runtimes.docker_engine import (
    EngineRefusedError,
    EngineUnreachableError,
    engine,
)
from dag_factory.runtimes.docker_logs import keep_logs
from dag_factory.runtimes.docker_operations import (
    create,
    delete,
    executions_of,
    own_container,
    start,
    state,
    usable_container,
)
from dag_factory.runtimes.runtime import Exit, Found, Invocation
from dag_factory.work_directory import WorkDirectory

_STARTED: Final = "container.id"
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

    async def start(self, invocation: Invocation) -> None:
        """Make the container and start it; one that was made before a crash is only started."""
        async with engine() as docker:
            container = await usable_container(docker, invocation)
            if container is None:
                container = await create(docker, invocation)
            if state(container) is Found.ABSENT:
                await start(container, invocation)
        marker = invocation.work.root / _STARTED
        await asyncio.to_thread(marker.write_text, container.id, encoding="utf-8")

    async def wait(self, invocation: Invocation) -> Exit:
        """Wait until the container stops, then keep its logs in the work directory.

        An engine that does not answer is asked again: the container may well go on without us.
        """
        was_away = False
        while True:
            try:
                if await _wait_while_running(invocation):
                    was_away = False
                else:
                    return await _verdict(invocation, engine_was_away=was_away)
            except EngineUnreachableError as error:
                _log.warning("%s is waited for again: %s", invocation.name, error)
                was_away = True
                await asyncio.sleep(_RETRY_SECONDS)
            except EngineRefusedError as error:
                if error.status != HTTPStatus.NOT_FOUND:
                    raise
                raise _gone(invocation) from error

    async def kill(self, invocation: Invocation) -> None:
        """Ask the command to end, then kill it; keep its logs and remove the container.

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
            container = await own_container(docker, invocation)
            if container is not None:
                await delete(container)

    async def placed(self, invocation: Invocation) -> str | None:
        """Return None: the engine is one host."""
        del invocation
        return None

    async def leftovers(self, executions: Path) -> frozenset[int]:
        """Return the ids of the executions that the engine holds a container of."""
        async with engine() as docker:
            return await executions_of(docker, executions)


async def _find(invocation: Invocation) -> Found:
    async with engine() as docker:
        container = await usable_container(docker, invocation)
    if container is not None:
        return state(container)
    started = await asyncio.to_thread((invocation.work.root / _STARTED).exists)
    return Found.LOST if started else Found.ABSENT


async def _wait_while_running(invocation: Invocation) -> bool:
    """Wait for a while; return False at once if the container does not run."""
    async with engine() as docker:
        container = await own_container(docker, invocation)
        if container is None or state(container) is not Found.RUNNING:
            return False
        with suppress(TimeoutError):
            await container.wait(timeout=aiohttp.ClientTimeout(total=_WAIT_SECONDS))
    return True


async def _verdict(invocation: Invocation, *, engine_was_away: bool) -> Exit:
    """Keep the logs and say how the container ended."""
    async with engine() as docker:
        container = await own_container(docker, invocation)
        if container is None or state(container) is Found.ABSENT:
            raise _gone(invocation)
        await keep_logs(container, invocation.work)
        last = (await container.show())["State"]
    code = int(last["ExitCode"])
    end = Exit(code, _moment(last["FinishedAt"]), out_of_memory=bool(last["OOMKilled"]))
    if code == 0 or end.out_of_memory:
        return end
    if engine_was_away:
        raise _lost(invocation, f"ended with {code} while the Docker engine was away")
    if code in _KILLED and invocation.plan.error_mapping.name_for(code) is None:
        raise _lost(invocation, f"was killed from outside (exit code {code})")
    return end


async def _kill(invocation: Invocation) -> None:
    async with engine() as docker:
        container = await own_container(docker, invocation)
        if container is None:
            return
        try:
            await container.stop(t=_GRACE_SECONDS)
            async with asyncio.timeout(_KILL_SECONDS):
                await keep_logs(container, invocation.work)
        except (aiodocker.DockerError, TimeoutError, OSError) as error:
            _log.info("%s is removed without its logs: %s", invocation.name, error)
        await delete(container)


def _gone(invocation: Invocation) -> JobFailure:
    return _lost(invocation, "is gone and left no exit code: it was removed from outside")


def _lost(invocation: Invocation, what: str) -> JobFailure:
    return JobFailure(
        "node-lost",
        f"The container {invocation.name} {what}. Look at the engine's log and at the memory of"
        " its host.",
    )


def _moment(text: str) -> datetime:
    """Read a time of the engine, which writes nanoseconds, and year 1 for one it does not know."""
    moment = datetime.fromisoformat(text)
    return moment if moment.year > 1 else datetime.now(UTC)


def _is_over(invocation: Invocation) -> bool:
    return invocation.deadline is not None and invocation.deadline < datetime.now(UTC)
