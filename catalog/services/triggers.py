"""Trigger rules: what an ingested or parsed file starts (seed 001, Triggers).

Rules fire in the transaction of their cause. A rule with one input starts at once; a rule with
several collects files of one key and starts when every input has one, once for each set of files.
A rule that cannot start its target never fails the cause: it is reported with its event.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.errors import CatalogueError
from catalog.records.configuration import TriggerRuleRecord
from catalog.records.files import FileRecord
from catalog.services.creation import RecipeOrder, create_job, create_recipes
from catalog.states import EventType
from catalog.stores.unit_of_work import UnitOfWork
from schemas.job_data import FilesValue, JobData
from schemas.job_interface import JobInterface
from schemas.problems import DocumentError
from schemas.recipe_data import RecipeData
from schemas.trigger import FileTrigger, TriggerType

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Firing:
    """A complete set of files, input name to file id, and the file that completed it."""

    file: FileRecord
    members: Mapping[str, int]


def file_event(tx: UnitOfWork, kind: EventType, file: FileRecord) -> None:
    """Check every active rule of this type against a file, and start what they ask for."""
    file_events(tx, kind, [file])


def file_events(tx: UnitOfWork, kind: EventType, files: Sequence[FileRecord]) -> None:
    """Check every active rule of this type against files, and start what they ask for."""
    for rule, target in tx.rules.recipe_targets(kind):
        _apply(tx, rule, files, target, is_recipe=True)
    for rule, target in tx.rules.job_targets(kind):
        _apply(tx, rule, files, target, is_recipe=False)


def _apply(
    tx: UnitOfWork,
    rule: TriggerRuleRecord,
    files: Sequence[FileRecord],
    target: int,
    *,
    is_recipe: bool,
) -> None:
    try:
        trigger = FileTrigger.parse(rule.configuration, TriggerType(rule.type))
    except DocumentError as problem:
        for file in files:
            _report(tx, rule, file, problem)
        return
    # Groups are locked in the order of their keys: two batches never wait for each other.
    ordered = sorted(files, key=lambda file: (trigger.group_key(file.file_name) or "", file.id))
    firings = [
        _Firing(file, members)
        for file in ordered
        if (members := _complete_set(tx, rule, trigger, file)) is not None
    ]
    try:
        with tx.savepoint():
            _fire(tx, rule, trigger, firings, target, is_recipe=is_recipe)
    except (CatalogueError, DocumentError):
        _fire_each(tx, rule, trigger, firings, target, is_recipe=is_recipe)


def _fire_each(
    tx: UnitOfWork,
    rule: TriggerRuleRecord,
    trigger: FileTrigger,
    firings: Sequence[_Firing],
    target: int,
    *,
    is_recipe: bool,
) -> None:
    """Start one after another what could not be started together, and report what fails."""
    for each in firings:
        try:
            # A start that fails is undone, and so is the mark that this set has fired: the next
            # file of the group tries again.
            with tx.savepoint():
                _fire(tx, rule, trigger, [each], target, is_recipe=is_recipe)
        except (CatalogueError, DocumentError) as problem:
            _report(tx, rule, each.file, problem)


def _report(tx: UnitOfWork, rule: TriggerRuleRecord, file: FileRecord, problem: Exception) -> None:
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
    firings: Sequence[_Firing],
    target: int,
    *,
    is_recipe: bool,
) -> None:
    """Start the target for each set of files, unless this very set has started it before."""
    if len(trigger.inputs) > 1:
        firings = [each for each in firings if _is_first(tx, rule, trigger, each)]
    if not firings:
        return
    events = tx.events.add_many(
        [
            {"type": rule.type, "rule_id": rule.id, "description": _description(each.file)}
            for each in firings
        ]
    )
    workspace = tx.workspaces.named(trigger.workspace_name)
    started = [(_values(each), event.id) for each, event in zip(firings, events, strict=True)]
    if is_recipe:
        create_recipes(
            tx,
            tx.recipe_types.get(target),
            [RecipeOrder(RecipeData(values, workspace.id), event) for values, event in started],
        )
        return
    job_type = tx.job_types.get(target)
    outputs = JobInterface.parse(job_type.interface).outputs
    places = {each.name: workspace.id for each in outputs}
    for values, event in started:
        create_job(tx, job_type, JobData(inputs=values, output_workspaces=places), event)


def _is_first(
    tx: UnitOfWork, rule: TriggerRuleRecord, trigger: FileTrigger, firing: _Firing
) -> bool:
    key = trigger.group_key(firing.file.file_name) or ""
    return tx.events.claim_firing(rule.id, key, json.dumps(firing.members, sort_keys=True))


def _values(firing: _Firing) -> dict[str, FilesValue]:
    return {
        name: FilesValue(file_ids=(file_id,), is_list=False)
        for name, file_id in firing.members.items()
    }


def _description(file: FileRecord) -> dict[str, object]:
    return {"version": "1.0", "file_id": file.id, "file_name": file.file_name}
