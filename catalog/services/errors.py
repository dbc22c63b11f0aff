"""Errors that jobs can end with: creating and editing them (seed 001, Error Services)."""

from collections.abc import Mapping
from typing import Any, Final

from catalog.database import Database
from catalog.errors import InvalidError
from catalog.records.configuration import ErrorRecord
from catalog.services.saving import ROOT, has_values, read_entry
from catalog.states import ErrorCategory
from catalog.stores.unit_of_work import UnitOfWork
from schemas.configuration import ErrorEntry

_EDITABLE: Final = ("title", "description", "category")


class ErrorService:
    """Creates and edits errors."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, value: Mapping[str, Any]) -> ErrorRecord:
        """Create an error.

        Parameters
        ----------
        value
            Name, title, description and category; what else there is, is ignored.

        Raises
        ------
        InvalidError
            Raised if something is missing or not valid, or the name is taken.
        """
        known = {name: value[name] for name in ("name", *_EDITABLE) if name in value}
        (entry,) = read_entry("errors", known).errors
        with self._database.transaction() as tx:
            tx.definitions.lock()
            if tx.errors.find(entry.name) is not None:
                raise InvalidError(
                    f"There is an error named {entry.name!r} already. Choose another name."
                )
            return save_error(tx, entry, ROOT)

    def edit(self, error_id: int, changes: Mapping[str, Any]) -> ErrorRecord:
        """Change title, description or category of an error; what else there is, is ignored.

        Raises
        ------
        NotFoundError
            Raised if there is no such error.
        InvalidError
            Raised if a change is not valid, or the error is built in.
        """
        with self._database.transaction() as tx:
            tx.definitions.lock()
            existing = tx.errors.get(error_id)
            _refuse_builtin(existing, ROOT)
            value = {name: getattr(existing, name) for name in ("name", *_EDITABLE)}
            value |= {name: changes[name] for name in _EDITABLE if name in changes}
            (entry,) = read_entry("errors", value).errors
            return save_error(tx, entry, ROOT)


def save_error(tx: UnitOfWork, entry: ErrorEntry, path: str) -> ErrorRecord:
    """Create or edit the error of this name; `path` is where it stands in a document."""
    existing = tx.errors.find(entry.name)
    if existing is not None:
        _refuse_builtin(existing, path)
    values = {
        "title": entry.title,
        "description": entry.description,
        "category": ErrorCategory(entry.category),
    }
    if existing is None:
        return tx.errors.add(name=entry.name, **values)
    if has_values(existing, values):
        return existing
    return tx.errors.update(existing.id, values)


def _refuse_builtin(existing: ErrorRecord, path: str) -> None:
    if existing.is_builtin or existing.category is ErrorCategory.SYSTEM:
        raise InvalidError(
            f"{path}: the error {existing.name!r} is built in and cannot be edited."
            " Choose another name."
        )
