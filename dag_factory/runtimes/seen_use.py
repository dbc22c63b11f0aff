"""What an execution was seen to use while it ran, noted in its work directory.

For what has no record of its own in the end: containers, and processes that were killed.
"""

import json
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Final

from catalog.records.execution import NOT_KNOWN, Used

_NOTE: Final = "used.json"


def note_use(root: Path, seen: Used) -> None:
    """Note what an execution uses now; of CPU time and memory the most that was seen stays.

    Parameters
    ----------
    root
        The work directory of the execution.

    Raises
    ------
    OSError
        Raised if it cannot be written.
    """
    former = noted_use(root)
    most = Used(
        cpu_seconds=_most(former.cpu_seconds, seen.cpu_seconds), mem=_most(former.mem, seen.mem)
    )
    temporary = root / f"{_NOTE}.tmp"
    temporary.write_text(json.dumps(asdict(most)), encoding="utf-8")
    temporary.replace(root / _NOTE)


def noted_use(root: Path) -> Used:
    """Return what was noted."""
    with suppress(OSError, TypeError, ValueError):  # there is none, or it is not of this version
        return Used(**json.loads((root / _NOTE).read_text(encoding="utf-8")))
    return NOT_KNOWN


def _most(*amounts: float | None) -> float | None:
    return max((each for each in amounts if each is not None), default=None)
