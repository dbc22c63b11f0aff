"""Settings of Strike processes, from the environment."""

import os
from dataclasses import dataclass, replace
from typing import Final, Self

from schemas.strike_configuration import StrikeConfiguration

STABILITY_VARIABLE: Final = "AIRSCALE_STRIKE_STABILITY_SECONDS"


@dataclass(frozen=True, slots=True)
class StrikeSettings:
    """How a Strike process works; times in seconds.

    Parameters
    ----------
    stability
        How long size and modification time of a file must stay the same before it is taken.
    interval
        Longest time between two looks at the directory.
    shortest_interval
        Shortest time between two looks, however often the watcher wakes.
    longest_backoff
        Longest time between two tries of what cannot be done now.
    workers
        Files that are copied at once.
    in_flight
        Files that are taken out of the directory at once.
    batch
        Small files that end in one transaction.
    """

    stability: float = 1.0
    interval: float = 1.0
    shortest_interval: float = 0.05
    longest_backoff: float = 60.0
    workers: int = 8
    in_flight: int = 8192
    batch: int = 128

    @classmethod
    def from_environment(cls) -> Self:
        """Read the settings; what is not set has its default.

        Raises
        ------
        ValueError
            Raised if ``AIRSCALE_STRIKE_STABILITY_SECONDS`` is no number of seconds.
        """
        text = os.environ.get(STABILITY_VARIABLE)
        return cls() if not text else cls(stability=_seconds(text))

    def told(self, configuration: StrikeConfiguration) -> Self:
        """Return the settings with what a configuration says otherwise."""
        if configuration.stability_seconds is None:
            return self
        return replace(self, stability=configuration.stability_seconds)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        message = (
            f"{STABILITY_VARIABLE} is {text!r}, which is no number of seconds."
            " Set it to 0 or more, such as 1.0."
        )
        raise ValueError(message)
    return seconds
