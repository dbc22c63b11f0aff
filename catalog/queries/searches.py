"""Searches of jobs: pages by key, counts, and counts by what jobs have.

A page is the jobs' keys in order, found along an index, and then what those jobs are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, false, func, literal, or_, select, text

from catalog.database import Database
from catalog.job_states import JobState
from catalog.queries.search import Search, TextField, TimeField
from catalog.queries.search_conditions import (
    OPEN,
    PROCESS,
    TIMES,
    Condition,
    Part,
    condition_of,
    counted_apart,
)
from catalog.queries.work import visible
from catalog.queries.work_reading import read_these
from catalog.queries.work_rows import Work
from catalog.queries.work_states import in_states
from catalog.tables import Job, JobType


class Place(StrEnum):
    """The place of a job in the catalogue: the order in which jobs were made."""

    PLACE = "place"


SortField = TextField | TimeField | Place
_COLUMNS: Final[dict[SortField, Any]] = {
    TimeField.CREATED: Job.created,
    TimeField.STARTED: Job.started,
    TimeField.ENDED: Job.ended,
    TextField.UID: Job.uid,
    TextField.USER: Job.user_name,
    Place.PLACE: Job.id,
}
SORTABLE: Final = frozenset(_COLUMNS)


@dataclass(frozen=True, slots=True)
class SortKey:
    """What jobs are ordered by; those that have none come last."""

    field: SortField
    is_descending: bool = False


NEWEST_FIRST: Final = (SortKey(Place.PLACE, is_descending=True),)


@dataclass(frozen=True, slots=True)
class Hit:
    """A job that was found.

    Parameters
    ----------
    keys
        What it was ordered by; at the end, its place.
    """

    work: Work
    keys: tuple[Any, ...]


class SearchQueries:
    """Searches the jobs of the catalogue."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(
        self,
        search: Search,
        order: Sequence[SortKey],
        limit: int,
        offset: int = 0,
        after: Sequence[Any] = (),
    ) -> tuple[Hit, ...]:
        """Return jobs in order.

        Parameters
        ----------
        after
            Keys of a job, or the first of them: only those that come after it are wanted.
        """
        keys = _with_place(order)
        columns = [_COLUMNS[each.field] for each in keys]
        statement = (
            _found(select(*columns, Job.id.label("job_id")), search)
            .where(*([_after(keys, after)] if after else []))
            .order_by(*map(_direction, keys))
            .limit(limit)
            .offset(offset)
        )
        with self._database.reading() as connection:
            rows = [tuple(row) for row in connection.execute(statement)]
            ids = [row[-1] for row in rows]
            works = read_these(connection, ids)
        by_id = {each.id: each for each in works}
        return tuple(Hit(by_id[row[-1]], row[:-1]) for row in rows)

    def count(self, search: Search, most: int | None = None) -> int:
        """Return how many jobs there are; with `most`, no more than that are counted."""
        number = sum((_number(each, most) for each in counted_apart(search)), start=literal(0))
        with self._database.glancing() as connection:
            found: int = connection.execute(select(number)).scalar_one()
        return found if most is None else min(found, most)

    def by_text(self, search: Search, field: TextField, size: int) -> list[tuple[str, int]]:
        """Return the most frequent values of a field and how many jobs have each."""
        if field is TextField.PROCESS:
            found = _found(select(Job.job_type_id, func.count().label("n")), search)
            types = found.group_by(Job.job_type_id).subquery()
            statement = select(PROCESS, types.c.n).join(types, types.c.job_type_id == JobType.id)
            return self._pairs(statement.order_by(types.c.n.desc(), PROCESS).limit(size))
        if field is TextField.LABEL:
            value: Any = func.unnest(Job.tags)
        else:
            value = _COLUMNS[field]
        labels = _found(select(value.label("value")), search).subquery()
        statement = select(labels.c.value, func.count().label("n")).where(
            labels.c.value.is_not(None)
        )
        statement = statement.group_by(labels.c.value).order_by(text("n DESC"), labels.c.value)
        return self._pairs(statement.limit(size))

    def by_state(self, search: Search) -> list[tuple[JobState, str | None, int]]:
        """Return states, words that steps sent while the job is open, and how many jobs have both.

        A duplicate is in the state of the job that it repeats.
        """
        states = [each for each in JobState if each not in (JobState.DEDUPED, JobState.UNKNOWN)]
        state: ColumnElement[str] = case(
            *((in_states([each]), each.value) for each in states), else_=JobState.UNKNOWN.value
        )
        word = case((Job.status.in_(OPEN), Job.step_status), else_=None)
        own = _found(select(state.label("state"), word.label("word"), func.count()), search)
        own = own.where(Job.duplicate_of.is_(None)).group_by(text("state"), text("word"))
        copies = _found(select(Job.duplicate_of.label("id"), func.count().label("n")), search)
        copies = copies.where(Job.duplicate_of.is_not(None)).group_by(Job.duplicate_of)
        repeated = copies.subquery()
        of_copies = (
            select(state.label("state"), literal(None).label("word"), func.sum(repeated.c.n))
            .select_from(Job)
            .join(repeated, repeated.c.id == Job.id)
            .group_by(text("state"), text("word"))
        )
        with self._database.reading() as connection:
            rows = [*connection.execute(own), *connection.execute(of_copies)]
        return [(JobState(name), told, int(number)) for name, told, number in rows]

    def by_time(
        self, search: Search, field: TimeField, step: timedelta | str
    ) -> list[tuple[datetime, int]]:
        """Return the beginnings of intervals in UTC, and how many jobs have a time in each.

        Parameters
        ----------
        step
            How long an interval is, counted from 1970; or a unit of the calendar, as ``month``.
        """
        column = TIMES[field]
        if isinstance(step, str):
            start: Any = func.date_trunc(step, column, "UTC")
        else:
            start = func.date_bin(step, column, text("timestamptz '1970-01-01 00:00:00+00'"))
        statement = _found(select(start.label("start"), func.count()), search)
        statement = statement.where(column.is_not(None)).group_by(text("start"))
        with self._database.reading() as connection:
            rows = connection.execute(statement.order_by(text("start")))
            return [(moment, number) for moment, number in rows]

    def _pairs(self, statement: Select[Any]) -> list[tuple[str, int]]:
        with self._database.reading() as connection:
            return [(str(value), number) for value, number in connection.execute(statement)]


def _number(part: Part, most: int | None) -> ColumnElement[int]:
    found = select(Job.id).where(*visible(), part.condition)
    if most is not None:
        # Along the index of the ids, if a few of them are enough to find so many.
        found = (found if part.has_index else found.order_by(Job.id.desc())).limit(most)
    return select(func.count()).select_from(found.subquery()).scalar_subquery()


def _found(statement: Any, search: Search) -> Select[Any]:
    found: Select[Any] = statement.select_from(Job).where(*visible(), condition_of(search))
    return found


def _with_place(order: Sequence[SortKey]) -> tuple[SortKey, ...]:
    if any(each.field is Place.PLACE for each in order):
        return tuple(order)
    return (*order, SortKey(Place.PLACE, is_descending=bool(order) and order[0].is_descending))


def _direction(key: SortKey) -> ColumnElement[Any]:
    column = _COLUMNS[key.field]
    directed: ColumnElement[Any] = column.desc() if key.is_descending else column.asc()
    is_nullable = key.field in (TimeField.STARTED, TimeField.ENDED, TextField.USER)
    return directed.nulls_last() if is_nullable else directed


def _after(keys: Sequence[SortKey], values: Sequence[Any]) -> Condition:
    """Return the condition that a job comes after one with these keys."""
    return or_(false(), *_alternatives(keys, values))


def _alternatives(keys: Sequence[SortKey], values: Sequence[Any]) -> Iterator[Condition]:
    same: list[Condition] = []
    for key, value in zip(keys, values, strict=False):
        column = _COLUMNS[key.field]
        if value is not None:
            beyond = column < value if key.is_descending else column > value
            yield and_(*same, or_(beyond, column.is_(None)) if column.nullable else beyond)
        same.append(column.is_(None) if value is None else column == value)
