"""Whether the kernel stopped a container for its memory.

The engine notes that in the container's state, and tells it as an event; either may come a moment
after the container has ended, or not at all, so both are asked.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import aiodocker
import aiohttp

from dag_factory.runtimes.runtime import Invocation

_LATE_SECONDS: Final = 3
_ANSWER_SECONDS: Final = 30.0


async def ran_out_of_memory(
    docker: aiodocker.Docker, container: Any, state: dict[str, Any], invocation: Invocation
) -> bool:
    """Say whether a container that was killed met its memory limit; wait a moment for the answer.

    Parameters
    ----------
    state
        What the engine said of the container when it had ended.
    """
    if state["OOMKilled"] or invocation.plan.mem <= 0:
        return bool(state["OOMKilled"])
    if await _was_told(docker, container.id, invocation):
        return True
    return bool((await container.show())["State"]["OOMKilled"])


async def _was_told(docker: aiodocker.Docker, container_id: str, invocation: Invocation) -> bool:
    """Look for the event among those the engine remembers, and those of the next seconds."""
    until = datetime.now(UTC) + timedelta(seconds=_LATE_SECONDS)
    asked = {
        "since": str(int(invocation.plan.started.timestamp()) - 1),
        "until": str(until.timestamp()),
        "filters": json.dumps({"container": [container_id], "event": ["oom"]}),
    }
    # The library's own way to events keeps one subscription for each client, without an end.
    answer = docker._query(  # noqa: SLF001
        "events", method="GET", params=asked, timeout=aiohttp.ClientTimeout(total=_ANSWER_SECONDS)
    )
    async with answer as response, response:
        async for line in response.content:
            if line.strip():
                return True
    return False
