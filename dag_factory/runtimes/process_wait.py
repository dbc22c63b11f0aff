"""Waiting for the supervisor of a process job: the kernel tells of its end, nobody polls."""

import asyncio
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from dag_factory.runtimes import supervisor

_POLL_SECONDS: Final = 0.1
_LOOK_SECONDS: Final = 10.0
"""How often the work directory is looked at all the same."""


async def until_it_may_have_ended(root: Path) -> None:
    """Return when the supervisor of a job has ended, and after a while if it has not.

    Its command may outlive it; then there is nobody to wait for but a moment.
    """
    descriptor = await asyncio.to_thread(_opened, root)
    if descriptor is None:
        await asyncio.sleep(_POLL_SECONDS)
        return
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    try:
        loop.add_reader(descriptor, ended.set)
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_SECONDS):
                await ended.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


def _opened(root: Path) -> int | None:
    """Return a descriptor of the supervisor, None if it has ended or cannot be told."""
    try:
        started = json.loads((root / "started.json").read_text(encoding="utf-8"))
        descriptor = os.pidfd_open(int(started["pid"]))
    except OSError:
        return None
    if supervisor.ticks(started["pid"]) == started["ticks"]:
        return descriptor
    os.close(descriptor)  # the number belongs to another process now
    return None
