"""What a pass of a Strike process tells whoever runs it. Imports without Airflow."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from catalog.states import IngestStatus


@dataclass(frozen=True, slots=True)
class PassSummary:
    """What happened in a pass, and when to look again.

    Parameters
    ----------
    look_again
        Seconds until the next pass is due, unless the watcher wakes earlier.
    seen
        Files at the top of the directory.
    arrived
        Files that were not in the ledger.
    ended
        How many ingests ended in which status.
    in_flight
        Ingests that go on beyond this pass, or wait to be tried again.
    problem
        What keeps the process from working, as a sentence; None if nothing does.
    is_over
        True if the Strike process is not to run any more.
    """

    look_again: float
    seen: int = 0
    arrived: int = 0
    ended: Mapping[IngestStatus, int] = field(default_factory=dict)
    in_flight: int = 0
    problem: str | None = None
    is_over: bool = False
