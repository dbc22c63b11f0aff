"""Whether a trigger can feed the inputs of its job or recipe."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.connections import Source, connection_problems, connection_warnings
from schemas.job_interface import InputType, JobInput
from schemas.problems import Problem, ValidationWarning, json_path, shown
from schemas.trigger import ClockTrigger, FileTrigger, Trigger, TriggerInput


def check_trigger(trigger: Trigger, inputs: Sequence[JobInput]) -> tuple[Problem, ...]:
    """Return what keeps a trigger from feeding the inputs of its job or recipe.

    A clock trigger 1.0 says nothing of inputs: what it starts is found out when it fires.
    """
    if isinstance(trigger, FileTrigger):
        return check_file_trigger(trigger, inputs)
    return () if trigger.version == "1.0" else check_clock_trigger(trigger, inputs)


def check_clock_trigger(trigger: ClockTrigger, inputs: Sequence[JobInput]) -> tuple[Problem, ...]:
    """Return what keeps a clock trigger 1.1 from feeding the inputs of its job or recipe."""
    properties = {each.name for each in inputs if each.type is InputType.PROPERTY}
    known = ", ".join(map(shown, sorted(properties))) or "none"
    unknown = (
        Problem(
            json_path("data", "properties", name),
            f"there is no property input {shown(name)}; the property inputs are: {known}.",
        )
        for name in trigger.properties
        if name not in properties
    )
    missing = (
        Problem("$", f"the required input {shown(each.name)} is not fed by the trigger.")
        for each in inputs
        if each.required and each.name not in trigger.properties
    )
    return (*unknown, *missing)


def check_file_trigger(trigger: FileTrigger, inputs: Sequence[JobInput]) -> tuple[Problem, ...]:
    """Return what keeps a trigger from feeding the inputs of its job or recipe."""
    targets = {each.name: each for each in inputs}
    problems: list[Problem] = []
    for index, each in enumerate(trigger.inputs):
        path = _input_path(trigger, index)
        target = targets.get(each.input_data_name)
        if target is None:
            known = ", ".join(map(shown, targets)) or "none"
            sentence = f"there is no input {shown(each.input_data_name)}; the inputs are: {known}."
            problems.append(Problem(path, sentence))
        else:
            problems.extend(connection_problems(path, _source(each), target))
    fed = {each.input_data_name for each in trigger.inputs}
    missing = (each.name for each in inputs if each.required and each.name not in fed)
    problems.extend(
        Problem("$", f"the required input {shown(name)} is not fed by the trigger.")
        for name in missing
    )
    return tuple(problems)


def file_trigger_warnings(
    trigger: FileTrigger, inputs: Sequence[JobInput]
) -> tuple[ValidationWarning, ...]:
    """Return a warning ``media_type`` for each input whose media types can never match."""
    targets = {each.name: each for each in inputs}
    return tuple(
        warning
        for each in trigger.inputs
        if each.input_data_name in targets
        for warning in connection_warnings(_source(each), targets[each.input_data_name])
    )


def _source(trigger_input: TriggerInput) -> Source:
    media_type = trigger_input.media_type
    return Source(
        words="the file of the trigger",
        type=InputType.FILE,
        always=True,
        media_types=() if media_type is None else (media_type,),
    )


def _input_path(trigger: FileTrigger, index: int) -> str:
    if trigger.version == "1.0":
        return "$.data.input_data_name"
    return json_path("inputs", index, "input_data_name")
