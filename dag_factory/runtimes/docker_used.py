"""What a container uses, as its engine says while it runs; once it has ended nobody knows."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any, Final

from catalog.records.execution import Used
from dag_factory.failures import JobFailure
from dag_factory.runtimes.docker_engine import engine
from dag_factory.runtimes.runtime import Invocation
from dag_factory.runtimes.seen_use import note_use

_NANO: Final = 1e9
_MIB: Final = 1024 * 1024
_ONCE: Final = {"stream": "false", "one-shot": "true"}  # else it waits for a second look
_log = logging.getLogger(__name__)


async def note_container_use(container_id: str, invocation: Invocation) -> None:
    """Note what a container uses now; without it the job goes on as well."""
    try:
        async with engine() as docker:
            # The library's own way asks for two looks, a second apart.
            said = await docker._query_json(  # noqa: SLF001
                f"containers/{container_id}/stats", method="GET", params=_ONCE
            )
        seen = use_in(said)
        if seen is not None:
            await asyncio.to_thread(note_use, invocation.work.root, seen)
    except (JobFailure, OSError) as error:
        _log.info("What %s uses is not known: %s", invocation.name, error)


def use_in(said: Mapping[str, Any]) -> Used | None:
    """Return what the engine says that a container uses; None of one that does not run.

    Files that the kernel keeps and nobody has asked for of late do not count as memory.
    """
    nanoseconds = said.get("cpu_stats", {}).get("cpu_usage", {}).get("total_usage")
    memory = said.get("memory_stats", {})
    in_use = memory.get("usage")
    if not nanoseconds or in_use is None:
        return None
    kept = memory.get("stats", {})
    idle = kept.get("inactive_file", kept.get("total_inactive_file", 0))
    return Used(cpu_seconds=nanoseconds / _NANO, mem=max(in_use - idle, 0) / _MIB)
