"""Searching jobs by conditions that are put together: what is asked.

The conditions are a closed set; `catalog.queries.search_conditions` says each in SQL.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, TypeAlias

from catalog.job_states import JobState


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
