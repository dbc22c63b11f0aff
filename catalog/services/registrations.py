"""Documents that people register, and the job types and queues that follow from them."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from catalog.database import Database
from catalog.errors import NotFoundError
from catalog.records.configuration import JobTypeRecord
from catalog.records.submissions import AdHocType, PoolRecord, RegistrationRecord
from catalog.services.ad_hoc import save_ad_hoc


class RegistrationService:
    """Keeps documents by kind and key."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(
        self,
        kind: str,
        key: str,
        document: Mapping[str, Any],
        job_type: AdHocType | None = None,
        pools: Iterable[str] = (),
    ) -> None:
        """Register a document; one that stands under the key is replaced.

        Parameters
        ----------
        job_type
            The job type that follows from it.
        pools
            Queues that it names; they are made where they are missing.

        Raises
        ------
        InvalidError
            Raised if the job type is not valid, or the change would break a recipe type.
        """
        with self._database.transaction() as tx:
            made = None if job_type is None else save_ad_hoc(tx, job_type)
            tx.registrations.put(kind, key, document, None if made is None else made.id)
            for name in pools:
                tx.pools.ensure(name)

    def find(self, kind: str, key: str) -> RegistrationRecord | None:
        """Return a document, if it is registered."""
        with self._database.transaction() as tx:
            return tx.registrations.find(kind, key)

    def all(self, kind: str) -> list[RegistrationRecord]:
        """Return every document of a kind, by key."""
        with self._database.transaction() as tx:
            return tx.registrations.all(kind)

    def remove(self, kind: str, key: str) -> None:
        """Take a document out; the job type that was made from it is archived.

        Raises
        ------
        NotFoundError
            Raised if it is not registered.
        """
        with self._database.transaction() as tx:
            tx.definitions.lock()
            found = tx.registrations.find(kind, key)
            if found is None:
                raise NotFoundError(kind, key)
            tx.registrations.remove(kind, key)
            if found.job_type_id is not None:
                archived = {"is_active": False, "archived": datetime.now(UTC)}
                tx.job_types.update(found.job_type_id, archived)
                tx.definitions.changed()

    def discard(self, kind: str, key: str) -> None:
        """Take out a document that no job type was made from; nothing if there is none."""
        with self._database.transaction() as tx:
            tx.registrations.remove(kind, key)

    def pools(self) -> list[PoolRecord]:
        """Return every queue, by name."""
        with self._database.transaction() as tx:
            return tx.pools.all()

    def job_types(self) -> list[JobTypeRecord]:
        """Return every job type that a job can be submitted of, by name and version."""
        with self._database.transaction() as tx:
            return [each for each in tx.job_types.all() if each.is_active and not each.is_system]

    def job_type(self, name: str, version: str) -> JobTypeRecord | None:
        """Return the job type of this name and version, if a job can be submitted of it."""
        with self._database.transaction() as tx:
            found = tx.job_types.find(name, version)
        return found if found is not None and found.is_active and not found.is_system else None
