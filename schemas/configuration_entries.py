"""The errors, job types and recipe types of a configuration (seed 001, "Import/Export")."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import partial
from typing import Any, Self

from schemas.error_interface import ErrorMapping
from schemas.job_interface import JobInput, JobInterface
from schemas.problems import ProblemCollector, nested
from schemas.recipe_definition import RecipeDefinition
from schemas.trigger import Trigger, TriggerType, parse_trigger
from schemas.trigger_connections import check_trigger
from schemas.validation import JsonObject

# JSON writes 1800 also as 1800.0, so that numbers are converted to what the field is
_JOB_TYPE_SETTINGS: Mapping[str, Callable[[Any], object]] = {
    "title": str,
    "description": str,
    "category": str,
    "author_name": str,
    "author_url": str,
    "is_long_running": bool,
    "is_operational": bool,
    "is_paused": bool,
    "icon_code": str,
    "uses_docker": bool,
    "docker_privileged": bool,
    "docker_image": str,
    "priority": int,
    "timeout": int,
    "max_scheduled": int,
    "max_tries": int,
    "cpus_required": float,
    "mem_required": float,
    "disk_out_const_required": float,
    "disk_out_mult_required": float,
}


@dataclass(frozen=True, slots=True)
class ErrorEntry:
    """One error; the category is ``ALGORITHM`` or ``DATA``."""

    name: str
    title: str
    description: str
    category: str

    @classmethod
    def from_json(cls, value: JsonObject) -> Self:
        """Return the error of a document whose shape has been checked."""
        return cls(value["name"], value["title"], value["description"], value["category"])

    def to_json(self) -> JsonObject:
        """Return the error as it stands in a document."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True, slots=True)
class TriggerRuleEntry:
    """The trigger rule of a job type or recipe type.

    Parameters
    ----------
    type
        What the rule waits for.
    name
        The name of the rule, or None.
    is_active
        Whether the rule fires.
    configuration
        The trigger configuration that the type says.
    """

    type: TriggerType
    name: str | None
    is_active: bool
    configuration: Trigger

    @classmethod
    def parse(cls, inputs: Sequence[JobInput] | None, value: JsonObject) -> Self:
        """Read a rule whose outer shape has been checked.

        Parameters
        ----------
        inputs
            The inputs that the rule has to feed; None when they could not be read.
        value
            The rule.

        Raises
        ------
        DocumentError
            For a wrong configuration, or one that cannot feed the inputs.
        """
        found = ProblemCollector("trigger rule")
        trigger_type = TriggerType(value["type"])
        parse = partial(parse_trigger, trigger_type)
        trigger = found.part("$.configuration", parse, value["configuration"])
        if trigger is not None and inputs is not None:
            found.add(nested("$.configuration", check_trigger(trigger, inputs)))
        if trigger is None or found:
            raise found.error()
        return cls(trigger_type, value.get("name"), value.get("is_active", True), trigger)

    def to_json(self) -> JsonObject:
        """Return the rule as it stands in a document."""
        return {
            "type": self.type.value,
            "name": self.name,
            "is_active": self.is_active,
            "configuration": self.configuration.to_json(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class JobTypeEntry:
    """One job type with the fields of the export; None where absent or null.

    ``timeout`` is in seconds (0 means no limit), memory and disk are in MiB, and a lower
    ``priority`` is sooner.

    Parameters
    ----------
    given
        The names of the fields that the document has: an edit leaves the others as they are.
    """

    name: str
    version: str
    title: str | None = None
    description: str | None = None
    category: str | None = None
    author_name: str | None = None
    author_url: str | None = None
    is_long_running: bool | None = None
    is_operational: bool | None = None
    is_paused: bool | None = None
    icon_code: str | None = None
    uses_docker: bool | None = None
    docker_privileged: bool | None = None
    docker_image: str | None = None
    priority: int | None = None
    timeout: int | None = None
    max_scheduled: int | None = None
    max_tries: int | None = None
    cpus_required: float | None = None
    mem_required: float | None = None
    disk_out_const_required: float | None = None
    disk_out_mult_required: float | None = None
    interface: JobInterface
    error_mapping: ErrorMapping | None = None
    trigger_rule: TriggerRuleEntry | None = None
    given: frozenset[str]

    @classmethod
    def parse(cls, value: JsonObject) -> Self:
        """Read a job type whose outer shape has been checked.

        Raises
        ------
        DocumentError
            With the problems of its interface, error mapping and trigger rule.
        """
        found = ProblemCollector("job type")
        interface = found.part("$.interface", JobInterface.parse, value["interface"])
        mapping = value.get("error_mapping")
        if mapping is not None:
            mapping = found.part("$.error_mapping", ErrorMapping.parse, mapping)
        rule = _trigger_rule(found, None if interface is None else interface.inputs, value)
        if interface is None or found:
            raise found.error()
        settings: dict[str, Any] = {
            field: None if value.get(field) is None else convert(value[field])
            for field, convert in _JOB_TYPE_SETTINGS.items()
        }
        return cls(
            name=value["name"],
            version=value["version"],
            interface=interface,
            error_mapping=mapping,
            trigger_rule=rule,
            given=_given(cls, value),
            **settings,
        )

    def to_json(self) -> JsonObject:
        """Return the job type with the fields that were given."""
        return _given_json(self, self.given)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeTypeEntry:
    """One recipe type with the fields of the export; None where absent or null.

    Parameters
    ----------
    given
        The names of the fields that the document has: an edit leaves the others as they are.
    """

    name: str
    version: str
    title: str | None = None
    description: str | None = None
    definition: RecipeDefinition
    trigger_rule: TriggerRuleEntry | None = None
    given: frozenset[str]

    @classmethod
    def parse(cls, value: JsonObject) -> Self:
        """Read a recipe type whose outer shape has been checked.

        Raises
        ------
        DocumentError
            With the problems of its definition and trigger rule.
        """
        found = ProblemCollector("recipe type")
        definition = found.part("$.definition", RecipeDefinition.parse, value["definition"])
        rule = _trigger_rule(found, None if definition is None else definition.inputs, value)
        if definition is None or found:
            raise found.error()
        return cls(
            name=value["name"],
            version=value["version"],
            title=value.get("title"),
            description=value.get("description"),
            definition=definition,
            trigger_rule=rule,
            given=_given(cls, value),
        )

    def to_json(self) -> JsonObject:
        """Return the recipe type with the fields that were given."""
        return _given_json(self, self.given)


def _trigger_rule(
    found: ProblemCollector, inputs: Sequence[JobInput] | None, value: JsonObject
) -> TriggerRuleEntry | None:
    rule = value.get("trigger_rule")
    if rule is None:
        return None
    return found.part("$.trigger_rule", partial(TriggerRuleEntry.parse, inputs), rule)


def _given(entry: type[JobTypeEntry | RecipeTypeEntry], value: JsonObject) -> frozenset[str]:
    return frozenset(value) & {field.name for field in fields(entry)}


def _given_json(entry: JobTypeEntry | RecipeTypeEntry, given: frozenset[str]) -> JsonObject:
    value: JsonObject = {}
    for name in (field.name for field in fields(entry) if field.name in given):
        part = getattr(entry, name)
        value[name] = part.to_json() if hasattr(part, "to_json") else part
    return value
