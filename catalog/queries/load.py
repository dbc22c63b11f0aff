"""The job load over time (seed 001, Job Load)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import and_, func, outerjoin, select

from catalog.database import Database
from catalog.errors import InvalidError
from catalog.queries.listing import Condition, Page, PageRequest, any_of, first_row
from catalog.queries.parts import EVERY_JOB_TYPE, JobTypeFilter
from catalog.tables import JobLoad, JobType, LoadMeasurement

_USUAL: Final = timedelta(days=7)
_LONGEST: Final = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class LoadRow:
    """Jobs in each state at one moment."""

    time: datetime
    pending_count: int
    queued_count: int
    running_count: int


@dataclass(frozen=True, slots=True)
class LoadFilter:
    """Which jobs are counted; an empty sequence asks for nothing."""

    job_type: JobTypeFilter = field(default=EVERY_JOB_TYPE)
    priorities: Sequence[int] = ()

    def conditions(self) -> list[Condition]:
        """Return the conditions on a joined job type."""
        return [*self.job_type.conditions(), *any_of(JobType.priority, self.priorities)]


class LoadQueries:
    """Reads the job load."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, request: PageRequest, wanted: LoadFilter) -> Page[LoadRow]:
        """Return a page of the moments at which the load was counted, oldest first.

        A moment at which no job was open, or none that is wanted, is there with zeros. Without a
        time range it is the last week.

        Raises
        ------
        InvalidError
            Raised if the time range is empty or longer than 31 days.
        NotFoundError
            Raised if the page is beyond the end.
        """
        started, ended = _range(request)
        within = and_(LoadMeasurement.measured >= started, LoadMeasurement.measured <= ended)
        with self._database.reading() as connection:
            count = connection.execute(
                select(func.count()).select_from(LoadMeasurement).where(within)
            ).scalar_one()
            moments = (
                select(LoadMeasurement.id, LoadMeasurement.measured)
                .where(within)
                .order_by(LoadMeasurement.measured)
                .limit(request.page_size)
                .offset(first_row(request, count))
                .subquery("page")
            )
            counted = (
                select(JobLoad)
                .where(JobLoad.measurement_id.in_(select(moments.c.id)), *_of_types(wanted))
                .subquery("counted")
            )
            columns = (counted.c.pending_count, counted.c.queued_count, counted.c.running_count)
            rows = connection.execute(
                select(moments.c.measured, *(func.coalesce(func.sum(each), 0) for each in columns))
                .select_from(outerjoin(moments, counted, counted.c.measurement_id == moments.c.id))
                .group_by(moments.c.measured)
                .order_by(moments.c.measured)
            )
            return Page(count, tuple(LoadRow(*row) for row in rows))


def _of_types(wanted: LoadFilter) -> list[Condition]:
    """Return the condition on the job type; none for all, which are read without a join."""
    conditions = wanted.conditions()
    return [JobLoad.job_type_id.in_(select(JobType.id).where(*conditions))] if conditions else []


def _range(request: PageRequest) -> tuple[datetime, datetime]:
    ended = request.ended or datetime.now(UTC)
    started = request.started or _before(ended, _USUAL)
    if started >= ended:
        raise InvalidError(
            f"The time range starts at {started.isoformat()} and ends at {ended.isoformat()}."
            " Give a start that is before the end."
        )
    if ended - started > _LONGEST:
        raise InvalidError(
            f"The time range from {started.isoformat()} to {ended.isoformat()} is longer than"
            f" {_LONGEST.days} days. Give a shorter one."
        )
    return started, ended


def _before(moment: datetime, span: timedelta) -> datetime:
    """Return the time a span earlier, or the first there is."""
    earliest = datetime.min.replace(tzinfo=UTC)
    return moment - span if moment - earliest > span else earliest
