"""Jobs as the dialects read them: by uid, newest first, each with its state.

A status is one statement over a unique index. A list is two: the jobs with everything they refer
to, found by key first and joined afterwards, and the files they made.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, select

from catalog.database import Database
from catalog.errors import NotFoundError
from catalog.job_states import JobState
from catalog.queries.listing import has_id
from catalog.queries.work_reading import read_chosen, read_files, read_one, read_standing
from catalog.queries.work_rows import Standing, Work, WorkFile
from catalog.queries.work_states import in_states
from catalog.tables import Job, JobSetTask, JobType

Condition = ColumnElement[bool]

MAX_LIMIT: Final = 1000
_STRIKE: Final = "scale-strike"


@dataclass(frozen=True, slots=True)
class WorkFilter:
    """Which jobs are wanted: all conditions together; what is left out asks for nothing.

    Parameters
    ----------
    states
        None for all but those that were removed.
    tag
        One of its tags, whoever gave it.
    since, until
        When it was created, inclusive.
    is_alone
        Whether jobs of sets are left out.
    """

    states: frozenset[JobState] | None = None
    uids: Sequence[UUID] | None = None
    user_name: str | None = None
    name: str | None = None
    tag: str | None = None
    pool: str | None = None
    origin: str | None = None
    type_name: str | None = None
    type_version: str | None = None
    priority: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    is_alone: bool = False


EVERY_JOB: Final = WorkFilter()


class WorkQueries:
    """Reads jobs for the dialects; those of Strike processes are none of theirs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def standing(self, uid: UUID) -> Standing:
        """Return how a job stands, in one statement, or raise `NotFoundError`."""
        with self._database.glancing() as connection:
            found = read_standing(connection, uid)
        if found is None:
            raise NotFoundError("job", str(uid))
        return found

    def one(self, uid: UUID, *, with_files: bool = True) -> Work:
        """Return a job, also one that was removed, or raise `NotFoundError`.

        Parameters
        ----------
        with_files
            False to leave out the files that it made, which cost a statement.
        """
        with self._database.glancing() as connection:
            found = read_one(connection, uid, with_files=with_files)
        if found is None:
            raise NotFoundError("job", str(uid))
        return found

    def by_ids(self, job_ids: Collection[int]) -> tuple[Work, ...]:
        """Return jobs by their ids in the catalogue, also those that were removed."""
        strike = select(JobType.id).where(JobType.name == _STRIKE, JobType.is_system)
        keys = select(Job.id).where(has_id(Job.id, job_ids), Job.job_type_id.not_in(strike))
        with self._database.reading() as connection:
            return read_chosen(connection, keys)

    def newest(
        self, wanted: WorkFilter = EVERY_JOB, limit: int = 100, offset: int = 0
    ) -> tuple[Work, ...]:
        """Return jobs, the newest first."""
        keys = (
            select(Job.id)
            .where(*_conditions(wanted))
            .order_by(Job.id.desc())
            .limit(min(limit, MAX_LIMIT))
            .offset(offset)
        )
        with self._database.reading() as connection:
            return read_chosen(connection, keys)

    def files_of(self, job_exe_id: int) -> tuple[WorkFile, ...]:
        """Return the files that an execution made and nobody deleted."""
        with self._database.reading() as connection:
            return tuple(read_files(connection, [job_exe_id]))

    def uids(self, wanted: WorkFilter, limit: int, offset: int) -> tuple[UUID, ...]:
        """Return the uids of jobs, in the order of the uids."""
        statement = (
            select(Job.uid)
            .where(*_conditions(wanted))
            .order_by(Job.uid)
            .limit(limit)
            .offset(offset)
        )
        with self._database.glancing() as connection:
            return tuple(connection.execute(statement).scalars())


def visible() -> tuple[Condition, ...]:
    """Return the conditions of jobs that nobody removed and that are not a Strike process's."""
    return tuple(_conditions(EVERY_JOB))


def _conditions(wanted: WorkFilter) -> Iterator[Condition]:
    strike = select(JobType.id).where(JobType.name == _STRIKE, JobType.is_system).limit(1)
    # The sum keeps the planner from its statistics: of one type alone it expects no other at all.
    yield (Job.job_type_id + 0).is_distinct_from(strike.scalar_subquery())
    yield Job.archived.is_(None) if wanted.states is None else in_states(wanted.states)
    equal: tuple[tuple[Any, object], ...] = (
        (Job.user_name, wanted.user_name),
        (Job.name, wanted.name),
        (Job.pool, wanted.pool),
        (Job.origin, wanted.origin),
        (Job.priority, wanted.priority),
    )
    yield from (column == value for column, value in equal if value is not None)
    if wanted.uids is not None:
        yield Job.uid.in_(wanted.uids)
    if wanted.tag is not None:
        yield Job.tags.contains([wanted.tag]) | Job.user_tags.contains([wanted.tag])
    if wanted.type_name is not None:
        types = select(JobType.id).where(JobType.name == wanted.type_name)
        if wanted.type_version is not None:
            types = types.where(JobType.version == wanted.type_version)
        yield Job.job_type_id.in_(types)
    if wanted.is_alone:
        yield ~select(JobSetTask.job_id).where(JobSetTask.job_id == Job.id).exists()
    if wanted.since is not None:
        yield Job.created >= wanted.since
    if wanted.until is not None:
        yield Job.created <= wanted.until
