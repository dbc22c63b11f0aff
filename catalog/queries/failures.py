"""Failures of executions over time, by error and by category of error."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, func, select

from catalog.database import Database
from catalog.states import ErrorCategory
from catalog.tables import Error, JobExecution

HOURS: Final = 48
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class FailureHour:
    """The executions that failed in the hour that begins at `time`, UTC."""

    time: datetime
    counts: Mapping[ErrorCategory, int]


@dataclass(frozen=True, slots=True)
class ErrorCount:
    """An error, and how many executions ended with it in the last 24 hours."""

    id: int
    name: str
    title: str | None
    description: str | None
    category: ErrorCategory
    is_builtin: bool
    count: int
    latest: datetime | None


class FailureQueries:
    """Counts failures."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def by_hour(self) -> tuple[FailureHour, ...]:
        """Return the failures of each of the last `HOURS` hours, the current one last."""
        last = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        hours = [last - each * _HOUR for each in reversed(range(HOURS))]
        with self._database.reading() as connection:
            counted = _by_hour(connection, hours[0])
        return tuple(FailureHour(hour, counted.get(hour, {})) for hour in hours)

    def by_error(self) -> tuple[ErrorCount, ...]:
        """Return all errors, those that happened most in the last 24 hours first."""
        recent = (
            select(
                JobExecution.error_id,
                func.count().label("count"),
                func.max(JobExecution.ended).label("latest"),
            )
            .where(JobExecution.ended >= datetime.now(UTC) - _DAY)
            .group_by(JobExecution.error_id)
            .subquery()
        )
        count = func.coalesce(recent.c.count, 0)
        statement = (
            select(
                Error.id,
                Error.name,
                Error.title,
                Error.description,
                Error.category,
                Error.is_builtin,
                count.label("count"),
                recent.c.latest,
            )
            .outerjoin(recent, recent.c.error_id == Error.id)
            .order_by(count.desc(), Error.is_builtin, Error.name)
        )
        with self._database.reading() as connection:
            return tuple(ErrorCount(**row) for row in connection.execute(statement).mappings())


def _by_hour(connection: Connection, since: datetime) -> dict[datetime, dict[ErrorCategory, int]]:
    hour = func.date_trunc("hour", JobExecution.ended, "UTC").label("hour")
    rows = connection.execute(
        select(hour, Error.category, func.count())
        .join(Error, Error.id == JobExecution.error_id)
        .where(JobExecution.ended >= since)
        .group_by(hour, Error.category)
    )
    counted: dict[datetime, dict[ErrorCategory, int]] = {}
    for slot, category, count in rows:
        counted.setdefault(slot.astimezone(UTC), {})[category] = count
    return counted
