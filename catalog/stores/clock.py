"""Store of the clock: its rules, and the slots that have fired."""

from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from catalog.records.configuration import TriggerRuleRecord
from catalog.records.convert import to_record
from catalog.states import EventType
from catalog.tables import ClockTick, TriggerRule


class ClockStore:
    """Clock rules, and the slots of them that have fired."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def rules(self) -> list[TriggerRuleRecord]:
        """Return every active rule of the clock, by id."""
        rows = self._session.scalars(
            select(TriggerRule)
            .where(TriggerRule.type == EventType.CLOCK, TriggerRule.is_active)
            .order_by(TriggerRule.id)
        )
        return [to_record(TriggerRuleRecord, row) for row in rows]

    def lock(self, rule_id: int) -> TriggerRuleRecord | None:
        """Return a rule that nobody else will fire until the transaction ends, if it is active."""
        row = self._session.scalars(
            select(TriggerRule)
            .where(TriggerRule.id == rule_id, TriggerRule.is_active)
            .with_for_update(key_share=True)
        ).first()
        return None if row is None else to_record(TriggerRuleRecord, row)

    def last_slot(self, rule_id: int) -> datetime | None:
        """Return the newest slot of a rule that has fired, if any."""
        return self._session.scalar(
            select(func.max(ClockTick.slot)).where(ClockTick.rule_id == rule_id)
        )

    def add(self, rule_id: int, slot: datetime, event_id: int) -> None:
        """Keep that a slot has fired; the table refuses it a second time."""
        self._session.execute(
            insert(ClockTick).values(rule_id=rule_id, slot=slot, event_id=event_id)
        )
