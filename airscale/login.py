"""Where a system is, and who may come in."""

from dataclasses import dataclass, replace
from typing import Self


@dataclass(frozen=True, slots=True)
class Login:
    """
    Where to go, and as whom.

    Parameters
    ----------
    address
        Of an API server, as this process reaches it.
    shown
        The address for people, where that is another one.
    """

    address: str
    user: str
    password: str
    shown: str = ""

    def for_people(self) -> Self:
        """Return the login with the address for people."""
        return replace(self, address=self.shown or self.address)
