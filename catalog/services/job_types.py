"""Job types: creating and editing them (seed 001, Job Type Services).

Only a change of the interface makes a new revision. System types can be paused, not redefined.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from catalog.database import Database
from catalog.errors import InvalidError
from catalog.records.configuration import JobTypeRecord
from catalog.services.configuration_rules import rule_cautions, save_rule, toggle_rule
from catalog.services.recipe_types import check_users
from catalog.services.saving import (
    ROOT,
    Caution,
    Saved,
    has_values,
    read_entry,
    read_only_cautions,
)
from catalog.services.types import activity, editable
from catalog.stores.unit_of_work import UnitOfWork
from schemas.configuration import JobTypeEntry

DEFAULT_PRIORITY: Final = 100
DEFAULT_TIMEOUT: Final = 1800
DEFAULT_MAX_TRIES: Final = 3

_SECTION: Final = "job_types"
_SETTINGS: Final = frozenset(
    {
        "title",
        "description",
        "category",
        "author_name",
        "author_url",
        "icon_code",
        "is_long_running",
        "is_operational",
        "is_paused",
        "uses_docker",
        "docker_privileged",
        "docker_image",
        "priority",
        "timeout",
        "max_scheduled",
        "max_tries",
        "cpus_required",
        "mem_required",
        "disk_out_const_required",
        "disk_out_mult_required",
    }
)
_NO_ERROR_MAPPING: Final[Mapping[str, Any]] = {"version": "1.0", "exit_codes": {}}
_DEFAULTS: Final[Mapping[str, Any]] = {
    "error_mapping": _NO_ERROR_MAPPING,
    "uses_docker": False,
    "priority": DEFAULT_PRIORITY,
    "timeout": DEFAULT_TIMEOUT,
    "max_tries": DEFAULT_MAX_TRIES,
    "cpus_required": 1.0,
    "mem_required": 64.0,
    "disk_out_const_required": 64.0,
    "disk_out_mult_required": 0.0,
}


class JobTypeService:
    """Creates, checks and edits job types."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, value: Mapping[str, Any]) -> JobTypeRecord:
        """Create a job type; fields that cannot be set are ignored.

        Raises
        ------
        InvalidError
            Raised if something is missing, not known or not valid, or name and version are taken.
        """
        (entry,) = read_entry(_SECTION, value).job_types
        with self._database.transaction() as tx:
            tx.definitions.lock()
            if tx.job_types.find(entry.name, entry.version) is not None:
                raise InvalidError(
                    f"There is a job type {entry.name!r} in version {entry.version!r} already."
                    " Choose another name or version, or edit that one."
                )
            return _save_one(tx, entry)

    def validate(self, value: Mapping[str, Any]) -> tuple[Caution, ...]:
        """Return what saving a job type would warn of; saves nothing, raises as saving does."""
        configuration = read_entry(_SECTION, value)
        (entry,) = configuration.job_types
        with self._database.rehearsal() as tx:
            tx.definitions.lock()
            saved = save_job_type(tx, entry, ROOT)
            check_users(tx, {(entry.name, entry.version)})
        return (*read_only_cautions(configuration, _SECTION), *saved.cautions)

    def edit(self, job_type_id: int, changes: Mapping[str, Any]) -> JobTypeRecord:
        """Change a job type; what is not given stays, and what is not known is ignored.

        Raises
        ------
        NotFoundError
            Raised if there is no such job type.
        InvalidError
            Raised if a change is not valid, would break a recipe type, or redefines a system type.
        """
        with self._database.transaction() as tx:
            tx.definitions.lock()
            existing = tx.job_types.get(job_type_id)
            value = editable("job_type", changes)
            if existing.is_system:
                return _pause_system_type(tx, existing, {**value, **_active(changes)})
            rule = value.get("trigger_rule")
            if isinstance(rule, dict) and toggle_rule(tx, existing.trigger_rule_id, rule):
                del value["trigger_rule"]
            kept = {"name": existing.name, "version": existing.version}
            document = {"interface": existing.interface, **value, **kept}
            (entry,) = read_entry(_SECTION, document).job_types
            active = activity(changes, is_active=existing.is_active)
            if active:
                tx.job_types.update(existing.id, active)
                tx.definitions.changed()
            return _save_one(tx, entry)


def _active(changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: each for name, each in changes.items() if name == "is_active"}


def _save_one(tx: UnitOfWork, entry: JobTypeEntry) -> JobTypeRecord:
    saved = save_job_type(tx, entry, ROOT)
    check_users(tx, {(entry.name, entry.version)})
    if saved.changes_dags:
        tx.definitions.changed()
    return saved.record


def _pause_system_type(
    tx: UnitOfWork, existing: JobTypeRecord, changes: Mapping[str, Any]
) -> JobTypeRecord:
    if changes.keys() - {"is_paused"}:
        raise InvalidError(
            f"{ROOT}: job type {existing.name!r} is a system type; it can only be paused, with"
            f" is_paused. Leave out: {', '.join(sorted(changes.keys() - {'is_paused'}))}."
        )
    wanted = changes.get("is_paused", existing.is_paused)
    if not isinstance(wanted, bool):
        raise InvalidError(f"{ROOT}.is_paused: expected true or false.")
    if wanted == existing.is_paused:
        return existing
    return tx.job_types.update(existing.id, {"is_paused": wanted, **_paused(is_paused=wanted)})


def _paused(*, is_paused: bool) -> dict[str, Any]:
    return {"paused": datetime.now(UTC) if is_paused else None}


def save_job_type(tx: UnitOfWork, entry: JobTypeEntry, path: str) -> Saved[JobTypeRecord]:
    """Create or edit the job type of this name and version; `check_users` comes after it.

    Parameters
    ----------
    entry
        The job type; what is not given stays as it is, and null empties a column.
    path
        Where it stands in a document.

    Raises
    ------
    InvalidError
        Raised for an unknown error name or workspace, and for a system type.
    """
    _check_error_names(tx, entry, path)
    existing = tx.job_types.find(entry.name, entry.version)
    if existing is not None and existing.is_system:
        raise InvalidError(
            f"{path}: job type {entry.name!r} is a system type; it cannot be edited."
        )
    values = _columns(entry)
    rule_id = save_rule(tx, entry, existing, f"{path}.trigger_rule")
    warnings = rule_cautions(entry)
    if existing is None:
        added = tx.job_types.add(
            name=entry.name,
            version=entry.version,
            trigger_rule_id=rule_id,
            **_paused(is_paused=bool(values.get("is_paused"))),
            **{**_DEFAULTS, **values},
        )
        tx.job_types.add_revision(added)
        return Saved(added, changes_dags=True, cautions=warnings)
    if values.get("is_paused", existing.is_paused) != existing.is_paused:
        values |= _paused(is_paused=values["is_paused"])
    is_new_revision = existing.interface != values["interface"]
    values["revision_num"] = existing.revision_num + is_new_revision
    if rule_id != existing.trigger_rule_id:
        existing = tx.job_types.update(existing.id, {"trigger_rule_id": rule_id})
    if has_values(existing, values):
        return Saved(existing, changes_dags=False, cautions=warnings)
    edited = tx.job_types.update(existing.id, values)
    if is_new_revision:
        tx.job_types.add_revision(edited)
    return Saved(edited, changes_dags=True, cautions=warnings)


def _columns(entry: JobTypeEntry) -> dict[str, Any]:
    """Return the columns that the document gives; null empties a column."""
    values = {name: getattr(entry, name) for name in _SETTINGS & entry.given}
    values["interface"] = entry.interface.to_json()
    if "error_mapping" in entry.given:
        mapping = entry.error_mapping
        values["error_mapping"] = _NO_ERROR_MAPPING if mapping is None else mapping.to_json()
    if entry.uses_docker is None:
        values.pop("uses_docker", None)
        if "docker_image" in entry.given:
            values["uses_docker"] = entry.docker_image is not None
    return values


def _check_error_names(tx: UnitOfWork, entry: JobTypeEntry, path: str) -> None:
    if entry.error_mapping is None:
        return
    known = tx.errors.names()
    for code, name in entry.error_mapping.exit_codes.items():
        if name not in known:
            raise InvalidError(
                f"{path}.error_mapping.exit_codes.{code}: there is no error {name!r}."
                " Create the error first, or use the name of one that exists."
            )
