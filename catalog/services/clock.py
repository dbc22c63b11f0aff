"""The clock: trigger rules that fire by time (seed 001, Clock Triggers; contract section 4).

Whoever checks locks a rule first, looks which slot fired last, and writes the tick, its event and
what the processor does in one transaction. So a slot fires once however many look at the clock,
and a tick that dies halfway has never been: the next check does it.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from catalog.database import Database
from catalog.errors import CatalogueError
from catalog.records.configuration import RuleTarget, TriggerRuleRecord
from catalog.services.clock_slots import days_to_compute, due_slot
from catalog.services.load import record_load
from catalog.services.metrics import compute_day
from catalog.services.starting import start_target
from catalog.states import EventType
from catalog.stores.unit_of_work import UnitOfWork
from schemas.job_data import PropertyValue
from schemas.problems import DocumentError
from schemas.times import format_time
from schemas.trigger import ClockTrigger

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tick:
    """A slot that fires.

    Parameters
    ----------
    rule
        Name of the rule.
    event_type
        The type of event that the rule asks for.
    slot
        When the slot began.
    fired
        The slot of the rule that fired before, if any did.
    now
        When the clock was checked.
    """

    rule: str
    event_type: str
    slot: datetime
    fired: datetime | None
    now: datetime


Processor = Callable[[UnitOfWork, Tick], None]
"""Does the work of a tick, in its transaction; an error undoes the tick, and it is tried again."""


def measure_load(tx: UnitOfWork, tick: Tick) -> None:
    """Record the job load."""
    record_load(tx, tick.now)


def compute_daily_metrics(tx: UnitOfWork, tick: Tick) -> None:
    """Compute the metrics of the days that are over."""
    for day in days_to_compute(tick.slot, tick.fired):
        compute_day(tx, day)


PROCESSORS: Final[Mapping[str, Processor]] = {
    "scale-job-load": measure_load,
    "scale-daily-metrics": compute_daily_metrics,
}
"""What each rule does, by the name of the rule."""


@dataclass(frozen=True, slots=True)
class Check:
    """What came of one look at the clock."""

    ticks: tuple[Tick, ...]
    problems: tuple[str, ...]


class ClockService:
    """Fires clock rules whose slot has come; to be asked every minute, by anyone.

    Parameters
    ----------
    processors
        By the name of the rule that they do the work of.
    """

    def __init__(
        self, database: Database, processors: Mapping[str, Processor] = PROCESSORS
    ) -> None:
        self._database = database
        self._processors = processors

    def check(self, now: datetime | None = None) -> Check:
        """Fire every active rule that is due; one that fails does not keep the others.

        Parameters
        ----------
        now
            The time to go by; the present if not given.
        """
        moment = now or datetime.now(UTC)
        with self._database.transaction() as tx:
            rules = tx.clock.rules()
        ticks: list[Tick] = []
        problems: list[str] = []
        for rule in rules:
            try:
                tick = self._check(rule.id, moment)
            except Exception as error:  # noqa: BLE001 - a processor may fail in any way
                expected = isinstance(error, CatalogueError | DocumentError)
                _log.warning("Clock rule %s failed", rule.name, exc_info=not expected)
                problems.append(f"Clock rule {rule.id} ({rule.name}) could not fire: {error}")
            else:
                ticks.extend([tick] if tick else [])
        return Check(tuple(ticks), tuple(problems))

    def _check(self, rule_id: int, now: datetime) -> Tick | None:
        with self._database.transaction() as tx:
            rule = tx.clock.lock(rule_id)
            if rule is None:
                return None
            trigger = ClockTrigger.parse(rule.configuration)
            fired = tx.clock.last_slot(rule.id)
            slot = due_slot(now, trigger.schedule_seconds, fired)
            if slot is None:
                return None
            tick = Tick(rule.name, trigger.event_type, slot, fired, now)
            self._fire(tx, rule, trigger, tick)
            return tick

    def _fire(
        self, tx: UnitOfWork, rule: TriggerRuleRecord, trigger: ClockTrigger, tick: Tick
    ) -> None:
        targets = tx.rules.targets_of(rule.id)
        if targets:
            tx.clock.add(rule.id, tick.slot, _start_targets(tx, rule, trigger, tick, targets))
            return
        processor = self._processors.get(rule.name)
        description = _description(tick)
        if processor is None:
            description["problem"] = (
                f"Nothing is registered for the clock under the name {rule.name!r}. Name the rule"
                f" one of: {', '.join(sorted(self._processors))}."
            )
            _log.warning("Clock rule %s: %s", rule.id, description["problem"])
        event = tx.events.add(type=EventType.CLOCK, rule_id=rule.id, description=description)
        tx.clock.add(rule.id, tick.slot, event.id)
        if processor is not None:
            processor(tx, tick)


def _start_targets(
    tx: UnitOfWork,
    rule: TriggerRuleRecord,
    trigger: ClockTrigger,
    tick: Tick,
    targets: Sequence[RuleTarget],
) -> int:
    """Queue what a rule starts and return the id of the event; what cannot start is reported.

    A slot whose target cannot start is over: the next one tries again.
    """
    event = tx.events.add(type=EventType.CLOCK, rule_id=rule.id, description=_description(tick))
    inputs = {name: PropertyValue(value) for name, value in trigger.properties.items()}
    for target in targets:
        try:
            with tx.savepoint():
                start_target(tx, target, inputs, trigger.workspace_name, event.id)
        except (CatalogueError, DocumentError) as problem:
            _log.warning("Clock rule %s (%s): %s", rule.id, rule.name, problem)
            tx.events.add(
                type=EventType.CLOCK,
                rule_id=rule.id,
                description={**_description(tick), "problem": str(problem)},
            )
    return event.id


def _description(tick: Tick) -> dict[str, object]:
    return {"version": "1.0", "event_type": tick.event_type, "slot": format_time(tick.slot)}
