"""Small programs to run as jobs, and a way to wait for what they do."""

import asyncio
import sys
from collections.abc import Callable
from typing import Final

DEADLINE: Final = 60.0


def python(program: str) -> tuple[str, ...]:
    """Return the command that runs a Python program, quick to start."""
    return sys.executable, "-I", "-S", "-c", program


async def until(holds: Callable[[], object]) -> None:
    """Wait until something holds, at most `DEADLINE` seconds."""
    async with asyncio.timeout(DEADLINE):
        while not holds():  # noqa: ASYNC110  # other processes tell no event
            await asyncio.sleep(0.01)
