"""What starts jobs and recipes by itself: files and the clock (seed 001, "Triggers")."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self, TypeAlias, assert_never

from schemas.durations import format_duration, parse_duration
from schemas.patterns import match_start
from schemas.problems import refuse
from schemas.trigger_problems import file_problems, schedule_problems
from schemas.validation import Document, JsonObject, validate


class TriggerType(StrEnum):
    """What a trigger rule waits for."""

    INGEST = "INGEST"
    PARSE = "PARSE"
    CLOCK = "CLOCK"


@dataclass(frozen=True, slots=True)
class TriggerInput:
    """An input that a trigger feeds, and what its files must meet.

    Parameters
    ----------
    input_data_name
        The input of the job or recipe.
    media_type
        The media type of the file; None means any.
    data_types
        The data types that must all be tagged on the file.
    filename_regex
        A valid RE2 expression, matched from the start of the file name; None means any name.
    """

    input_data_name: str
    media_type: str | None = None
    data_types: tuple[str, ...] = ()
    filename_regex: str | None = None

    def accepts(self, file_name: str, media_type: str, data_types: Collection[str]) -> bool:
        """Say whether a file meets the condition."""
        if self.media_type is not None and self.media_type != media_type:
            return False
        if not set(self.data_types) <= set(data_types):
            return False
        return (
            self.filename_regex is None or match_start(self.filename_regex, file_name) is not None
        )


@dataclass(frozen=True, slots=True)
class FileTrigger:
    """An ingest or parse trigger configuration, checked.

    Version 1.0 feeds one input. Version 1.1 is Airscale's own: it waits until every input
    has a file of the same group.

    Parameters
    ----------
    inputs
        At least one; 1.0 has exactly one.
    group_by
        A valid RE2 expression with one capture group, the key that the files of one start
        share; None puts every file in the group of the empty key.
    timeout_seconds
        How long a group waits for its other files; None means without end.
    workspace_name
        The workspace that stores the products.
    version
        The version of the document.
    """

    inputs: tuple[TriggerInput, ...]
    group_by: str | None
    timeout_seconds: int | float | None
    workspace_name: str
    version: str

    @classmethod
    def parse(cls, value: object, trigger_type: TriggerType = TriggerType.INGEST) -> Self:
        """Read an ingest or parse trigger configuration.

        Raises
        ------
        DocumentError
            For a wrong shape, an expression that RE2 refuses, an input fed twice, several
            inputs without ``group_by``, or a timeout that is no duration.
        """
        document = (
            Document.PARSE_TRIGGER if trigger_type is TriggerType.PARSE else Document.INGEST_TRIGGER
        )
        version, body = validate(document, value)
        if version == "1.0":
            only = _input(body["data"]["input_data_name"], body.get("condition", {}))
            return cls((only,), None, None, body["data"]["workspace_name"], version)
        refuse(document.label, file_problems(body))
        return cls(
            inputs=tuple(_input(each["input_data_name"], each) for each in body["inputs"]),
            group_by=body.get("group_by"),
            timeout_seconds=parse_duration(body["timeout"]) if "timeout" in body else None,
            workspace_name=body["data"]["workspace_name"],
            version=version,
        )

    def to_json(self) -> JsonObject:
        """Return the document in its version."""
        if self.version == "1.0":
            return _version_1_0(self.inputs[0], self.workspace_name)
        value: JsonObject = {
            "version": "1.1",
            "inputs": [_input_json(each) for each in self.inputs],
            "data": {"workspace_name": self.workspace_name},
        }
        if self.group_by is not None:
            value["group_by"] = self.group_by
        if self.timeout_seconds is not None:
            value["timeout"] = format_duration(self.timeout_seconds)
        return value

    def matching_inputs(
        self, file_name: str, media_type: str, data_types: Collection[str]
    ) -> tuple[str, ...]:
        """Return the names of the inputs that a file can feed, in document order."""
        return tuple(
            each.input_data_name
            for each in self.inputs
            if each.accepts(file_name, media_type, data_types)
        )

    def group_key(self, file_name: str) -> str | None:
        """Return the key of a file's group, or None when its name has none.

        The expression is matched from the start of the name. Without ``group_by`` the key is "".
        """
        if self.group_by is None:
            return ""
        match = match_start(self.group_by, file_name)
        return None if match is None else match.group(1)


@dataclass(frozen=True, slots=True)
class ClockTrigger:
    """A clock trigger configuration, checked.

    Version 1.0 is heard by a processor of the system. Version 1.1 is Airscale's own: it says with
    which values the job or recipe of the rule is queued.

    Parameters
    ----------
    event_type
        The type of the trigger events that the rule creates.
    schedule_seconds
        The time between two events, counted from midnight UTC: a minute to a day.
    workspace_name
        The workspace that stores the products of the job or recipe; None where it makes none.
    properties
        Values by the name of the input.
    version
        The version of the document.
    """

    event_type: str
    schedule_seconds: int | float
    workspace_name: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)
    version: str = "1.0"

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read a clock trigger configuration.

        Raises
        ------
        DocumentError
            For a wrong shape, or a schedule that is no duration between a minute and a day.
        """
        version, body = validate(Document.CLOCK_TRIGGER, value)
        refuse(Document.CLOCK_TRIGGER.label, schedule_problems(body["schedule"]))
        data: JsonObject = body.get("data", {})
        return cls(
            event_type=body["event_type"],
            schedule_seconds=parse_duration(body["schedule"]),
            workspace_name=data.get("workspace_name"),
            properties=dict(data.get("properties", {})),
            version=version,
        )

    def to_json(self) -> JsonObject:
        """Return the document in its version."""
        value: JsonObject = {
            "version": self.version,
            "event_type": self.event_type,
            "schedule": format_duration(self.schedule_seconds),
        }
        if self.version == "1.0":
            return value
        data: JsonObject = {"properties": dict(self.properties)}
        if self.workspace_name is not None:
            data["workspace_name"] = self.workspace_name
        return {**value, "data": data}


Trigger: TypeAlias = FileTrigger | ClockTrigger


def parse_trigger(trigger_type: TriggerType, value: object) -> Trigger:
    """Read the configuration of a trigger rule of this type; raises `DocumentError`."""
    match trigger_type:
        case TriggerType.INGEST | TriggerType.PARSE:
            return FileTrigger.parse(value, trigger_type)
        case TriggerType.CLOCK:
            return ClockTrigger.parse(value)
        case _:
            assert_never(trigger_type)


def _input(name: str, condition: JsonObject) -> TriggerInput:
    return TriggerInput(
        input_data_name=name,
        media_type=condition.get("media_type") or None,
        data_types=tuple(condition.get("data_types", ())),
        filename_regex=condition.get("filename_regex"),
    )


def _input_json(each: TriggerInput) -> JsonObject:
    value: JsonObject = {"input_data_name": each.input_data_name}
    value |= {"media_type": each.media_type or "", "data_types": list(each.data_types)}
    if each.filename_regex is not None:
        value["filename_regex"] = each.filename_regex
    return value


def _version_1_0(only: TriggerInput, workspace_name: str) -> JsonObject:
    return {
        "version": "1.0",
        "condition": {"media_type": only.media_type or "", "data_types": list(only.data_types)},
        "data": {"input_data_name": only.input_data_name, "workspace_name": workspace_name},
    }
