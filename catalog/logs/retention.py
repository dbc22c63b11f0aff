"""How long the log store keeps what jobs have printed.

`AIRSCALE_LOG_DAYS` is a number of days since a log was last written; without it nothing is removed.
The last 256 KiB of each stream stay in the catalogue.
"""

import os
import time
from contextlib import suppress
from typing import Final

from catalog.logs import log_store

LOG_DAYS_VARIABLE: Final = "AIRSCALE_LOG_DAYS"


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

    Raises
    ------
    OSError
        Raised if the store cannot be looked through.
    """
    days = log_days()
    if days is None:
        return 0
    return log_store().remove_old(days, time.time() if now is None else now)
