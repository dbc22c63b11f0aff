"""How long each file of the directory has stayed the same. Imports without Airflow."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from strike.scanner import Sighting


@dataclass(frozen=True, slots=True)
class _Quiet:
    generation: tuple[int, int, int]
    since: float
    date: datetime


class StabilityWatch:
    """Remembers since when size, modification time and inode of each file are unchanged.

    It is kept in memory: after a restart each file is watched for a whole window again.

    Parameters
    ----------
    window
        Seconds a file must stay the same before it counts as complete.
    transfer_suffix
        A file that only lost this from its name has not changed.
    """

    def __init__(self, window: float, transfer_suffix: str) -> None:
        self._window = window
        self._suffix = transfer_suffix
        self._quiet: dict[str, _Quiet] = {}

    def look(self, seen: Mapping[str, Sighting], clock: float, date: datetime) -> None:
        """Take in a scan.

        Parameters
        ----------
        clock
            Time of the scan in seconds, of a clock that never steps back.
        date
            Time of the scan (UTC).
        """
        older = self._quiet
        self._quiet = {}
        for name, file in seen.items():
            generation = (file.size, file.mtime_ns, file.inode)
            before = older.get(name)
            if before is None and name + self._suffix not in seen:
                before = older.get(name + self._suffix)
            if before is not None and before.generation == generation:
                self._quiet[name] = before
            else:
                self._quiet[name] = _Quiet(generation, clock, date)

    def remaining(self, name: str, clock: float) -> float:
        """Return for how many seconds a file must stay as it is; 0 if it is complete."""
        return max(0.0, self._quiet[name].since + self._window - clock)

    def quiet_since(self, name: str) -> datetime:
        """Return since when a file is unchanged (UTC)."""
        return self._quiet[name].date
