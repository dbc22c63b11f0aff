"""Connections to a Kubernetes cluster, and what it means when its API is silent or refuses.

Which cluster, and how to sign in there, is an Airflow connection: the provider's hook reads it.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import aiohttp
from kubernetes_asyncio.client import ApiException, CoreV1Api
from kubernetes_asyncio.config import ConfigException

from dag_factory.failures import JobFailure

CONNECTION_VARIABLE: Final = "AIRSCALE_KUBERNETES_CONNECTION"
DEFAULT_CONNECTION: Final = "kubernetes_default"
ANSWER_SECONDS: Final = 60.0
"""How long the API server may take to answer what it can answer at once."""
STREAM_TIMEOUT: Final = aiohttp.ClientTimeout(total=None, sock_connect=ANSWER_SECONDS)
"""For answers that go on as long as a job: a log, a watch."""
_AWAY: Final = frozenset(
    {
        0,
        HTTPStatus.UNAUTHORIZED,  # a token that has run out is read anew
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)


class ClusterUnreachableError(JobFailure):
    """The API server does not answer; what runs in the cluster may go on without us."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            "kubernetes",
            f"The Kubernetes API server does not answer ({reason}). Look whether the cluster runs,"
            f" and at the Airflow connection {connection_id()!r}, or name another with"
            f" {CONNECTION_VARIABLE}.",
        )


class ClusterRefusedError(JobFailure):
    """The API server answered with an error; `status` is that of HTTP."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(
            "kubernetes",
            f"The Kubernetes API server refused ({status}: {message}). Correct what it names, or"
            f" the rights of the Airflow connection {connection_id()!r}.",
        )
        self.status = status


@dataclass(frozen=True, slots=True)
class Api:
    """An open connection to a cluster, and the namespace of the jobs there."""

    core: CoreV1Api
    namespace: str


@dataclass(slots=True)
class Cluster:
    """The cluster of this deployment; the connection is read from Airflow once for each."""

    _hook: Any = field(default=None)

    @asynccontextmanager
    async def api(self) -> AsyncIterator[Api]:
        """Connect to the API server.

        Raises
        ------
        ClusterUnreachableError
            Raised if it does not answer, also in the middle of the block.
        ClusterRefusedError
            Raised if it answers with an error that the block lets pass.
        """
        try:
            if self._hook is None:
                self._hook = await asyncio.to_thread(_hook_of, connection_id())
            extras = await self._hook.get_conn_extras()
            async with self._hook.get_conn() as client:
                yield Api(CoreV1Api(client), extras.get("namespace") or "default")
        except (ApiException, ConfigException, aiohttp.ClientError, OSError) as error:
            self._hook = None
            raise _failure_of(error) from error


def connection_id() -> str:
    """Return the id of the Airflow connection to the cluster."""
    return os.environ.get(CONNECTION_VARIABLE) or DEFAULT_CONNECTION


def message_of(error: ApiException) -> str:
    """Return what the API server said, without the rest of its answer."""
    try:
        return str(json.loads(error.body)["message"])
    except (ValueError, TypeError, KeyError):
        return str(error.reason or error.body or "no reason given").strip()


def _failure_of(error: Exception) -> JobFailure:
    match error:
        case ApiException(status=status) if int(status or 0) not in _AWAY:
            return ClusterRefusedError(int(status), message_of(error))
        case ApiException(status=status):
            return ClusterUnreachableError(f"{status}: {message_of(error)}")
        case ConfigException():
            return ClusterUnreachableError(f"its configuration cannot be used: {error}")
        case _:
            return ClusterUnreachableError(str(error) or type(error).__name__)


def _hook_of(connection: str) -> Any:
    from dag_factory.runtimes import kubernetes_provider  # noqa: PLC0415 - imports Airflow

    return kubernetes_provider.hook_of(connection)
