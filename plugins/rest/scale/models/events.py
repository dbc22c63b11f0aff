"""Trigger events (seed 001, inside jobs and recipes)."""

from typing import Any

from pydantic import Field

from catalog.states import EventType
from plugins.rest.scale.models.job_types import RuleDetails
from plugins.rest.wire import Reference, Time, WireModel


class EventBrief(WireModel):
    """What made the system act."""

    id: int
    type: EventType
    rule: Reference | None = Field(validation_alias="rule_id")
    occurred: Time


class EventDetails(WireModel):
    """What made the system act, with the rule that heard it."""

    id: int
    type: EventType
    rule: RuleDetails | None
    occurred: Time
    description: dict[str, Any]
