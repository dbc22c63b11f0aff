"""Connections to the Docker engine, and what it means when it is silent or refuses."""

import asyncio
import json
import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Final

import aiodocker
import aiohttp

from dag_factory.failures import JobFailure
from dag_factory.runtimes.docker_tls import encrypted, is_encrypted, tls_context

HOST_VARIABLE: Final = "DOCKER_HOST"
ANSWER_SECONDS: Final = 120.0
"""How long the engine may take to answer what it can answer at once."""
_ASK: Final = "auto"  # aiodocker then asks the engine which version of its API it speaks
_NO_CONNECTION: Final = 900  # aiodocker's own status, beyond those of HTTP


class EngineUnreachableError(JobFailure):
    """The Docker engine does not answer; what runs there may go on without us."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            "docker",
            f"The Docker engine does not answer ({reason}). Start it, or set {HOST_VARIABLE} to"
            " one that runs.",
        )


class EngineRefusedError(JobFailure):
    """The Docker engine answered with an error; `status` is that of HTTP."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(
            "docker",
            f"The Docker engine refused ({status}: {message.strip()}). Correct what it names, or"
            " look at the engine's log.",
        )
        self.status = status
        self.message = message.strip()


@asynccontextmanager
async def engine() -> AsyncIterator[aiodocker.Docker]:
    """Connect to the engine at ``DOCKER_HOST``, else where the Docker client would look for it.

    Raises
    ------
    EngineUnreachableError
        Raised if it does not answer, also in the middle of the block.
    EngineRefusedError
        Raised if it answers with an error that the block lets pass.
    """
    host = os.environ.get(HOST_VARIABLE) or None
    versions = _spoken_versions()
    docker = await _client(host, versions.get(host, _ASK))
    try:
        yield docker
    except aiodocker.DockerError as error:
        versions.pop(host, None)  # it may be another engine by now
        if is_away(error):
            raise EngineUnreachableError(error.message) from error
        raise EngineRefusedError(error.status, error.message) from error
    except (aiohttp.ClientError, json.JSONDecodeError, ConnectionError, TimeoutError) as error:
        versions.pop(host, None)
        raise EngineUnreachableError(str(error) or type(error).__name__) from error
    else:
        if docker.api_version != _ASK:
            versions[host] = docker.api_version
    finally:
        await docker.close()


def is_away(error: aiodocker.DockerError) -> bool:
    """Say whether it is the connection to the engine that failed, not what was asked."""
    return bool(error.status == _NO_CONNECTION)


@cache
def _spoken_versions() -> dict[str | None, str]:
    """Return which version of its API an engine was last spoken to in, by its address.

    Without it every connection would begin by asking for it.
    """
    return {}


async def _client(host: str | None, version: str) -> aiodocker.Docker:
    timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
    context: ssl.SSLContext | None = None
    try:
        address = host
        if host is not None and is_encrypted(host):
            context = await asyncio.to_thread(tls_context)
            address = encrypted(host)
        # Given as an argument, because aiodocker prefers a context of the client to the variable.
        return aiodocker.Docker(address, timeout=timeout, api_version=version, ssl_context=context)
    except AssertionError as error:  # how aiodocker says that it found no address
        raise EngineUnreachableError("there is no socket /var/run/docker.sock") from error
    except (ValueError, OSError, aiodocker.DockerError) as error:
        address = "its address" if host is None else f"{HOST_VARIABLE}={host}"
        raise EngineUnreachableError(f"{address} cannot be used: {error}") from error
