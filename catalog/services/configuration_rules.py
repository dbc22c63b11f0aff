"""Import of trigger rules. A rule is never redefined: it is archived, and another added."""

from collections.abc import Mapping

from catalog.errors import InvalidError
from catalog.records.configuration import JobTypeRecord, RecipeTypeRecord
from catalog.states import EventType
from catalog.stores.unit_of_work import UnitOfWork
from schemas.configuration import JobTypeEntry, RecipeTypeEntry, TriggerRuleEntry


def import_rule(
    tx: UnitOfWork,
    target: JobTypeEntry | RecipeTypeEntry,
    existing: JobTypeRecord | RecipeTypeRecord | None,
    path: str,
) -> int | None:
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
        Raised if the rule names a workspace that does not exist.
    """
    existing_id = None if existing is None else existing.trigger_rule_id
    if "trigger_rule" not in target.given:
        return existing_id
    if target.trigger_rule is None:
        if existing_id is not None:
            tx.rules.archive(existing_id)
        return None
    return _link_rule(tx, target.trigger_rule, existing_id, path)


def _link_rule(tx: UnitOfWork, entry: TriggerRuleEntry, existing_id: int | None, path: str) -> int:
    workspace = getattr(entry.configuration, "workspace_name", None)
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


def has_values(existing: object, values: Mapping[str, object]) -> bool:
    """Say whether a record has these values already."""
    return all(getattr(existing, name) == value for name, value in values.items())
