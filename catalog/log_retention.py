"""How long the log store keeps what jobs have printed.

`AIRSCALE_LOG_DAYS` is a number of days since a file was last written; without it nothing is
removed. The last 256 KiB of each stream stay in the catalogue.
"""

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from catalog.log_store import logs_directory

LOG_DAYS_VARIABLE: Final = "AIRSCALE_LOG_DAYS"
_MARK: Final = ".swept"
_DAY: Final = 86_400.0


def log_days() -> float | None:
    """Return how many days logs are kept, None for ever.

    Raises
    ------
    ValueError
        Raised if the setting is no positive number.
    """
    configured = os.environ.get(LOG_DAYS_VARIABLE)
    if not configured:
        return None
    with suppress(ValueError):
        days = float(configured)
        if days > 0:
            return days
    message = (
        f"{LOG_DAYS_VARIABLE} is {configured!r}. Set it to a number of days above 0, or unset it"
        " to keep logs for ever."
    )
    raise ValueError(message)


def remove_old_logs(now: float | None = None) -> int:
    """Remove the logs that are too old, once a day however often it is called; return how many.

    Parameters
    ----------
    now
        Seconds since 1970; the clock's without it.
    """
    days = log_days()
    store = logs_directory()
    moment = time.time() if now is None else now
    if days is None or not store.is_dir() or not _is_due(store / _MARK, moment):
        return 0
    oldest = moment - days * _DAY
    return sum(_remove_old(folder, oldest) for folder in store.iterdir() if folder.is_dir())


def _is_due(mark: Path, moment: float) -> bool:
    with suppress(FileNotFoundError):
        if abs(moment - mark.stat().st_mtime) < _DAY:
            return False
    mark.touch()
    os.utime(mark, (moment, moment))
    return True


def _remove_old(folder: Path, oldest: float) -> int:
    removed = 0
    for each in folder.glob("*.log*"):
        with suppress(FileNotFoundError):  # somebody else removed it
            if each.stat().st_mtime < oldest:
                each.unlink()
                removed += 1
    with suppress(OSError):  # it is not empty
        folder.rmdir()
    return removed
