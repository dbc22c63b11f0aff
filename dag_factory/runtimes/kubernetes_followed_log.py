"""The log of a pod, followed into the work directory while somebody waits for the pod."""

import asyncio
import logging
from contextlib import suppress
from http import HTTPStatus
from typing import Final

import aiohttp
from kubernetes_asyncio.client import ApiException

from dag_factory.failures import JobFailure
from dag_factory.runtimes.kubernetes_cluster import STREAM_TIMEOUT, Api
from dag_factory.runtimes.kubernetes_logs import LogFile, seconds_to_read
from dag_factory.runtimes.kubernetes_pod import CONTAINER
from dag_factory.runtimes.runtime import Invocation

_BROKEN: Final = (ApiException, aiohttp.ClientError, OSError)
_RETRY_SECONDS: Final = 2.0
_BEGIN_SECONDS: Final = 3.0
_FINISH_SECONDS: Final = 30.0
_DRAIN_SECONDS: Final = 5.0
_log = logging.getLogger(__name__)


class FollowedLog:
    """The log of the pod of an execution."""

    def __init__(self, api: Api, invocation: Invocation) -> None:
        self._api = api
        self._invocation = invocation
        self._following: asyncio.Task[None] | None = None
        self._is_read = asyncio.Event()
        self._has_ended = asyncio.Event()

    def follow(self) -> None:
        """Begin to follow, if it was not begun."""
        if self._following is None:
            self._following = asyncio.create_task(self._follow())

    async def begin(self) -> None:
        """Begin to follow, and wait a moment until the log is being read; there may be none yet."""
        self.follow()
        with suppress(TimeoutError):
            async with asyncio.timeout(_BEGIN_SECONDS):
                await self._is_read.wait()

    async def finish(self, *, is_needed: bool) -> None:
        """Read what is left of the log of a pod that is over.

        Parameters
        ----------
        is_needed
            Whether it is tried for a while, and nothing goes on without it: a log may name what
            the job made.

        Raises
        ------
        JobFailure
            Raised as ``kubernetes`` if a log that is needed cannot be had.
        """
        await self.aclose()
        deadline = asyncio.get_running_loop().time() + _FINISH_SECONDS
        while True:
            try:
                return await self._read(follow=False)
            except _BROKEN as error:
                if not is_needed:
                    _log.info("The log of %s is not whole: %s", self._invocation.name, error)
                    return None
                if asyncio.get_running_loop().time() > deadline:
                    raise JobFailure(
                        "kubernetes",
                        f"The log of pod {self._invocation.name} cannot be read ({error}). Look at"
                        " its node; the job is tried again while tries remain.",
                    ) from error
                await asyncio.sleep(_RETRY_SECONDS)

    async def drain(self) -> None:
        """Wait a moment for the end of the log of a pod that was stopped."""
        if self._following is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(_DRAIN_SECONDS):
                    await self._has_ended.wait()

    async def aclose(self) -> None:
        """Follow no longer; what is written stays."""
        if self._following is not None:
            following, self._following = self._following, None
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)

    async def _follow(self) -> None:
        """Follow until nobody wants it; a connection that breaks is made again."""
        while True:
            try:
                await self._read(follow=True)
            except _BROKEN as error:
                _log.info("The log of %s broke off: %s", self._invocation.name, error)
            self._has_ended.set()
            await asyncio.sleep(_RETRY_SECONDS)

    async def _read(self, *, follow: bool) -> None:
        """Write what is new in the log; following, until the container ends."""
        path = self._invocation.work.stdout
        seconds = seconds_to_read(path)
        response = await self._api.core.read_namespaced_pod_log(
            self._invocation.name,
            self._api.namespace,
            container=CONTAINER,
            follow=follow,
            timestamps=True,
            _preload_content=False,
            _request_timeout=STREAM_TIMEOUT,
            **({} if seconds is None else {"since_seconds": seconds}),
        )
        async with response:
            if response.status != HTTPStatus.OK:
                raise ApiException(status=response.status, reason=(await response.text())[:500])
            self._is_read.set()
            log = LogFile(path)
            try:
                async for piece in response.content.iter_any():
                    await asyncio.to_thread(log.feed, piece)
            finally:
                log.close()
