"""Where the tasks of a job answer to SSH: each is asked (RFC 4253, 4.2)."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from catalog.job_states import JobState
from catalog.queries.job_sets import TaskRow
from plugins.rest.pai.environment import host, ports_of

_SECONDS: Final = 2.0
_BANNER: Final = b"SSH-"
_AT_ONCE: Final = 64


def ssh_of(tasks: Sequence[TaskRow]) -> dict[str, Any] | None:
    """Return the tasks that answer to SSH; None if no task does.

    Keys are those that the image of the job brings along: there is no pair to download.
    """
    running = [
        (f"airscale-exe-{each.job_exe_id}", ports_of(each.parameters).get("ssh", ""))
        for each in tasks
        if each.state is JobState.RUNNING
    ]
    wanted = [(name, ports.partition(",")[0]) for name, ports in running if ports]
    answering = asyncio.run(_answering([int(port) for _, port in wanted]))
    containers = [
        {"id": name, "sshIp": host(), "sshPort": port}
        for name, port in wanted
        if int(port) in answering
    ]
    if not containers:
        return None
    key_pair = dict.fromkeys(
        ("folderPath", "publicKeyFileName", "privateKeyFileName", "privateKeyDirectDownloadLink")
    )
    return {"containers": containers, "keyPair": key_pair}


async def _answering(ports: Sequence[int]) -> frozenset[int]:
    limit = asyncio.Semaphore(_AT_ONCE)

    async def ask(port: int) -> bool:
        async with limit:
            return await _is_ssh(port)

    answers = await asyncio.gather(*(ask(each) for each in ports))
    return frozenset(port for port, is_ssh in zip(ports, answers, strict=True) if is_ssh)


async def _is_ssh(port: int) -> bool:
    try:
        async with asyncio.timeout(_SECONDS):
            reader, writer = await asyncio.open_connection(host(), port)
            try:
                return (await reader.readexactly(len(_BANNER))) == _BANNER
            finally:
                writer.close()
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        return False
