"""Trigger rules, events, and the groups of files that rules wait for."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, literal, select, union_all

from catalog.database import Database
from catalog.queries.listing import Condition, Listing, Page, PageRequest, any_of
from catalog.queries.parts import EVENT_ROW, RULE, EventRow, RuleRow
from catalog.queries.shape import Shape
from catalog.records.configuration import RuleTarget
from catalog.records.convert import to_record
from catalog.tables import JobType, RecipeType, TriggerEvent, TriggerGroup, TriggerRule
from schemas.problems import DocumentError
from schemas.trigger import FileTrigger


@dataclass(frozen=True, slots=True)
class RuleWithTargets(RuleRow):
    """A trigger rule with what it starts; `problem` says why it starts nothing."""

    targets: tuple[RuleTarget, ...]
    problem: str | None


@dataclass(frozen=True, slots=True)
class _GroupRow:
    id: int
    rule_id: int
    rule: RuleRow
    key: str
    members: dict[str, int]
    fired: str | None
    reported: datetime | None
    created: datetime
    last_modified: datetime


@dataclass(frozen=True, slots=True)
class GroupRow:
    """Files that a rule is collecting under one key.

    Parameters
    ----------
    members
        Input name to the id of its file.
    missing
        The inputs that have no file.
    is_waiting
        Whether the group never was complete.
    expires
        When a group that waits is over, and the next file begins it anew; None for never.
    reported
        When it was reported that the group is over.
    """

    id: int
    rule_id: int
    rule: RuleRow
    key: str
    members: dict[str, int]
    missing: tuple[str, ...]
    is_waiting: bool
    expires: datetime | None
    reported: datetime | None
    created: datetime
    last_modified: datetime


@dataclass(frozen=True, slots=True)
class RuleFilter:
    """Which rules are wanted; an empty sequence asks for nothing."""

    types: Sequence[str] = ()
    names: Sequence[str] = ()
    is_active: bool | None = None


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events are wanted."""

    types: Sequence[str] = ()
    rule_ids: Sequence[int] = ()
    has_problem: bool | None = None


_RULES: Final = Listing("trigger rule", TriggerRule, RULE, default_order=("id",))
_EVENTS: Final = Listing(
    noun="trigger event",
    root=TriggerEvent,
    shape=EVENT_ROW,
    joins=((TriggerRule, TriggerRule.id == TriggerEvent.rule_id),),
    default_order=("-id",),
    time=TriggerEvent.occurred,
)
_GROUPS: Final = Listing(
    noun="trigger group",
    root=TriggerGroup,
    shape=Shape(_GroupRow, TriggerGroup, rule=RULE),
    joins=((TriggerRule, TriggerRule.id == TriggerGroup.rule_id),),
)


class TriggerQueries:
    """Reads trigger rules, events and groups."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def rules(self, request: PageRequest, wanted: RuleFilter) -> Page[RuleWithTargets]:
        """Return a page of trigger rules, oldest first."""
        where: list[Condition] = [
            *any_of(TriggerRule.type, wanted.types),
            *any_of(TriggerRule.name, wanted.names),
        ]
        if wanted.is_active is not None:
            where.append(TriggerRule.is_active == wanted.is_active)
        with self._database.reading() as connection:
            page = _RULES.page(connection, request, *where)
            return Page(page.count, _with_targets(connection, page.rows))

    def rule(self, rule_id: int) -> RuleWithTargets:
        """Return a trigger rule, or raise `NotFoundError`."""
        with self._database.reading() as connection:
            return _with_targets(connection, [_RULES.one(connection, rule_id)])[0]

    def events(self, request: PageRequest, wanted: EventFilter) -> Page[EventRow]:
        """Return a page of trigger events, newest first; times are when they occurred."""
        where: list[Condition] = [
            *any_of(TriggerEvent.type, wanted.types),
            *any_of(TriggerEvent.rule_id, wanted.rule_ids),
        ]
        if wanted.has_problem is not None:
            where.append(TriggerEvent.description.has_key("problem") == wanted.has_problem)
        with self._database.reading() as connection:
            return _EVENTS.page(connection, request, *where)

    def event(self, event_id: int) -> EventRow:
        """Return a trigger event, or raise `NotFoundError`."""
        with self._database.reading() as connection:
            return _EVENTS.one(connection, event_id)

    def groups(
        self,
        request: PageRequest,
        *,
        rule_ids: Sequence[int] = (),
        keys: Sequence[str] = (),
        is_waiting: bool | None = None,
    ) -> Page[GroupRow]:
        """Return a page of groups of files."""
        where: list[Condition] = [
            *any_of(TriggerGroup.rule_id, rule_ids),
            *any_of(TriggerGroup.key, keys),
        ]
        if is_waiting is not None:
            where.append(TriggerGroup.fired.is_(None) == is_waiting)
        with self._database.reading() as connection:
            page = _GROUPS.page(connection, request, *where)
        return Page(page.count, tuple(map(_group, page.rows)))

    def group(self, group_id: int) -> GroupRow:
        """Return a group of files, or raise `NotFoundError`."""
        with self._database.reading() as connection:
            return _group(_GROUPS.one(connection, group_id))


def _with_targets(connection: Connection, rules: Sequence[RuleRow]) -> tuple[RuleWithTargets, ...]:
    targets = _targets(connection, [each.id for each in rules])
    return tuple(
        to_record(
            RuleWithTargets,
            rule,
            targets=tuple(targets.get(rule.id, ())),
            problem=_problem(rule, targets.get(rule.id, [])),
        )
        for rule in rules
    )


def _problem(rule: RuleRow, targets: Sequence[RuleTarget]) -> str | None:
    archived = [each.label for each in targets if not each.is_active]
    if not rule.is_active or not archived:
        return None
    return f"It starts nothing, for the {archived[0]} is archived."


def _targets(connection: Connection, rule_ids: Collection[int]) -> dict[int, list[RuleTarget]]:
    kinds: tuple[tuple[Any, bool], ...] = ((RecipeType, True), (JobType, False))
    rows = connection.execute(
        union_all(
            *(
                select(
                    table.trigger_rule_id, table.id, literal(is_recipe), table.name, table.version,
                    table.is_active,
                ).where(table.trigger_rule_id.in_(rule_ids))
                for table, is_recipe in kinds
            )
        )
    )  # fmt: skip
    found: dict[int, list[RuleTarget]] = {}
    for rule_id, *target in rows:
        found.setdefault(rule_id, []).append(RuleTarget(*target))
    return found


def _group(row: _GroupRow) -> GroupRow:
    names, timeout = _waits_for(row.rule)
    is_waiting = row.fired is None
    return to_record(
        GroupRow,
        row,
        missing=tuple(name for name in names if name not in row.members),
        is_waiting=is_waiting,
        expires=(
            row.last_modified + timedelta(seconds=timeout)
            if is_waiting and timeout is not None
            else None
        ),
    )


def _waits_for(rule: RuleRow) -> tuple[list[str], float | None]:
    """Return the inputs of a rule and its timeout in seconds; none if it cannot be read."""
    try:
        trigger = FileTrigger.parse(rule.configuration)
    except DocumentError:
        return [], None
    return [each.input_data_name for each in trigger.inputs], trigger.timeout_seconds
