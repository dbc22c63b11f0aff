"""Import of configuration: errors, job types and recipe types (seed 001, Import/Export).

One transaction: any failure saves nothing. Records that exist are edited, by name or by name and
version; what a document does not give stays, and null empties or removes it. Only a change of an
interface or definition makes a new revision. A trigger rule that changed is archived and replaced.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from catalog.database import Database
from catalog.errors import InvalidError
from catalog.records.configuration import JobTypeRecord
from catalog.services.configuration_rules import has_values, import_rule
from catalog.states import ErrorCategory
from catalog.stores.unit_of_work import UnitOfWork
from schemas.configuration import (
    Configuration,
    ErrorEntry,
    JobTypeEntry,
    RecipeTypeEntry,
)
from schemas.job_interface import JobInterface
from schemas.problems import DocumentError, Problem
from schemas.recipe_definition import (
    RecipeDefinition,
    check_recipe_definition,
    recipe_definition_warnings,
)

DEFAULT_PRIORITY: Final = 100
DEFAULT_TIMEOUT: Final = 1800
DEFAULT_MAX_TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Caution:
    """Something a person should know that does not stop an import."""

    id: str
    details: str


class ConfigurationService:
    """Imports configuration documents."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def import_document(self, document: object) -> tuple[Caution, ...]:
        """Import a configuration document in one transaction.

        Raises
        ------
        InvalidError
            Raised with every problem found, each with its JSON path; nothing is saved then.
        """
        with self._database.transaction() as tx:
            return import_configuration(tx, document)


def import_configuration(tx: UnitOfWork, document: object) -> tuple[Caution, ...]:
    """Import a configuration document inside a transaction; errors as for the service."""
    try:
        configuration = Configuration.parse(document)
    except DocumentError as error:
        raise InvalidError(_sentences(error.problems)) from error
    tx.definitions.lock()
    for index, error_entry in enumerate(configuration.errors):
        _import_error(tx, error_entry, f"$.errors[{index}]")
    changed = False
    for index, job_type in enumerate(configuration.job_types):
        changed |= _import_job_type(tx, job_type, f"$.job_types[{index}]")
    warnings: list[Caution] = []
    for index, recipe_type in enumerate(configuration.recipe_types):
        path = f"$.recipe_types[{index}]"
        changed |= _import_recipe_type(tx, recipe_type, path, warnings)
    if configuration.job_types:
        _check_users(tx, configuration)
    if changed:
        tx.definitions.changed()
    read_only = (
        Caution("read-only", f"{path} cannot be set by an import and was left as it is.")
        for path in configuration.read_only_fields
    )
    return (*read_only, *warnings)


def _import_error(tx: UnitOfWork, entry: ErrorEntry, path: str) -> None:
    existing = tx.errors.find(entry.name)
    if existing is not None and existing.is_builtin:
        raise InvalidError(
            f"{path}: the error {entry.name!r} is built in and cannot be edited."
            " Choose another name."
        )
    values = {
        "title": entry.title,
        "description": entry.description,
        "category": ErrorCategory(entry.category),
    }
    if existing is None:
        tx.errors.add(name=entry.name, **values)
    elif not has_values(existing, values):
        tx.errors.update(existing.id, values)


def _import_job_type(tx: UnitOfWork, entry: JobTypeEntry, path: str) -> bool:
    """Create or edit a job type; return whether DAGs may look different now."""
    _check_error_names(tx, entry, path)
    existing = tx.job_types.find(entry.name, entry.version)
    if existing is not None and existing.is_system:
        raise InvalidError(
            f"{path}: job type {entry.name!r} is a system type; it cannot be edited."
        )
    values = _job_type_values(entry)
    rule_id = import_rule(tx, entry, existing, f"{path}.trigger_rule")
    if existing is None:
        added = tx.job_types.add(
            name=entry.name,
            version=entry.version,
            trigger_rule_id=rule_id,
            paused=datetime.now(UTC) if values.get("is_paused") else None,
            **{**_JOB_TYPE_DEFAULTS, **values},
        )
        tx.job_types.add_revision(added)
        return True
    if values.get("is_paused", existing.is_paused) != existing.is_paused:
        values["paused"] = datetime.now(UTC) if values["is_paused"] else None
    is_new_revision = existing.interface != values["interface"]
    values["revision_num"] = existing.revision_num + is_new_revision
    if rule_id != existing.trigger_rule_id:
        tx.job_types.update(existing.id, {"trigger_rule_id": rule_id})
    if has_values(existing, values):
        return False
    edited = tx.job_types.update(existing.id, values)
    if is_new_revision:
        tx.job_types.add_revision(edited)
    return True


_JOB_TYPE_SETTINGS: Final = frozenset(
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
_JOB_TYPE_DEFAULTS: Final[Mapping[str, Any]] = {
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


def _job_type_values(entry: JobTypeEntry) -> dict[str, Any]:
    """Return the columns that the document gives; null empties a column."""
    values = {name: getattr(entry, name) for name in _JOB_TYPE_SETTINGS & entry.given}
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
                " Add it to the errors of this document, or use the name of one that exists."
            )


def _import_recipe_type(
    tx: UnitOfWork, entry: RecipeTypeEntry, path: str, warnings: list[Caution]
) -> bool:
    interfaces = _interfaces(tx, entry.definition)
    problems = check_recipe_definition(entry.definition, interfaces)
    if problems:
        raise InvalidError(_sentences(problems, f"{path}.definition"))
    warnings.extend(
        Caution(each.id, each.details)
        for each in recipe_definition_warnings(entry.definition, interfaces)
    )
    existing = tx.recipe_types.find(entry.name, entry.version)
    rule_id = import_rule(tx, entry, existing, f"{path}.trigger_rule")
    values: dict[str, Any] = {"definition": entry.definition.to_json()}
    if existing is None or "title" in entry.given:
        values["title"] = entry.title or entry.name
    if "description" in entry.given:
        values["description"] = entry.description
    if existing is None:
        added = tx.recipe_types.add(
            name=entry.name, version=entry.version, trigger_rule_id=rule_id, **values
        )
        tx.recipe_types.add_revision(added)
        return True
    is_new_revision = existing.definition != values["definition"]
    values["revision_num"] = existing.revision_num + is_new_revision
    if rule_id != existing.trigger_rule_id:
        tx.recipe_types.update(existing.id, {"trigger_rule_id": rule_id})
    if has_values(existing, values):
        return False
    edited = tx.recipe_types.update(existing.id, values)
    if is_new_revision:
        tx.recipe_types.add_revision(edited)
    return True


def _check_users(tx: UnitOfWork, configuration: Configuration) -> None:
    """Refuse a job type edit that would break a recipe type which uses the job type."""
    edited = {(entry.name, entry.version) for entry in configuration.job_types}
    for recipe_type in tx.recipe_types.active():
        definition = RecipeDefinition.parse(recipe_type.definition)
        used = {(each.job_type_name, each.job_type_version) for each in definition.jobs}
        if used & edited:
            problems = check_recipe_definition(definition, _interfaces(tx, definition))
            if problems:
                raise InvalidError(
                    f"Recipe type {recipe_type.name!r} version {recipe_type.version!r} uses an"
                    f" edited job type and would break: {_sentences(problems)}"
                )


def _interfaces(
    tx: UnitOfWork, definition: RecipeDefinition
) -> dict[tuple[str, str], JobInterface]:
    wanted = {(each.job_type_name, each.job_type_version) for each in definition.jobs}
    found: dict[tuple[str, str], JobTypeRecord] = {}
    for key in wanted:
        job_type = tx.job_types.find(*key)
        if job_type is not None:
            found[key] = job_type
    return {key: JobInterface.parse(each.interface) for key, each in found.items()}


def _sentences(problems: tuple[Problem, ...], prefix: str = "$") -> str:
    return "; ".join(f"{prefix}{each.path.removeprefix('$')}: {each.sentence}" for each in problems)
