"""A look at the Docker engine before somebody relies on it."""

import asyncio
from http import HTTPStatus

import aiodocker

from dag_factory.failures import JobFailure
from dag_factory.runtimes.docker_engine import engine


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
            try:
                await docker.images.inspect(image)
            except aiodocker.DockerError as error:
                if error.status != HTTPStatus.NOT_FOUND:
                    raise
                return f"The image {image!r} is not on the Docker engine. {how_to_get}"
    except JobFailure as failure:
        return failure.detail
    return None
