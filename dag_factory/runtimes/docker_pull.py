"""Pulls of images, with the login that an Airflow connection holds for their registry."""

import logging
from http import HTTPStatus
from typing import Final

import aiodocker

from dag_factory.failures import JobFailure
from dag_factory.runtimes.docker_engine import is_away
from dag_factory.runtimes.docker_registry import (
    CONNECTION_VARIABLE,
    Login,
    full_name,
    login_for,
    registry_of,
)

_log: Final = logging.getLogger(__name__)


async def has_image(docker: aiodocker.Docker, image: str) -> bool:
    """Say whether the engine has an image."""
    try:
        await docker.images.inspect(image)
    except aiodocker.DockerError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
        return False
    return True


async def pull(docker: aiodocker.Docker, image: str) -> None:
    """Pull an image, as whom an Airflow connection says, or as nobody.

    Called in a block of `dag_factory.runtimes.docker_engine.engine`.

    Raises
    ------
    JobFailure
        Raised as ``image-pull`` if it cannot be had, with the registry and the connection.
    """
    login = await login_for(image)
    whose = f" with the connection {login.connection!r}" if login else ""
    _log.info("Pulling the image %r from %r%s", image, registry_of(image), whose)
    auth = login.auth if login else None
    try:
        # What it tells of its progress is not kept: a large image has thousands of lines.
        async for _ in docker.images.pull(full_name(image), auth=auth, stream=True):
            pass
    except aiodocker.DockerError as error:
        if is_away(error):
            raise
        raise _failure(image, login, error.message.strip()) from error


def _failure(image: str, login: Login | None, said: str) -> JobFailure:
    if login is None:
        whose = "without a login"
        advice = f"wants a login, name an Airflow connection to it with {CONNECTION_VARIABLE}"
    else:
        whose = f"with the login of the Airflow connection {login.connection!r}"
        advice = "refuses that login, correct the username and password of that connection"
    return JobFailure(
        "image-pull",
        f"The image {image!r} is not on this Docker engine and could not be pulled from the"
        f" registry {registry_of(image)!r} {whose} ({said}). Build or load it there, correct"
        f" docker_image of the job type, or, if the registry {advice}.",
    )
