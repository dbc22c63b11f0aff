"""Running a Strike process inside an event loop that is not to be blocked.

Imports without Airflow.
"""

import asyncio
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Final

from strike.process import StrikeProcess
from strike.summary import PassSummary
from strike.watcher import DirectoryWatcher

_log = logging.getLogger(__name__)

_LONGEST_PAUSE: Final = 60.0
_BREATH: Final = 0.05


async def run_for(process: StrikeProcess, seconds: float) -> bool:
    """Make passes until the time is over, then let another process take over.

    Passes run in a thread of their own. An error of a pass is logged and the next is made later;
    nothing but the end of the time, or of the Strike process, ends the loop.

    Parameters
    ----------
    seconds
        How long; the files that are being copied at the end are finished.

    Returns
    -------
    bool
        True if the Strike process is not to run any more.
    """
    loop = asyncio.get_running_loop()
    woken = asyncio.Event()
    watcher = DirectoryWatcher(partial(loop.call_soon_threadsafe, woken.set))
    executor = ThreadPoolExecutor(1, thread_name_prefix=f"strike-{process.strike_id}")
    try:
        return await _passes(process, seconds, executor, watcher, woken)
    finally:
        process.stop()
        ending = loop.run_in_executor(executor, _end, process, watcher)
        executor.shutdown(wait=False)
        await asyncio.shield(ending)


async def _passes(
    process: StrikeProcess,
    seconds: float,
    executor: ThreadPoolExecutor,
    watcher: DirectoryWatcher,
    woken: asyncio.Event,
) -> bool:
    loop = asyncio.get_running_loop()
    deadline = time.monotonic() + seconds
    pause = 0.0
    while time.monotonic() < deadline:
        woken.clear()
        try:
            summary = await loop.run_in_executor(executor, _one_pass, process, watcher)
        except Exception:  # noqa: BLE001  # a fault of ours must not end the watch
            pause = min(max(1.0, 2 * pause), _LONGEST_PAUSE)
            _log.exception(
                "A pass of Strike process %s failed. Files stay where they are; the next pass is"
                " in %.0f s.",
                process.strike_id, pause,
            )  # fmt: skip
            await asyncio.sleep(min(pause, max(0.0, deadline - time.monotonic())))
            continue
        pause = 0.0
        if summary.is_over:
            return True
        await _rest(summary, woken, deadline)
    return False


def _one_pass(process: StrikeProcess, watcher: DirectoryWatcher) -> PassSummary:
    """Make a pass, and another at once where an arrival may have come before the watcher did."""
    watched = process.directory, process.is_recursive
    watcher.watch(*watched)
    summary = process.run_pass()
    is_same = (process.directory, process.is_recursive) == watched
    return summary if is_same else replace(summary, look_again=0.0)


def _end(process: StrikeProcess, watcher: DirectoryWatcher) -> None:
    watcher.stop()
    process.close()


async def _rest(summary: PassSummary, woken: asyncio.Event, deadline: float) -> None:
    """Wait until the next pass is due, or something arrives, but never not at all."""
    due = min(summary.look_again, deadline - time.monotonic())
    if due <= 0:
        return
    if summary.problem is not None:
        await asyncio.sleep(due)
        return
    breath = min(due, _BREATH)
    await asyncio.sleep(breath)
    with suppress(TimeoutError):
        await asyncio.wait_for(woken.wait(), due - breath)
