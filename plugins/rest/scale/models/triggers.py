"""Trigger rules, events and groups: beyond the seed, in its style."""

from pydantic import Field

from plugins.rest.scale.models.job_types import RuleDetails
from plugins.rest.wire import Reference, Time, WireModel


class RuleTarget(WireModel):
    """The job type or recipe type that a rule starts."""

    id: int
    is_recipe: bool
    name: str
    version: str
    is_active: bool


class RuleItem(RuleDetails):
    """A trigger rule with what it starts, and why it starts nothing if it cannot."""

    targets: list[RuleTarget]
    problem: str | None


class GroupItem(WireModel):
    """Files that a rule collects under one key; `members` is input name to file id."""

    id: int
    rule: Reference = Field(validation_alias="rule_id")
    key: str
    members: dict[str, int]
    missing: list[str]
    is_waiting: bool
    expires: Time | None
    reported: Time | None
    created: Time
    last_modified: Time


class GroupDetails(GroupItem):
    """A group with its rule."""

    rule: RuleDetails  # type: ignore[assignment]  # details say all of what a list refers to
