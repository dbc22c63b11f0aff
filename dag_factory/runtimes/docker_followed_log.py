"""The log of a container, followed into the work directory while somebody waits for it."""

import asyncio
import logging
from contextlib import aclosing
from typing import Any, Final

import aiohttp

from dag_factory.failures import JobFailure
from dag_factory.runtimes.docker_engine import engine
from dag_factory.runtimes.docker_logs import ContainerLog
from dag_factory.runtimes.process_limits import LEAST_FILE_SIZE, largest_file
from dag_factory.runtimes.runtime import Invocation

_BEGIN_SECONDS: Final = 1.0
"""A container that ends sooner is read once, at its end."""
_RETRY_SECONDS: Final = 2.0
_NO_TIMEOUT: Final = aiohttp.ClientTimeout()
_ASKED: Final = {"stdout": True, "stderr": True, "timestamps": True}
_log = logging.getLogger(__name__)


class FollowedLog:
    """The log of the container of an execution.

    Parameters
    ----------
    container
        The container's id.
    """

    def __init__(self, container: str, invocation: Invocation) -> None:
        self._container = container
        self._invocation = invocation
        self._following = asyncio.create_task(self._follow())

    async def aclose(self) -> None:
        """Follow no longer; what is written stays."""
        self._following.cancel()
        await asyncio.gather(self._following, return_exceptions=True)

    async def _follow(self) -> None:
        """Follow until nobody wants it; a connection that breaks is made again."""
        await asyncio.sleep(_BEGIN_SECONDS)
        while True:
            try:
                await read_log(self._container, self._invocation, follow=True)
            except (JobFailure, OSError) as error:
                _log.info("The log of %s broke off: %s", self._invocation.name, error)
            await asyncio.sleep(_RETRY_SECONDS)


async def read_log(container: str, invocation: Invocation, *, follow: bool = False) -> None:
    """Write what is new in the log of a container; following, until the container ends.

    Raises
    ------
    JobFailure
        Raised as ``docker`` if the engine does not answer, or refuses.
    OSError
        Raised if it cannot be written.
    """
    limit = largest_file(invocation.plan) or LEAST_FILE_SIZE
    log = await asyncio.to_thread(ContainerLog, container, invocation.work, limit)
    try:
        async with (
            engine() as docker,
            aclosing(_pieces(docker, container, log, follow=follow)) as pieces,
        ):
            async for piece in pieces:
                await asyncio.to_thread(log.feed, piece)
    finally:
        await asyncio.shield(asyncio.to_thread(log.close))


async def _pieces(docker: Any, container: str, log: ContainerLog, *, follow: bool) -> Any:
    asked = {**_ASKED, "follow": follow, **log.begin.question}
    # The library's own method decodes the log, and does not say which stream a message is of.
    answer = docker._query(  # noqa: SLF001
        f"containers/{container}/logs", method="GET", params=asked, timeout=_NO_TIMEOUT
    )
    async with answer as response, response:
        async for piece in response.content.iter_any():
            yield piece
