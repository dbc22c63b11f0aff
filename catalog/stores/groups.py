"""Store of the groups of files that trigger rules are collecting."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from catalog.records.configuration import OverdueGroup
from catalog.tables import TriggerGroup


class GroupStore:
    """Groups of files, one for each rule and key."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def join(
        self,
        rule_id: int,
        key: str,
        members: Mapping[str, int],
        timeout_seconds: float | None = None,
    ) -> dict[str, int]:
        """Add files to the group of a rule and key, locked until the end of the transaction.

        Parameters
        ----------
        members
            Input name to file id; an input that has a file already keeps the newer of the two.
        timeout_seconds
            A group that was never complete, and got no file for so long, starts anew.

        Returns
        -------
        dict
            Every input of the group that has a file now, with the id of that file.
        """
        # The row is made first, then locked and read: so two files at once see one another.
        self._session.execute(
            insert(TriggerGroup)
            .values(rule_id=rule_id, key=key, members={})
            .on_conflict_do_nothing(index_elements=["rule_id", "key"])
        )
        group = self._session.execute(
            select(TriggerGroup.id, TriggerGroup.members, _is_over(timeout_seconds))
            .where(TriggerGroup.rule_id == rule_id, TriggerGroup.key == key)
            .with_for_update()
        ).one()
        before: dict[str, int] = {} if group[2] else group[1]
        after = {
            **before,
            **{name: max(file_id, before.get(name, 0)) for name, file_id in members.items()},
        }
        self._session.execute(
            update(TriggerGroup)
            .where(TriggerGroup.id == group.id)
            .values(members=after, reported=None, last_modified=func.clock_timestamp())
        )
        return after

    def claim_firing(self, rule_id: int, key: str, fingerprint: str) -> bool:
        """Say whether this set of files has not fired its rule yet, and mark it fired."""
        statement = (
            update(TriggerGroup)
            .where(
                TriggerGroup.rule_id == rule_id,
                TriggerGroup.key == key,
                TriggerGroup.fired.is_distinct_from(fingerprint),
            )
            .values(fired=fingerprint)
            .returning(TriggerGroup.id)
        )
        return self._session.execute(statement).first() is not None

    def report_overdue(self, rule_id: int, timeout_seconds: float) -> list[OverdueGroup]:
        """Mark the groups of a rule that waited too long and were not reported; return them."""
        waiting = (
            select(TriggerGroup.id)
            .where(
                TriggerGroup.rule_id == rule_id,
                TriggerGroup.reported.is_(None),
                _is_over(timeout_seconds),
            )
            .with_for_update(skip_locked=True)
        )
        rows = self._session.execute(
            update(TriggerGroup)
            .where(TriggerGroup.id.in_(waiting))
            .values(reported=func.clock_timestamp(), last_modified=TriggerGroup.last_modified)
            .returning(TriggerGroup.key, TriggerGroup.members)
            .execution_options(synchronize_session=False)
        )
        return [OverdueGroup(key, dict(members)) for key, members in rows]


def _is_over(timeout_seconds: float | None) -> ColumnElement[Any]:
    """Say whether a group never fired and got no file for so long."""
    if timeout_seconds is None:
        return TriggerGroup.id.is_(None)
    oldest = func.clock_timestamp() - timedelta(seconds=timeout_seconds)
    return and_(TriggerGroup.fired.is_(None), TriggerGroup.last_modified < oldest)
