"""What the supervisor of a process job is told: the command, its environment and its limits."""

import os
import uuid
from typing import Final

from dag_factory.failures import JobFailure
from dag_factory.runtimes import supervisor
from dag_factory.runtimes.process_isolation import Visible, visible_to
from dag_factory.runtimes.process_limits import limits_of
from dag_factory.runtimes.runtime import Invocation

ALGORITHM_PATH_VARIABLE: Final = "AIRSCALE_ALGORITHM_PATH"


def write_invocation(invocation: Invocation) -> None:
    """Write what the supervisor reads; raises `JobFailure` if the job cannot be started so."""
    inherited = inherited_environment()
    visible = visible_to(invocation, inherited["PATH"])
    environment = {**inherited, **_own_places(invocation, visible), **invocation.environment}
    words = [*invocation.argv, *environment, *environment.values()]
    if any("\0" in each for each in words):
        raise JobFailure(
            "launch",
            f"The command {invocation.argv[0]!r} could not be started: an argument or variable of"
            " it holds a NUL, which no program can be given. Take it out of the job's inputs.",
        )
    root = invocation.work.root
    temporary = root / f"invocation.{uuid.uuid4().hex}.tmp"
    temporary.write_bytes(
        supervisor.written(
            os.fsencode(invocation.work.outputs.absolute()),
            limits_of(invocation.plan),
            [os.fsencode(each) for each in invocation.argv],
            {os.fsencode(name): os.fsencode(value) for name, value in environment.items()},
            None if visible is None else (_bytes(visible.readable), _bytes(visible.writable)),
        )
    )
    temporary.replace(root / "invocation")


def inherited_environment() -> dict[str, str]:
    """Return what a job sees of our environment: where programs are, and how text is written."""
    # AIRSCALE_STACK is how `airscale down` knows a process that belongs to it.
    kept = ("HOME", "LANG", "LC_ALL", "TZ", "AIRSCALE_HOME", "AIRSCALE_STACK")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    algorithms = os.environ.get(ALGORITHM_PATH_VARIABLE)
    path = os.environ.get("PATH", os.defpath)
    environment["PATH"] = f"{algorithms}{os.pathsep}{path}" if algorithms else path
    return environment


def _own_places(invocation: Invocation, visible: Visible | None) -> dict[str, str]:
    """Make the temporary directory of an isolated job; it is its home, too, having no other."""
    if visible is None:
        return {}
    temporary = invocation.work.temporary.absolute()
    temporary.mkdir(exist_ok=True)
    return {"TMPDIR": str(temporary), "HOME": str(temporary)}


def _bytes(paths: tuple[os.PathLike[str], ...]) -> list[bytes]:
    return [os.fsencode(os.path.abspath(each)) for each in paths]  # noqa: PTH100  # links stay
