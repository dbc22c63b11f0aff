"""A look at the Docker engine before somebody relies on it."""

import asyncio
from dataclasses import dataclass

import aiodocker

from dag_factory.failures import JobFailure
from dag_factory.runtimes.docker_engine import engine, is_away
from dag_factory.runtimes.docker_pull import has_image
from dag_factory.runtimes.docker_registry import Login, logins


@dataclass(frozen=True, slots=True)
class LoginChecked:
    """What a registry says of a login; `refusal` is None where it is accepted."""

    registry: str
    connection: str
    refusal: str | None


def missing(image: str, how_to_get: str = "Build, load or pull it there.") -> str | None:
    """Return what is missing for running containers of an image here, None if nothing is.

    Parameters
    ----------
    image
        The image's reference.
    how_to_get
        A sentence that says how to have the image.
    """
    return asyncio.run(_missing(image, how_to_get))


async def _missing(image: str, how_to_get: str) -> str | None:
    try:
        async with engine() as docker:
            if not await has_image(docker, image):
                return f"The image {image!r} is not on the Docker engine. {how_to_get}"
    except JobFailure as failure:
        return failure.detail
    return None


def checked_logins() -> list[LoginChecked]:
    """Let the engine sign in at every registry that an Airflow connection holds a login for.

    Raises
    ------
    JobFailure
        Raised if the engine does not answer, or a connection is no login at a registry.
    """
    return asyncio.run(_checked_logins())


async def _checked_logins() -> list[LoginChecked]:
    return [
        LoginChecked(login.registry, login.connection, await _refusal(login))
        async for login in logins()
    ]


async def _refusal(login: Login) -> str | None:
    async with engine() as docker:
        try:
            await docker.auth(**login.auth)
        except aiodocker.DockerError as error:
            if is_away(error):
                raise
            return str(error.message).strip()
    return None
