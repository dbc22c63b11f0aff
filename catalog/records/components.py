"""Records of what runs."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ComponentRecord:
    """A component of the system on a host, as it was last started there.

    Parameters
    ----------
    name
        Such as ``triggerer``.
    build
        What identifies the code it was started from.
    started
        When it was started, UTC.
    """

    name: str
    hostname: str
    build: str
    started: datetime
