"""Trigger rules, their events, and the files they wait for; beyond the seed, in its style."""

from typing import Annotated

from fastapi import Depends, Query, Request

from catalog.queries.triggers import EventFilter, RuleFilter
from plugins.rest.dependencies import CatalogueDep
from plugins.rest.parameters import IdFilter, PageDep, RowId, Texts, Truth, no_values
from plugins.rest.routing import SlashRouter
from plugins.rest.scale.models.events import EventDetails
from plugins.rest.scale.models.triggers import GroupDetails, GroupItem, RuleItem
from plugins.rest.wire import Envelope, envelope

router = SlashRouter(tags=["triggers"])
RuleIds = Annotated[list[IdFilter], Query(alias="rule_id", default_factory=no_values)]
Types = Annotated[Texts, Query(alias="type", default_factory=no_values)]


async def _rule_filter(
    rule_type: Types, name: Texts, is_active: Annotated[Truth | None, Query()] = None
) -> RuleFilter:
    return RuleFilter(rule_type, name, is_active)


async def _event_filter(
    event_type: Types,
    rule_ids: RuleIds,
    has_problem: Annotated[
        Truth | None, Query(description="Those where a rule could not do its work, or the others.")
    ] = None,
) -> EventFilter:
    return EventFilter(event_type, rule_ids, has_problem)


@router.get("/triggers/rules/", summary="List trigger rules")
def list_rules(
    http: Request,
    catalogue: CatalogueDep,
    page: PageDep,
    wanted: Annotated[RuleFilter, Depends(_rule_filter)],
) -> Envelope[RuleItem]:
    """Return the trigger rules, with what each starts."""
    return envelope(http, page, catalogue.queries.triggers.rules(page, wanted), RuleItem)


@router.get("/triggers/rules/{rule_id}/", summary="Show a trigger rule")
def show_rule(http: Request, catalogue: CatalogueDep, rule_id: RowId) -> RuleItem:
    """Return a trigger rule with what it starts."""
    return RuleItem.of(http, catalogue.queries.triggers.rule(rule_id))


@router.get("/triggers/events/", summary="List trigger events")
def list_events(
    http: Request,
    catalogue: CatalogueDep,
    page: PageDep,
    wanted: Annotated[EventFilter, Depends(_event_filter)],
) -> Envelope[EventDetails]:
    """Return what made the system act, or should have, newest first."""
    return envelope(http, page, catalogue.queries.triggers.events(page, wanted), EventDetails)


@router.get("/triggers/events/{event_id}/", summary="Show a trigger event")
def show_event(http: Request, catalogue: CatalogueDep, event_id: RowId) -> EventDetails:
    """Return a trigger event."""
    return EventDetails.of(http, catalogue.queries.triggers.event(event_id))


@router.get("/triggers/groups/", summary="List groups of files that rules collect")
def list_groups(
    *,
    http: Request,
    catalogue: CatalogueDep,
    page: PageDep,
    rule_ids: RuleIds,
    key: Texts,
    is_waiting: Annotated[
        Truth | None, Query(description="Those that never were complete, or the others.")
    ] = None,
) -> Envelope[GroupItem]:
    """Return the groups of files, each with what it has and what is missing."""
    found = catalogue.queries.triggers.groups(
        page, rule_ids=rule_ids, keys=key, is_waiting=is_waiting
    )
    return envelope(http, page, found, GroupItem)


@router.get("/triggers/groups/{group_id}/", summary="Show a group of files")
def show_group(http: Request, catalogue: CatalogueDep, group_id: RowId) -> GroupDetails:
    """Return a group of files with its rule."""
    return GroupDetails.of(http, catalogue.queries.triggers.group(group_id))
