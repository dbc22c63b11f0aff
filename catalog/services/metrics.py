"""Daily metrics: what Strike processes and job types did on a UTC day (contract section 4)."""

from collections.abc import Iterator
from datetime import date, timedelta

from catalog.database import Database
from catalog.errors import InvalidError
from catalog.stores.unit_of_work import UnitOfWork


class MetricsService:
    """Computes metrics from the ingests and job executions of a day; again gives the same."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def compute(self, day: date) -> None:
        """Replace the metrics of one UTC day."""
        with self._database.transaction() as tx:
            compute_day(tx, day)

    def compute_range(self, first: date, last: date) -> Iterator[date]:
        """Replace the metrics of every day from `first` to `last`; yield each that is done.

        Every day is a transaction of its own: what was yielded stays.

        Raises
        ------
        InvalidError
            Raised at once if the last day is before the first.
        """
        if last < first:
            raise InvalidError(
                f"The range of days starts on {first} and ends on {last}. Give a first day that is"
                " not after the last."
            )
        return self._computed(first, last)

    def _computed(self, first: date, last: date) -> Iterator[date]:
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            self.compute(day)
            yield day


def compute_day(tx: UnitOfWork, day: date) -> None:
    """Replace the metrics of one UTC day, alone with that day until the transaction ends."""
    tx.metrics.lock(day)
    tx.metrics.replace_ingests(day)
    tx.metrics.replace_job_types(day)
