"""Searching jobs by conditions that are put together: what is asked, and the SQL it is.

The conditions are a closed set; each is a condition of SQL over columns with an index where one
job out of very many is meant: uid, labels, status, inputs, user, time of submission.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, TypeAlias, assert_never
from uuid import UUID

from sqlalchemy import (
    Integer,
    Text,
    and_,
    any_,
    case,
    cast,
    false,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.elements import ColumnElement

from catalog.job_states import JobState
from catalog.queries.work_states import in_states
from catalog.states import JobStatus
from catalog.tables import Job, JobType

Condition = ColumnElement[bool]
OPEN: Final = (JobStatus.PENDING, JobStatus.QUEUED, JobStatus.RUNNING)
"""Statuses of jobs for which a word that their steps sent stands."""


class TextField(StrEnum):
    """What can be compared with texts."""

    UID = "uid"
    LABEL = "label"
    USER = "user"
    PROCESS = "process"


class TimeField(StrEnum):
    """What can be compared with times."""

    CREATED = "created"
    STARTED = "started"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Everything:
    """Every job."""


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of these texts."""

    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Like:
    """A text like a pattern of SQL's LIKE, with a backslash before what is meant literally."""

    pattern: str
    ignores_case: bool = False


Texts: TypeAlias = OneOf | Like


@dataclass(frozen=True, slots=True)
class TextIs:
    """A field has such a text; of labels, one does."""

    field: TextField
    texts: Texts


@dataclass(frozen=True, slots=True)
class TextBetween:
    """A field has a text in these bounds, by its characters; None for no bound."""

    field: TextField
    above: str | None
    below: str | None
    includes_above: bool = True
    includes_below: bool = True


@dataclass(frozen=True, slots=True)
class TimeBetween:
    """A field has a time in these bounds; None for no bound."""

    field: TimeField
    above: datetime | None
    below: datetime | None
    includes_above: bool = True
    includes_below: bool = True


@dataclass(frozen=True, slots=True)
class Given:
    """A field has a value."""

    field: TextField | TimeField


@dataclass(frozen=True, slots=True)
class Input:
    """An input of this name has one of these values; without values, any."""

    name: str
    values: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Stands:
    """A job is in one of these states, or its steps sent such a word and it has not ended."""

    states: frozenset[JobState]
    words: Texts


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every one of these; of none of them, every job."""

    parts: tuple["Search", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least so many of these."""

    parts: tuple["Search", ...]
    least: int = 1


@dataclass(frozen=True, slots=True)
class Not:
    """Not this."""

    part: "Search"


Search: TypeAlias = (
    Everything | TextIs | TextBetween | TimeBetween | Given | Input | Stands | AllOf | AnyOf | Not
)
EVERYTHING: Final = Everything()
NOTHING: Final = AnyOf(())

TIMES: Final = {
    TimeField.CREATED: Job.created,
    TimeField.STARTED: Job.started,
    TimeField.ENDED: Job.ended,
}
PROCESS: Final = JobType.name + ":" + JobType.version


def condition_of(search: Search) -> Condition:  # noqa: C901, PLR0911 - one case a condition
    """Return what is asked as a condition on rows of jobs."""
    match search:
        case Everything():
            return true()
        case TextIs(field, texts):
            return _text_is(field, texts)
        case TextBetween():
            return _text_between(search)
        case TimeBetween():
            return and_(true(), *_bounds(TIMES[search.field], search))
        case Given(field):
            return _given(field)
        case Input(name, values):
            return _input(name, values)
        case Stands(states, words):
            return _stands(states, words)
        case AllOf(parts):
            return and_(true(), *map(condition_of, parts))
        case AnyOf(parts, least):
            return _any_of(parts, least)
        case Not(part):
            return ~_certain(condition_of(part))
        case _:
            assert_never(search)


def _any_of(parts: Sequence[Search], least: int) -> Condition:
    if least <= 1:
        return or_(false(), *map(condition_of, parts))
    met = [case((condition_of(each), 1), else_=0) for each in parts]
    return sum(met, start=literal(0, Integer)) >= least


def _certain(condition: Condition) -> Condition:
    """Return a condition that is never null, so that its opposite is not either."""
    return case((condition, literal(True)), else_=literal(False))  # noqa: FBT003


def _matches(column: Any, texts: Texts) -> Condition:
    found: Condition
    match texts:
        case OneOf(values):
            found = column == any_(literal(list(values), ARRAY(Text)))
        case Like(pattern, ignores_case):
            found = (column.ilike if ignores_case else column.like)(pattern, escape="\\")
        case _:
            assert_never(texts)
    return found


def _text_is(field: TextField, texts: Texts) -> Condition:
    match field:
        case TextField.UID:
            if isinstance(texts, OneOf):
                return Job.uid.in_([uid for uid in map(_uid, texts.texts) if uid is not None])
            return _matches(cast(Job.uid, Text), texts)
        case TextField.LABEL:
            if isinstance(texts, OneOf):
                labels: Any = Job.tags
                found: Condition = labels.overlap(literal(list(texts.texts), ARRAY(Text)))
                return found
            return _some_label(texts)
        case TextField.USER:
            return _matches(Job.user_name, texts)
        case TextField.PROCESS:
            return Job.job_type_id.in_(select(JobType.id).where(_matches(PROCESS, texts)))
        case _:
            assert_never(field)


def _some_label(texts: Texts) -> Condition:
    label = func.unnest(Job.tags).column_valued("label")
    return select(label).where(_matches(label, texts)).correlate(Job).exists()


def _text_between(search: TextBetween) -> Condition:
    columns: dict[TextField, Any] = {
        TextField.UID: cast(Job.uid, Text),
        TextField.USER: Job.user_name,
    }
    if search.field in columns:
        return and_(true(), *_bounds(columns[search.field].collate("C"), search))
    if search.field is TextField.PROCESS:
        types = select(JobType.id).where(*_bounds(PROCESS.collate("C"), search))
        return Job.job_type_id.in_(types)
    label = func.unnest(Job.tags).column_valued("label")
    chosen = select(label).where(*_bounds(label.collate("C"), search))
    return chosen.correlate(Job).exists()


def _bounds(column: Any, search: TextBetween | TimeBetween) -> list[Condition]:
    found = []
    if search.above is not None:
        found.append(column >= search.above if search.includes_above else column > search.above)
    if search.below is not None:
        found.append(column <= search.below if search.includes_below else column < search.below)
    return found


def _given(field: TextField | TimeField) -> Condition:
    match field:
        case TimeField():
            return TIMES[field].is_not(None)
        case TextField.LABEL:
            return Job.tags != literal([], ARRAY(Text))
        case TextField.USER:
            return Job.user_name.is_not(None)
        case TextField.UID | TextField.PROCESS:
            return true()
        case _:
            assert_never(field)


def _input(name: str, values: Sequence[Any]) -> Condition:
    """Return the condition on inputs, of jobs of any dialect and of workflows."""
    if not values:
        return or_(
            Job.data.contains({"input_data": [{"name": name}]}),
            Job.parameters["inputs"].has_key(name),
        )
    found: list[Condition] = []
    for each in values:
        found.append(Job.parameters.contains({"inputs": {name: each}}))
        if not isinstance(each, dict | list):
            text = each if isinstance(each, str) else str(each)
            found.append(Job.data.contains({"input_data": [{"name": name, "value": text}]}))
    return or_(*found)


def _stands(states: frozenset[JobState], words: Texts) -> Condition:
    told = and_(Job.step_status.is_not(None), Job.status.in_(OPEN))
    original = select(Job.id).where(in_states(states)).correlate(None)
    return or_(
        and_(in_states(states - {JobState.DEDUPED}), ~_certain(told)),
        and_(told, _matches(Job.step_status, words)),
        and_(Job.duplicate_of.is_not(None), Job.duplicate_of.in_(original)),
    )


def _uid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
