"""Trigger rules: what an ingested or parsed file starts (seed 001, Triggers).

Rules fire in the transaction of their cause. A rule with one input starts at once; a rule with
several collects files of one key and starts when every input has one, once for each set of files.
A rule that cannot start its target never fails the cause: it is reported with its event.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.database import UNAVAILABLE, Database
from catalog.errors import CatalogueError
from catalog.records.configuration import RuleTarget, TriggerRuleRecord
from catalog.records.files import FileRecord
from catalog.services.starting import Start, start_targets
from catalog.states import EventType
from catalog.stores.unit_of_work import UnitOfWork
from schemas.job_data import FilesValue
from schemas.problems import DocumentError
from schemas.trigger import FileTrigger, TriggerType

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Firing:
    """A complete set of files, input name to file id, and the file that completed it."""

    file: FileRecord
    members: Mapping[str, int]


class TriggerService:
    """Looks after what trigger rules are waiting for."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def report_overdue(self) -> int:
        """Report the groups of files that waited longer than their rule allows, each once.

        The report is a trigger event that names the inputs that have a file and those that have
        none. A group that gets another file later starts anew.

        Returns
        -------
        int
            How many groups were reported.
        """
        with self._database.transaction() as tx:
            return sum(
                _report_overdue(tx, rule, target)
                for kind in (EventType.INGEST, EventType.PARSE)
                for rule, target in tx.rules.with_targets(kind)
            )


def _report_overdue(tx: UnitOfWork, rule: TriggerRuleRecord, target: RuleTarget) -> int:
    try:
        trigger = FileTrigger.parse(rule.configuration, TriggerType(rule.type))
    except DocumentError:
        return 0  # every file that arrives tells of it
    if trigger.timeout_seconds is None or len(trigger.inputs) == 1:
        return 0
    overdue = tx.groups.report_overdue(rule.id, trigger.timeout_seconds)
    names = [each.input_data_name for each in trigger.inputs]
    for group in overdue:
        missing = [name for name in names if name not in group.members]
        tx.events.add(
            type=rule.type,
            rule_id=rule.id,
            description={
                "version": "1.0",
                "group": group.key,
                "members": group.members,
                "missing": missing,
                "problem": (
                    f"The files of group {group.key!r} waited longer than the timeout of"
                    f" {trigger.timeout_seconds} s, and nothing came for"
                    f" {', '.join(map(repr, missing))}. The {target.label} was not started; send"
                    " what is missing together with the others again."
                ),
            },
        )
    return len(overdue)


def file_event(tx: UnitOfWork, kind: EventType, file: FileRecord) -> None:
    """Check every active rule of this type against a file, and start what they ask for."""
    file_events(tx, kind, [file])


def file_events(tx: UnitOfWork, kind: EventType, files: Sequence[FileRecord]) -> None:
    """Check every active rule of this type against files, and start what they ask for."""
    if not files:
        return
    for rule, target in tx.rules.with_targets(kind):
        _apply(tx, rule, files, target)


def _apply(
    tx: UnitOfWork, rule: TriggerRuleRecord, files: Sequence[FileRecord], target: RuleTarget
) -> None:
    """Apply one rule to many files at once or, if that fails, to one after another."""
    try:
        with tx.savepoint():
            _apply_to(tx, rule, files, target)
    except UNAVAILABLE:
        raise
    except Exception:  # noqa: BLE001 - a rule may be broken in any way
        for file in files:
            _apply_alone(tx, rule, file, target)


def _apply_alone(
    tx: UnitOfWork, rule: TriggerRuleRecord, file: FileRecord, target: RuleTarget
) -> None:
    """Apply one rule; whatever is wrong with it is reported and undone, and fails nothing else."""
    try:
        trigger = FileTrigger.parse(rule.configuration, TriggerType(rule.type))
        with tx.savepoint():
            members = _complete_set(tx, rule, trigger, file)
        if members is not None:
            # A start that fails is undone, and so is the mark that this set has fired: the next
            # file of the group tries again.
            with tx.savepoint():
                _fire(tx, rule, trigger, [_Firing(file, members)], target)
    except UNAVAILABLE:
        raise
    except Exception as problem:  # noqa: BLE001 - a rule may be broken in any way
        _report(tx, rule, file, target, problem)


def _apply_to(
    tx: UnitOfWork, rule: TriggerRuleRecord, files: Sequence[FileRecord], target: RuleTarget
) -> None:
    trigger = FileTrigger.parse(rule.configuration, TriggerType(rule.type))
    # Groups are locked in the order of their keys: two batches never wait for each other.
    ordered = sorted(files, key=lambda file: (trigger.group_key(file.file_name) or "", file.id))
    firings = [
        _Firing(file, members)
        for file in ordered
        if (members := _complete_set(tx, rule, trigger, file)) is not None
    ]
    _fire(tx, rule, trigger, firings, target)


def _report(
    tx: UnitOfWork,
    rule: TriggerRuleRecord,
    file: FileRecord,
    target: RuleTarget,
    problem: Exception,
) -> None:
    expected = isinstance(problem, CatalogueError | DocumentError)
    _log.warning(
        "Trigger rule %s (%s) could not start the %s for file %s (%r): %s",
        rule.id, rule.name, target.label, file.id, file.file_name, problem,
        exc_info=None if expected else problem,
    )  # fmt: skip
    told = str(problem) if expected else f"Airscale met a fault of its own ({problem!r})."
    tx.events.add(
        type=rule.type,
        rule_id=rule.id,
        description={**_description(file), "problem": told},
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
    members = tx.groups.join(rule.id, key, offered, trigger.timeout_seconds)
    if any(each.input_data_name not in members for each in trigger.inputs):
        return None
    return {each.input_data_name: members[each.input_data_name] for each in trigger.inputs}


def _fire(
    tx: UnitOfWork,
    rule: TriggerRuleRecord,
    trigger: FileTrigger,
    firings: Sequence[_Firing],
    target: RuleTarget,
) -> None:
    """Start the target for each set of files, unless this very set has started it before."""
    described = []
    for each in firings:
        description = _description(each.file)
        if len(trigger.inputs) > 1:
            key = trigger.group_key(each.file.file_name) or ""
            fingerprint = json.dumps(each.members, sort_keys=True)
            if not tx.groups.claim_firing(rule.id, key, fingerprint):
                continue
            description |= {"group": key, "members": dict(each.members)}
        described.append((each, description))
    events = tx.events.add_many(
        [
            {"type": rule.type, "rule_id": rule.id, "description": description}
            for _, description in described
        ]
    )
    starts = [
        Start(_values(each), event.id) for (each, _), event in zip(described, events, strict=True)
    ]
    start_targets(tx, target, starts, trigger.workspace_name)


def _values(firing: _Firing) -> dict[str, FilesValue]:
    return {
        name: FilesValue(file_ids=(file_id,), is_list=False)
        for name, file_id in firing.members.items()
    }


def _description(file: FileRecord) -> dict[str, object]:
    return {"version": "1.0", "file_id": file.id, "file_name": file.file_name}
