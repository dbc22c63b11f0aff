"""What is left of executions that have ended, and when it is removed.

`AIRSCALE_CLEAN_UP` is ``always`` (the default), ``on-success``, or a number of hours for which
work directories, containers and pods are kept.
"""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Self

from catalog.services.executions import ExecutionService
from dag_factory.failures import JobFailure
from dag_factory.kept_logs import KeptOutput
from dag_factory.runtimes.choice import runtime_for
from dag_factory.runtimes.runtime import Invocation, Runtime
from dag_factory.work_directory import WorkDirectory

CLEAN_UP_VARIABLE: Final = "AIRSCALE_CLEAN_UP"
GRACE: Final = timedelta(minutes=1)
"""How long whoever ran an execution has for removing what is left of it."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CleanUp:
    """When what is left of an execution is removed.

    Parameters
    ----------
    keeps_failures
        Whether what failed or was cancelled stays until a person removes it.
    kept_for
        How long it stays at least.
    """

    keeps_failures: bool = False
    kept_for: timedelta = timedelta()

    @classmethod
    def from_environment(cls) -> Self:
        """Read the policy of this deployment.

        Raises
        ------
        ValueError
            Raised if the setting is none of the three.
        """
        configured = os.environ.get(CLEAN_UP_VARIABLE) or "always"
        if configured == "always":
            return cls()
        if configured == "on-success":
            return cls(keeps_failures=True)
        try:
            return cls(kept_for=timedelta(hours=float(configured)))
        except (ValueError, OverflowError) as error:
            message = (
                f"{CLEAN_UP_VARIABLE} is {configured!r}. Set it to always, on-success or a number"
                " of hours, or unset it."
            )
            raise ValueError(message) from error

    def removes(self, *, succeeded: bool, since: timedelta = timedelta()) -> bool:
        """Say whether an execution that ended so long ago is removed."""
        return (succeeded or not self.keeps_failures) and since >= self.kept_for


async def discard(
    runtime: Runtime,
    invocation: Invocation,
    *,
    keep: bool = False,
    runs: bool = True,
    finish: Callable[[], Awaitable[object]] | None = None,
) -> None:
    """Stop an ended execution and remove it; what cannot be removed is only logged.

    Parameters
    ----------
    keep
        Whether it is only stopped, and its log kept.
    runs
        Whether it may still run.
    finish
        Keeps the rest of its log; None where nobody has followed it.
    """
    steps: list[Callable[[], Awaitable[object]]] = []
    if runs:
        steps += [
            lambda: runtime.kill(invocation),
            finish or (lambda: asyncio.to_thread(KeptOutput(invocation).finish)),
        ]
    if not keep:
        steps += [
            lambda: runtime.remove(invocation),
            lambda: asyncio.to_thread(invocation.work.remove),
        ]
    for step in steps:
        try:
            await step()
        except Exception as error:  # noqa: BLE001  # the job has ended, whatever is left of it
            _log.warning("%s was not removed: %r", invocation.name, error)


async def remove_orphans(
    executions: ExecutionService, directory: Path, policy: CleanUp, grace: timedelta = GRACE
) -> frozenset[int]:
    """Remove what is left of executions that have ended in the catalogue; return their ids.

    One whose execution is open, or that the catalogue does not know, stays.
    """
    left = await asyncio.to_thread(_work_directories, directory)
    for uses_docker in (False, True):
        try:
            left |= await runtime_for(uses_docker=uses_docker).leftovers(directory)
        except JobFailure as error:  # no engine: nothing of it can be removed now
            _log.info("Nobody looks for orphans: %s", error)
    removed = set()
    now = datetime.now(UTC)
    for ended in await asyncio.to_thread(executions.ended_among, sorted(left)):
        since = now - ended.at
        if since < grace or not policy.removes(succeeded=ended.succeeded, since=since):
            continue
        work = WorkDirectory.of(directory, ended.plan.job_exe_id)
        runtime = runtime_for(uses_docker=ended.plan.uses_docker)
        await discard(runtime, Invocation(ended.plan, work, (), {}))
        removed.add(ended.plan.job_exe_id)
    return frozenset(removed)


def _work_directories(directory: Path) -> frozenset[int]:
    names = (each.name.removeprefix("exe-") for each in directory.glob("exe-*"))
    return frozenset(int(each) for each in names if each.isdecimal())
