"""Trigger rules: what an ingested or parsed file starts (seed 001, Triggers).

Rules fire in the transaction of their cause. A rule with one input starts at once; a rule with
several collects files of one key and starts when every input has one, once for each set of files.
A rule that cannot start its target never fails the cause: it is reported with its event.
"""

import json
import logging
from collections.abc import Mapping

from catalog.errors import CatalogueError
from catalog.records.configuration import TriggerRuleRecord
from catalog.records.files import FileRecord
from catalog.services.creation import create_job, create_recipe
from catalog.states import EventType
from catalog.stores.unit_of_work import UnitOfWork
from schemas.job_data import FilesValue, JobData
from schemas.job_interface import JobInterface
from schemas.problems import DocumentError
from schemas.recipe_data import RecipeData
from schemas.trigger import FileTrigger, TriggerType

_log = logging.getLogger(__name__)


def file_event(tx: UnitOfWork, kind: EventType, file: FileRecord) -> None:
    """Check every active rule of this type against a file, and start what they ask for."""
    for rule, target in tx.rules.recipe_targets(kind):
        _apply(tx, rule, file, target, is_recipe=True)
    for rule, target in tx.rules.job_targets(kind):
        _apply(tx, rule, file, target, is_recipe=False)


def _apply(
    tx: UnitOfWork, rule: TriggerRuleRecord, file: FileRecord, target: int, *, is_recipe: bool
) -> None:
    try:
        trigger = FileTrigger.parse(rule.configuration, TriggerType(rule.type))
        members = _complete_set(tx, rule, trigger, file)
        if members is not None:
            # A start that fails is undone, and so is the mark that this set has fired: the next
            # file of the group tries again.
            with tx.savepoint():
                _fire(tx, rule, trigger, members, file=file, target=target, is_recipe=is_recipe)
    except (CatalogueError, DocumentError) as problem:
        _log.warning(
            "Trigger rule %s (%s) could not start its target for file %s (%r): %s",
            rule.id, rule.name, file.id, file.file_name, problem,
        )  # fmt: skip
        tx.events.add(
            type=rule.type,
            rule_id=rule.id,
            description={**_description(file), "problem": str(problem)},
        )


def _complete_set(
    tx: UnitOfWork, rule: TriggerRuleRecord, trigger: FileTrigger, file: FileRecord
) -> Mapping[str, int] | None:
    """Return input name to file id if this file is the last, or a newer one, of a complete set."""
    names = trigger.matching_inputs(file.file_name, file.media_type, tuple(file.data_type))
    key = trigger.group_key(file.file_name)
    if not names or key is None:
        return None
    offered = dict.fromkeys(names, file.id)
    if len(trigger.inputs) == 1:
        return offered
    members = tx.events.join_group(rule.id, key, offered, trigger.timeout_seconds)
    if any(each.input_data_name not in members for each in trigger.inputs):
        return None
    return {each.input_data_name: members[each.input_data_name] for each in trigger.inputs}


def _fire(
    tx: UnitOfWork,
    rule: TriggerRuleRecord,
    trigger: FileTrigger,
    members: Mapping[str, int],
    *,
    file: FileRecord,
    target: int,
    is_recipe: bool,
) -> None:
    """Start the target, unless this very set of files has started it before."""
    if len(trigger.inputs) > 1:
        key = trigger.group_key(file.file_name) or ""
        if not tx.events.claim_firing(rule.id, key, json.dumps(members, sort_keys=True)):
            return
    event = tx.events.add(type=rule.type, rule_id=rule.id, description=_description(file))
    _start(tx, trigger, members, target, event.id, is_recipe=is_recipe)


def _start(
    tx: UnitOfWork,
    trigger: FileTrigger,
    members: Mapping[str, int],
    target: int,
    event_id: int,
    *,
    is_recipe: bool,
) -> None:
    workspace = tx.workspaces.named(trigger.workspace_name)
    inputs = {
        name: FilesValue(file_ids=(file_id,), is_list=False) for name, file_id in members.items()
    }
    if is_recipe:
        data = RecipeData(inputs=inputs, workspace_id=workspace.id)
        create_recipe(tx, tx.recipe_types.get(target), data, event_id)
        return
    job_type = tx.job_types.get(target)
    outputs = JobInterface.parse(job_type.interface).outputs
    create_job(
        tx,
        job_type,
        JobData(inputs=inputs, output_workspaces={each.name: workspace.id for each in outputs}),
        event_id,
    )


def _description(file: FileRecord) -> dict[str, object]:
    return {"version": "1.0", "file_id": file.id, "file_name": file.file_name}
