"""Clock rules that queue a job or a recipe."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from catalog.errors import InvalidError
from catalog.queries.listing import PageRequest
from catalog.queries.triggers import EventFilter
from tests.support.catalogues import (
    World,
    interface,
    job_type,
    recipe_job,
    recipe_type,
    trigger_rule,
)

NOON = datetime(2016, 5, 15, 12, tzinfo=UTC)


def hourly(**data: Any) -> dict[str, Any]:
    """Return a clock rule that queues its target every hour."""
    return trigger_rule("CLOCK", version="1.1", event_type="HOURLY", schedule="PT1H", data=data)


def started(world: World) -> list[Any]:
    return [each.data["input_data"] for each in world.all_jobs()]


def test_a_clock_rule_queues_its_job_in_every_slot(world: World) -> None:
    rule = hourly(properties={"mode": "fast"})
    world.configure([job_type("sweep", interface({"mode": "property"}), trigger_rule=rule)])
    for minutes in (0, 30, 60):
        world.catalogue.clock.check(NOON + timedelta(minutes=minutes))
    assert started(world) == [[{"name": "mode", "value": "fast"}]] * 2


def test_a_clock_rule_queues_its_recipe_with_a_workspace(world: World) -> None:
    world.configure(
        [job_type("report", interface(outputs={"page": "file"}))],
        [recipe_type("daily", {"a": recipe_job("report")}, trigger_rule=hourly(
            workspace_name="products"
        ))],
    )  # fmt: skip
    world.catalogue.clock.check(NOON)
    (run,) = world.runs()
    recipe = world.recipe(run["recipe_id"])
    assert recipe.data["workspace_id"] == world.workspace_id("products")


def test_a_clock_rule_that_cannot_start_is_reported_and_tried_in_the_next_slot(
    world: World,
) -> None:
    world.configure(
        [job_type("report", interface(outputs={"page": "file"}), trigger_rule=hourly())]
    )
    check = world.catalogue.clock.check(NOON)
    assert check.problems == ()
    assert world.all_jobs() == []
    found = world.catalogue.queries.triggers.events(PageRequest(), EventFilter(has_problem=True))
    assert [event.description["event_type"] for event in found.rows] == ["HOURLY"]


def test_a_clock_rule_that_leaves_a_required_input_out_is_refused(world: World) -> None:
    with pytest.raises(InvalidError, match='"mode" is not fed'):
        world.configure([job_type("sweep", interface({"mode": "property"}), trigger_rule=hourly())])


def test_a_clock_rule_that_feeds_a_file_input_is_refused(world: World) -> None:
    with pytest.raises(InvalidError, match='no property input "file"'):
        world.configure(
            [
                job_type(
                    "sweep",
                    interface({"file": "file"}, optional=["file"]),
                    trigger_rule=hourly(properties={"file": "7"}),
                )
            ]
        )
