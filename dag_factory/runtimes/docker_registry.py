"""Which registry an image comes from, and the login there that an Airflow connection holds.

A connection of type ``docker`` is a registry with its login, as in Airflow's Docker provider. It is
read only when an image has to be pulled, so a changed one holds from the next pull on.
"""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Final

from dag_factory.failures import JobFailure

CONNECTION_VARIABLE: Final = "AIRSCALE_DOCKER_CONNECTION"
DEFAULT_CONNECTION: Final = "docker_default"
HUB: Final = "docker.io"
_HUB_ADDRESSES: Final = frozenset(
    {HUB, "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com", "hub.docker.com"}
)
_HUB_LOGIN: Final = "https://index.docker.io/v1/"  # what engines know the Hub as
_WITH_PORT: Final = re.compile(r":\d+$")
_HTTPS_PORT: Final = ":443"  # it goes without saying


@dataclass(frozen=True, slots=True)
class Login:
    """The login at a registry, and the Airflow connection that holds it."""

    connection: str
    registry: str
    username: str
    password: str = field(repr=False)

    @property
    def auth(self) -> dict[str, str]:
        """What the engine is given."""
        return {
            "username": self.username,
            "password": self.password,
            "serveraddress": _HUB_LOGIN if self.registry == HUB else self.registry,
        }


class ConnectionUnusableError(JobFailure):
    """An Airflow connection that was named is no login at a registry."""

    def __init__(self, connection: str, why: str) -> None:
        super().__init__(
            "image-pull",
            f"The Airflow connection {connection!r} is no login at a registry: {why}. Correct it,"
            f" or {CONNECTION_VARIABLE}, which names it.",
        )


def connection_ids() -> tuple[str, ...]:
    """Return the ids of the connections to registries, in the order in which they are asked."""
    named = (each.strip() for each in os.environ.get(CONNECTION_VARIABLE, "").split(","))
    return tuple(each for each in named if each) or (DEFAULT_CONNECTION,)


def registry_of(image: str) -> str:
    """Return the registry of an image: what its name begins with if that is a host, else the Hub.

    As the engine reads names: a host has a dot or a port, or is ``localhost``.
    """
    first, slash, _ = image.partition("/")
    is_host = bool(slash) and ("." in first or ":" in first or first == "localhost")
    return registry_at(first) if is_host else HUB


def full_name(image: str) -> str:
    """Return the name of an image with its registry."""
    first, _, rest = image.partition("/")
    registry = registry_of(image)
    return f"{HUB}/{rest if first in _HUB_ADDRESSES else image}" if registry == HUB else image


def registry_at(address: str, port: int | None = None) -> str:
    """Return the registry at the address of a connection, which may be a URL as of the Hub's."""
    _, _, without_scheme = address.rpartition("://")
    host = without_scheme.partition("/")[0].lower()
    if port and not _WITH_PORT.search(host):
        host = f"{host}:{port}"
    host = host.removesuffix(_HTTPS_PORT)
    return HUB if host in _HUB_ADDRESSES else host


async def login_for(image: str) -> Login | None:
    """Return the login at the registry of an image, None if no connection is to that registry.

    Raises
    ------
    ConnectionUnusableError
        Raised if a connection that was asked has no registry or no login.
    """
    registry = registry_of(image)
    async for login in logins():
        if login.registry == registry:
            return login
    return None


async def logins() -> AsyncIterator[Login]:
    """Read the connections one after another; ``docker_default`` need not exist.

    Raises
    ------
    ConnectionUnusableError
        Raised if one that was named does not exist, or one has no registry or no login.
    """
    provider = await asyncio.to_thread(_provider)
    for connection_id in connection_ids():
        try:
            connection = await provider.connection(connection_id)
        except OSError as error:
            raise ConnectionUnusableError(connection_id, str(error)) from error
        if connection is not None:
            yield _login(connection_id, connection)
        elif os.environ.get(CONNECTION_VARIABLE):
            raise ConnectionUnusableError(connection_id, "Airflow has no such connection")


def _login(connection_id: str, connection: Any) -> Login:
    if not connection.host:
        raise ConnectionUnusableError(connection_id, "it has no registry URL")
    if not connection.login:
        raise ConnectionUnusableError(connection_id, "it has no username")
    registry = registry_at(connection.host, connection.port)
    return Login(connection_id, registry, connection.login, connection.password or "")


def _provider() -> Any:
    from dag_factory.runtimes import docker_provider  # noqa: PLC0415 - imports Airflow

    return docker_provider
