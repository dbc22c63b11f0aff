"""How full workspaces are, measured every so often and kept for a while."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from catalog.database import Database
from catalog.services.workspaces import sizes_of

STEP: Final = timedelta(minutes=15)
KEPT: Final = timedelta(days=90)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class UsageService:
    """Measures workspaces; to be asked every minute, by anyone, also at once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def measure(self, now: datetime | None = None) -> int:
        """Measure the active workspaces that nobody has measured since the last quarter hour.

        Storage that is out of reach leaves no measurement. Of a bucket, which cannot be asked
        for its size, the files that the catalogue has in it are summed up.

        Parameters
        ----------
        now
            The time to go by; the present if not given.

        Returns
        -------
        int
            How many were measured.
        """
        moment = now or datetime.now(UTC)
        slot = moment - (moment - _EPOCH) % STEP
        with self._database.transaction() as tx:
            lacking = tx.usage.lacking(slot)
        if not lacking:
            return 0
        # outside of a transaction: storage may take its time
        found = {each: sizes_of(json_config) for each, json_config in lacking.items()}
        known = {each: sizes for each, sizes in found.items() if sizes is not None}
        unmeasured = [each for each, sizes in known.items() if sizes.used is None]
        with self._database.transaction() as tx:
            stored = tx.usage.stored(unmeasured) if unmeasured else {}
            known |= {each: replace(known[each], used=used) for each, used in stored.items()}
            tx.usage.add(slot, known)
            tx.usage.forget(moment - KEPT)
        return len(known)
