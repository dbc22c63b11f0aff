"""Stores of queues by name, and of registered documents."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from catalog.records.convert import to_record
from catalog.records.submissions import PoolRecord, RegistrationRecord
from catalog.stores.store import Store
from catalog.tables import Pool, Registration


class PoolStore(Store[PoolRecord]):
    """Rows of queues."""

    table = Pool
    record = PoolRecord
    noun = "queue"

    def find(self, name: str) -> PoolRecord | None:
        """Return the queue of this name, if any."""
        return self._first(Pool.name == name)

    def ensure(self, name: str) -> None:
        """Make a queue where it is missing."""
        self._session.execute(
            insert(Pool).values(name=name).on_conflict_do_nothing(index_elements=["name"])
        )

    def all(self) -> list[PoolRecord]:
        """Return every queue, by name."""
        return [
            self._record(row) for row in self._session.scalars(select(Pool).order_by(Pool.name))
        ]


class RegistrationStore:
    """Rows of registered documents."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self, kind: str, key: str) -> RegistrationRecord | None:
        """Return a document, if it is registered."""
        row = self._session.get(Registration, (kind, key), populate_existing=True)
        return None if row is None else to_record(RegistrationRecord, row)

    def all(self, kind: str) -> list[RegistrationRecord]:
        """Return every document of a kind, by key."""
        rows = self._session.scalars(
            select(Registration).where(Registration.kind == kind).order_by(Registration.key)
        )
        return [to_record(RegistrationRecord, row) for row in rows]

    def put(
        self, kind: str, key: str, document: Mapping[str, Any], job_type_id: int | None = None
    ) -> None:
        """Register a document; one that stands under the key is replaced."""
        values = {"document": dict(document), "job_type_id": job_type_id}
        self._session.execute(
            insert(Registration)
            .values(kind=kind, key=key, **values)
            .on_conflict_do_update(
                index_elements=["kind", "key"],
                set_={**values, "last_modified": func.clock_timestamp()},
            )
        )

    def remove(self, kind: str, key: str) -> bool:
        """Take a document out; say whether it was there."""
        found = self._session.execute(
            delete(Registration)
            .where(Registration.kind == kind, Registration.key == key)
            .returning(Registration.key)
        )
        return found.first() is not None
