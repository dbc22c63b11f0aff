"""Conditions on jobs as SQL, over columns with an index where one job out of very many is meant.

These are uid, labels, status, inputs, user and the time of submission.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, assert_never
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
from catalog.queries.search import (
    AllOf,
    AnyOf,
    Everything,
    Given,
    Input,
    Like,
    Not,
    OneOf,
    Search,
    Stands,
    TextBetween,
    TextField,
    TextIs,
    Texts,
    TimeBetween,
    TimeField,
)
from catalog.queries.work_states import in_states, in_states_apart
from catalog.states import JobStatus
from catalog.tables import Job, JobType

Condition = ColumnElement[bool]
OPEN: Final = (JobStatus.PENDING, JobStatus.QUEUED, JobStatus.RUNNING)
"""Statuses of jobs for which a word that their steps sent stands."""

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
    return or_(false(), *_standing(states, words))


def _standing(states: frozenset[JobState], words: Texts) -> Iterator[Condition]:
    """Yield conditions of which a job meets one at most, each with an index of its own."""
    told = and_(Job.step_status.is_not(None), Job.status.in_(OPEN))
    for each in in_states_apart(states):
        yield and_(each, ~_certain(told))
    yield and_(told, _matches(Job.step_status, words))
    if states:
        original = select(Job.id).where(in_states(states)).correlate(None)
        yield and_(Job.duplicate_of.is_not(None), Job.duplicate_of.in_(original))


@dataclass(frozen=True, slots=True)
class Part:
    """A condition that is counted by itself; `has_index` says whether along an index of its own."""

    condition: Condition
    has_index: bool


def counted_apart(search: Search) -> tuple[Part, ...]:
    """Return conditions of which a job meets one at most, and that are together what is asked.

    PostgreSQL does not see in the whole that each has an index.
    """
    match search:
        case AllOf((only,)) | AnyOf((only,), 1):
            return counted_apart(only)
        case Stands(states, words):
            return tuple(Part(each, has_index=True) for each in _standing(states, words))
        case _:
            return (Part(condition_of(search), has_index=False),)


def _uid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
