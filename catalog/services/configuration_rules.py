"""Saving of trigger rules. A rule is never redefined: it is archived, and another added."""

from collections.abc import Mapping, Sequence
from typing import Any

from catalog.errors import InvalidError
from catalog.records.configuration import JobTypeRecord, RecipeTypeRecord
from catalog.services.saving import Caution, cautions, has_values, sentences
from catalog.states import EventType
from catalog.stores.unit_of_work import UnitOfWork
from schemas.configuration import JobTypeEntry, RecipeTypeEntry, TriggerRuleEntry
from schemas.job_interface import JobInput
from schemas.problems import DocumentError
from schemas.trigger import FileTrigger, TriggerType, parse_trigger
from schemas.trigger_connections import check_trigger, file_trigger_warnings

Target = JobTypeEntry | RecipeTypeEntry
Existing = JobTypeRecord | RecipeTypeRecord | None


def save_rule(tx: UnitOfWork, target: Target, existing: Existing, path: str) -> int | None:
    """Return the id of the rule to link; a rule that did not change stays the same row.

    Parameters
    ----------
    target
        What the document says of the job or recipe type that the rule starts.
    existing
        The type as it is, if it is.
    path
        Where the rule stands in the document.

    Raises
    ------
    InvalidError
        Raised if the rule names a workspace that does not exist, or if a rule that stays cannot
        feed the inputs that the type is to have.
    """
    existing_id = None if existing is None else existing.trigger_rule_id
    if "trigger_rule" not in target.given:
        if existing_id is not None:
            _check_kept(tx, existing_id, _inputs(target), path)
        return existing_id
    if target.trigger_rule is None:
        if existing_id is not None:
            tx.rules.archive(existing_id)
        return None
    return _link_rule(tx, target.trigger_rule, existing_id, path)


def toggle_rule(tx: UnitOfWork, rule_id: int | None, rule: Mapping[str, Any]) -> bool:
    """Turn the rule of a type on or off, if that is all that `rule` asks for; say whether it is.

    Raises
    ------
    InvalidError
        Raised if there is no rule, or `is_active` is neither true nor false.
    """
    if set(rule) != {"is_active"}:
        return False
    if not isinstance(rule["is_active"], bool):
        raise InvalidError("$.trigger_rule.is_active: expected true or false.")
    if rule_id is None:
        raise InvalidError(
            "$.trigger_rule: there is no trigger rule to turn on or off. Give the type and the"
            " configuration of a new one."
        )
    tx.rules.update(rule_id, rule)
    return True


def rule_cautions(target: Target) -> tuple[Caution, ...]:
    """Return what a person should know of the rule that a document gives."""
    rule = target.trigger_rule
    if rule is None or not isinstance(rule.configuration, FileTrigger):
        return ()
    return cautions(file_trigger_warnings(rule.configuration, _inputs(target)))


def _inputs(target: Target) -> Sequence[JobInput]:
    if isinstance(target, JobTypeEntry):
        return target.interface.inputs
    return target.definition.inputs


def _check_kept(tx: UnitOfWork, rule_id: int, inputs: Sequence[JobInput], path: str) -> None:
    rule = tx.rules.get(rule_id)
    try:
        trigger = parse_trigger(TriggerType(rule.type), rule.configuration)
    except DocumentError as error:
        raise InvalidError(sentences(error.problems, f"{path}.configuration")) from error
    problems = check_trigger(trigger, inputs)
    if problems:
        raise InvalidError(
            "The trigger rule that stays would break. Give a trigger rule for the new inputs,"
            f" or null. {sentences(problems, f'{path}.configuration')}"
        )


def _link_rule(tx: UnitOfWork, entry: TriggerRuleEntry, existing_id: int | None, path: str) -> int:
    workspace = entry.configuration.workspace_name
    if workspace is not None and tx.workspaces.find(workspace) is None:
        raise InvalidError(
            f"{path}.configuration.data.workspace_name: there is no workspace {workspace!r}."
            " Create the workspace first, or name one that exists."
        )
    values = {
        "type": EventType(entry.type),
        "name": entry.name or "",
        "is_active": entry.is_active,
        "configuration": entry.configuration.to_json(),
    }
    if existing_id is not None:
        if has_values(tx.rules.get(existing_id), values):
            return existing_id
        tx.rules.archive(existing_id)
    return tx.rules.add(**values).id
