"""The logs of a container, kept in its work directory."""

import asyncio
from collections import deque
from pathlib import Path

from aiodocker.containers import DockerContainer

from dag_factory.work_directory import LOG_LIMIT, WorkDirectory


async def keep_logs(container: DockerContainer, work: WorkDirectory) -> None:
    """Write the end of what a container said, each stream to its own file, once it has stopped."""
    await asyncio.to_thread(_write, work.stdout, await _end_of_log(container, stdout=True))
    await asyncio.to_thread(_write, work.stderr, await _end_of_log(container, stderr=True))


async def _end_of_log(
    container: DockerContainer, *, stdout: bool = False, stderr: bool = False
) -> bytes:
    """Return at most `LOG_LIMIT` bytes, and never hold much more."""
    pieces: deque[bytes] = deque()
    size = 0
    # Not `tail`: it counts the lines of both streams. Following reads in pieces, not all at once.
    async for text in container.log(stdout=stdout, stderr=stderr, follow=True):
        piece = text.encode("utf-8", "replace")
        pieces.append(piece)
        size += len(piece)
        while size - len(pieces[0]) >= LOG_LIMIT:
            size -= len(pieces.popleft())
    return b"".join(pieces)[-LOG_LIMIT:]


def _write(path: Path, content: bytes) -> None:
    temporary = path.with_name(f"{path.name}.tmp")
    temporary.write_bytes(content)
    temporary.replace(path)
