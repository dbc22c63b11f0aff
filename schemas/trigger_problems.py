"""What can be wrong inside one trigger configuration beyond its shape."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.durations import DurationError, parse_duration
from schemas.patterns import group_count, pattern_fault
from schemas.problems import Problem, duplicates, json_path, shown
from schemas.validation import JsonObject

_MINUTE = 60  # seconds; the clock looks once a minute
_DAY = 86_400  # seconds; the clock counts from midnight


def file_problems(body: JsonObject) -> Iterator[Problem]:
    """Yield what is wrong in a file trigger 1.1 whose shape has been checked."""
    inputs: list[JsonObject] = body["inputs"]
    names = (
        (json_path("inputs", index, "input_data_name"), each["input_data_name"])
        for index, each in enumerate(inputs)
    )
    yield from duplicates(names, "An input can be fed only once.")
    for index, each in enumerate(inputs):
        fault = pattern_fault(each.get("filename_regex", ""))
        if fault is not None:
            yield Problem(json_path("inputs", index, "filename_regex"), fault)
    if "group_by" in body:
        yield from _group_problems(body["group_by"])
    elif len(inputs) > 1:
        sentence = (
            "this field is required with more than one input: it says which files belong together."
        )
        yield Problem("$.group_by", sentence)
    if "timeout" in body:
        yield from _timeout_problems(body["timeout"])


def _group_problems(group_by: str) -> Iterator[Problem]:
    fault = pattern_fault(group_by)
    if fault is not None:
        yield Problem("$.group_by", fault)
    elif (count := group_count(group_by)) != 1:
        sentence = (
            f"{shown(group_by)} has {count} capture groups; exactly one is needed, the key of the"
            " group. Write (?:...) for a group that is not captured."
        )
        yield Problem("$.group_by", sentence)


def _timeout_problems(timeout: str) -> Iterator[Problem]:
    try:
        seconds = parse_duration(timeout)
    except DurationError as error:
        yield Problem("$.timeout", str(error))
    else:
        if seconds == 0:
            yield Problem("$.timeout", "the timeout must be longer than nothing.")


def schedule_problems(schedule: str) -> Iterator[Problem]:
    """Yield what is wrong with the schedule of a clock trigger."""
    try:
        seconds = parse_duration(schedule)
    except DurationError as error:
        yield Problem("$.schedule", str(error))
        return
    if "D" in schedule:
        yield Problem("$.schedule", f"{shown(schedule)} has days: write hours, PT24H for a day.")
    elif not _MINUTE <= seconds <= _DAY:
        yield Problem("$.schedule", f"{shown(schedule)} is not between a minute and a day.")
