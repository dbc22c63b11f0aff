"""The Docker engine driven directly: what it can do when nobody orchestrates."""

import asyncio
import os
import time
from typing import Final

import aiodocker

_AT_ONCE: Final = 8


def run_directly(image: str, count: int, prefix: str) -> float:
    """Make, start, await and remove containers, eight at a time; return the seconds it took."""
    return asyncio.run(_run(image, count, prefix))


async def _run(image: str, count: int, prefix: str) -> float:
    docker = aiodocker.Docker(os.environ.get("DOCKER_HOST") or None)
    places = asyncio.Semaphore(_AT_ONCE)

    async def one(number: int) -> None:
        async with places:
            container = await docker.containers.create(
                {"Image": image, "Cmd": ["true"]}, name=f"{prefix}-{number}"
            )
            await container.start()
            ended = await container.wait()
            assert ended["StatusCode"] == 0, ended  # noqa: S101  # it must do what it measures
            await container.delete(v=True)

    try:
        begun = time.monotonic()
        await asyncio.gather(*(one(number) for number in range(count)))
        return time.monotonic() - begun
    finally:
        await docker.close()
