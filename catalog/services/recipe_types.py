"""Recipe types: creating and editing them (seed 001, Recipe Types Services).

Only a change of the definition makes a new revision.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final

from catalog.database import Database
from catalog.errors import InvalidError
from catalog.records.configuration import JobTypeRecord, RecipeTypeRecord
from catalog.services.configuration_rules import rule_cautions, save_rule, toggle_rule
from catalog.services.saving import (
    ROOT,
    Caution,
    Saved,
    cautions,
    has_values,
    read_entry,
    read_only_cautions,
    sentences,
)
from catalog.services.types import activity, editable, known_fields
from catalog.stores.unit_of_work import UnitOfWork
from schemas.configuration import RecipeTypeEntry
from schemas.job_interface import JobInterface
from schemas.recipe_definition import (
    RecipeDefinition,
    check_recipe_definition,
    recipe_definition_warnings,
)

_SECTION: Final = "recipe_types"


class RecipeTypeService:
    """Creates, checks and edits recipe types."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, value: Mapping[str, Any]) -> RecipeTypeRecord:
        """Create a recipe type; fields that are not known are ignored.

        Raises
        ------
        InvalidError
            Raised if something is missing or not valid, or name and version are taken.
        """
        (entry,) = read_entry(_SECTION, known_fields("recipe_type", value)).recipe_types
        with self._database.transaction() as tx:
            tx.definitions.lock()
            if tx.recipe_types.find(entry.name, entry.version) is not None:
                raise InvalidError(
                    f"There is a recipe type {entry.name!r} in version {entry.version!r} already."
                    " Choose another name or version, or edit that one."
                )
            return _save_one(tx, entry)

    def validate(self, value: Mapping[str, Any]) -> tuple[Caution, ...]:
        """Return what saving a recipe type would warn of; saves nothing, raises as saving does."""
        configuration = read_entry(_SECTION, known_fields("recipe_type", value))
        with self._database.rehearsal() as tx:
            tx.definitions.lock()
            saved = save_recipe_type(tx, configuration.recipe_types[0], ROOT)
        return (*read_only_cautions(configuration, _SECTION), *saved.cautions)

    def edit(self, recipe_type_id: int, changes: Mapping[str, Any]) -> RecipeTypeRecord:
        """Change a recipe type; what is not given stays, and what is not known is ignored.

        Raises
        ------
        NotFoundError
            Raised if there is no such recipe type.
        InvalidError
            Raised if a change is not valid.
        """
        with self._database.transaction() as tx:
            tx.definitions.lock()
            existing = tx.recipe_types.get(recipe_type_id)
            value = editable("recipe_type", changes)
            rule = value.get("trigger_rule")
            if isinstance(rule, dict) and toggle_rule(tx, existing.trigger_rule_id, rule):
                del value["trigger_rule"]
            kept = {"name": existing.name, "version": existing.version}
            (entry,) = read_entry(
                _SECTION, {"definition": existing.definition, **value, **kept}
            ).recipe_types
            active = activity(changes, is_active=existing.is_active)
            if active:
                tx.recipe_types.update(existing.id, active)
                tx.definitions.changed()
            return _save_one(tx, entry)


def _save_one(tx: UnitOfWork, entry: RecipeTypeEntry) -> RecipeTypeRecord:
    saved = save_recipe_type(tx, entry, ROOT)
    if saved.changes_dags:
        tx.definitions.changed()
    return saved.record


def save_recipe_type(tx: UnitOfWork, entry: RecipeTypeEntry, path: str) -> Saved[RecipeTypeRecord]:
    """Create or edit the recipe type of this name and version.

    Parameters
    ----------
    entry
        The recipe type; what is not given stays as it is.
    path
        Where it stands in a document.

    Raises
    ------
    InvalidError
        Raised if the definition does not fit the job types, or the rule does not fit.
    """
    interfaces = _interfaces(tx, entry.definition)
    problems = check_recipe_definition(entry.definition, interfaces)
    if problems:
        raise InvalidError(sentences(problems, f"{path}.definition"))
    warnings = (
        *cautions(recipe_definition_warnings(entry.definition, interfaces)),
        *rule_cautions(entry),
    )
    existing = tx.recipe_types.find(entry.name, entry.version)
    rule_id = save_rule(tx, entry, existing, f"{path}.trigger_rule")
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
        return Saved(added, changes_dags=True, cautions=warnings)
    is_new_revision = existing.definition != values["definition"]
    values["revision_num"] = existing.revision_num + is_new_revision
    if rule_id != existing.trigger_rule_id:
        existing = tx.recipe_types.update(existing.id, {"trigger_rule_id": rule_id})
    if has_values(existing, values):
        return Saved(existing, changes_dags=False, cautions=warnings)
    edited = tx.recipe_types.update(existing.id, values)
    if is_new_revision:
        tx.recipe_types.add_revision(edited)
    return Saved(edited, changes_dags=True, cautions=warnings)


def check_users(tx: UnitOfWork, edited: Collection[tuple[str, str]]) -> None:
    """Refuse edits of job types that would break a recipe type which uses one of them.

    Parameters
    ----------
    edited
        Names and versions of the job types, which have been edited in this transaction.

    Raises
    ------
    InvalidError
        Raised with the first recipe type that would break.
    """
    for recipe_type in tx.recipe_types.active():
        definition = RecipeDefinition.parse(recipe_type.definition)
        used = {(each.job_type_name, each.job_type_version) for each in definition.jobs}
        if used & set(edited):
            problems = check_recipe_definition(definition, _interfaces(tx, definition))
            if problems:
                raise InvalidError(
                    f"Recipe type {recipe_type.name!r} version {recipe_type.version!r} uses an"
                    f" edited job type and would break: {sentences(problems)}"
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
