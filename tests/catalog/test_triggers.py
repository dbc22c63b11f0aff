"""Trigger rules: what an ingested file starts, and that it starts once."""

import json
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from catalog.queries.listing import PageRequest
from catalog.queries.triggers import RuleFilter
from catalog.records.files import FileRecord
from catalog.tables import TriggerEvent
from tests.support.catalogues import (
    World,
    at_once,
    interface,
    job_type,
    recipe_job,
    recipe_type,
    trigger_rule,
)


def pair_rule(**more: Any) -> dict[str, Any]:
    """Return a 1.1 rule for a PNG and a CSV of one stem."""
    return trigger_rule(
        version="1.1",
        group_by=r"(.+)\.(?:png|csv)",
        inputs=[
            {"input_data_name": "image", "media_type": "image/png"},
            {"input_data_name": "table", "media_type": "text/csv"},
        ],
        data={"workspace_name": "products"},
        **more,
    )


@pytest.fixture
def pairs(world: World) -> World:
    """Return a world whose recipe type ``pair`` starts on a PNG and a CSV of one stem."""
    configure_pairs(world, pair_rule())
    return world


def configure_pairs(world: World, rule: dict[str, Any]) -> None:
    inputs = {"image": "file", "table": "file"}
    job = recipe_job("reader", {each: each for each in inputs})
    world.configure(
        [job_type("reader", interface(inputs))],
        [recipe_type("pair", {"read": job}, inputs, trigger_rule=rule)],
    )


def arrive(world: World, name: str, folder: str = "in") -> FileRecord:
    file = world.source(name, folder=folder)
    world.ingest(file)
    return file


def started(world: World) -> list[dict[str, int]]:
    """Return the inputs of every job there is, as input name to file id."""
    return [
        {each["name"]: each["file_id"] for each in job.data["input_data"]}
        for job in world.all_jobs()
    ]


def problems(world: World) -> list[str]:
    """Return the problems that events tell of."""
    with Session(world.database.engine) as session:
        events = session.scalars(select(TriggerEvent).order_by(TriggerEvent.id)).all()
    return [each.description["problem"] for each in events if "problem" in each.description]


def test_a_rule_of_one_input_starts_a_job_for_every_file(world: World) -> None:
    reader = job_type("reader", interface({"file": "file"}), trigger_rule=trigger_rule())
    world.configure([reader])
    files = [arrive(world, name) for name in ("a.tif", "b.tif")]
    assert started(world) == [{"file": each.id} for each in files]
    assert len(world.runs()) == 2


def test_a_rule_starts_only_for_its_media_type_and_data_types(world: World) -> None:
    rule = trigger_rule(
        version="1.0",
        condition={"media_type": "image/png", "data_types": ["a", "b"]},
        data={"input_data_name": "file", "workspace_name": "products"},
    )
    world.configure([job_type("reader", interface({"file": "file"}), trigger_rule=rule)])
    for name, types in (("a.tif", ["a", "b"]), ("a.png", ["a"]), ("b.png", ["b", "c", "a"])):
        world.ingest(world.source(name, data_type=types))
    assert len(started(world)) == 1


def test_an_event_says_which_file_made_the_rule_fire(world: World) -> None:
    reader = job_type("reader", interface({"file": "file"}), trigger_rule=trigger_rule())
    world.configure([reader])
    file = arrive(world, "a.tif")
    (job,) = world.all_jobs()
    with world.database.transaction() as tx:
        event = tx.events.get(job.event_id)
        found = tx.job_types.find("reader", "1.0")
    assert found is not None
    assert event.rule_id == found.trigger_rule_id
    assert event.description == {"version": "1.0", "file_id": file.id, "file_name": "a.tif"}


def test_one_file_fires_every_rule_that_takes_it(world: World) -> None:
    takes = interface({"file": "file"})
    job = recipe_job("one", {"file": "file"})
    world.configure(
        [job_type(each, takes, trigger_rule=trigger_rule()) for each in ("one", "two")],
        [recipe_type("three", {"a": job}, {"file": "file"}, trigger_rule=trigger_rule())],
    )
    file = arrive(world, "a.tif")
    assert started(world) == [{"file": file.id}] * 3


def test_a_rule_that_is_not_active_stays_silent(world: World) -> None:
    rule = {**trigger_rule(), "is_active": False}
    world.configure([job_type("reader", interface({"file": "file"}), trigger_rule=rule)])
    arrive(world, "a.tif")
    assert started(world) == []


def test_a_group_starts_when_its_last_file_arrives_and_once(pairs: World) -> None:
    image = arrive(pairs, "a.png")
    assert started(pairs) == []
    table = arrive(pairs, "a.csv")
    assert started(pairs) == [{"image": image.id, "table": table.id}]


def test_files_of_other_groups_do_not_mix(pairs: World) -> None:
    arrive(pairs, "a.png")
    arrive(pairs, "b.csv")
    arrive(pairs, "no-group.txt")
    assert started(pairs) == []


def test_the_same_files_start_nothing_again(pairs: World) -> None:
    image, table = arrive(pairs, "a.png"), arrive(pairs, "a.csv")
    for file in (image, table, image):
        pairs.ingest(file)
    assert len(started(pairs)) == 1


def test_a_new_generation_of_a_file_starts_its_group_once_more(pairs: World) -> None:
    arrive(pairs, "a.png")
    table = arrive(pairs, "a.csv")
    newer = arrive(pairs, "a.png", folder="later")
    pairs.ingest(newer)
    assert len(started(pairs)) == 2
    assert started(pairs)[-1] == {"image": newer.id, "table": table.id}


def test_a_file_that_comes_after_the_timeout_begins_its_group_anew(world: World) -> None:
    configure_pairs(world, pair_rule(timeout="PT1H"))
    arrive(world, "a.png")
    table = wait_two_hours_for(world, "a.csv")
    assert started(world) == []
    image = arrive(world, "a.png", folder="later")
    assert started(world) == [{"image": image.id, "table": table.id}]


def test_a_group_that_was_complete_takes_newer_files_also_after_the_timeout(world: World) -> None:
    configure_pairs(world, pair_rule(timeout="PT1H"))
    image = arrive(world, "a.png")
    arrive(world, "a.csv")
    table = wait_two_hours_for(world, "a.csv")
    assert started(world)[1:] == [{"image": image.id, "table": table.id}]


def wait_two_hours_for(world: World, name: str) -> FileRecord:
    let_two_hours_pass(world)
    return arrive(world, name, folder="two-hours-later")


def let_two_hours_pass(world: World) -> None:
    with world.database.engine.begin() as connection:
        connection.execute(
            text("UPDATE trigger_group SET last_modified = last_modified - '2h'::interval")
        )


def test_files_of_a_group_that_arrive_at_once_start_it_once(pairs: World) -> None:
    for number in range(5):
        files = [pairs.source(f"{number}.{suffix}") for suffix in ("png", "csv")]
        assert at_once(2, lambda each: pairs.ingest(files[each])) == [None, None]  # noqa: B023
        assert len(started(pairs)) == number + 1


def test_a_rule_that_cannot_start_is_recorded_and_lets_the_others_start(world: World) -> None:
    takes = interface({"file": "file"})
    world.configure(
        [
            job_type("broken", takes, trigger_rule=trigger_rule()),
            job_type("sound", takes, trigger_rule=trigger_rule()),
        ]
    )
    configure_rule(world, "broken", {"data": {"input_data_name": "file", "workspace_name": "gone"}})
    file = arrive(world, "a.tif")
    assert started(world) == [{"file": file.id}]
    assert problems(world) == ["There is no workspace 'gone'. Check the id or name and try again."]


@pytest.mark.parametrize("configuration", [{}, {"version": "9"}, {"data": 7}])
def test_a_rule_that_cannot_be_read_is_recorded_too(
    world: World, configuration: dict[str, Any]
) -> None:
    reader = job_type("reader", interface({"file": "file"}), trigger_rule=trigger_rule())
    world.configure([reader])
    configure_rule(world, "reader", configuration)
    arrive(world, "a.tif")
    assert started(world) == []
    assert len(problems(world)) == 1


def test_a_group_whose_start_failed_starts_with_the_next_of_its_files(pairs: World) -> None:
    with pairs.database.transaction() as tx:
        reader = tx.job_types.find("reader", "1.0")
        assert reader is not None
        tx.job_types.update(reader.id, {"name": "renamed"})
    image, table = arrive(pairs, "a.png"), arrive(pairs, "a.csv")
    assert started(pairs) == []
    assert "does not exist" in problems(pairs)[0]
    with pairs.database.transaction() as tx:
        tx.job_types.update(reader.id, {"name": "reader"})
    pairs.ingest(table)
    assert started(pairs) == [{"image": image.id, "table": table.id}]


def test_an_older_generation_that_comes_late_takes_no_place_from_the_newer(pairs: World) -> None:
    older, newer = (pairs.source("a.png", folder=each) for each in ("older", "newer"))
    pairs.ingest(newer)
    pairs.ingest(older)
    table = arrive(pairs, "a.csv")
    assert started(pairs) == [{"image": newer.id, "table": table.id}]


def test_a_group_that_waited_too_long_is_reported_once_with_what_is_missing(world: World) -> None:
    configure_pairs(world, pair_rule(timeout="PT1H"))
    arrive(world, "a.png")
    assert world.catalogue.triggers.report_overdue() == 0
    let_two_hours_pass(world)
    assert [world.catalogue.triggers.report_overdue() for _ in range(2)] == [1, 0]
    (problem,) = problems(world)
    assert "nothing came for 'table'" in problem
    (group,) = world.catalogue.queries.triggers.groups(PageRequest()).rows
    assert (group.missing, group.is_waiting) == (("table",), True)
    assert group.reported is not None


def test_a_group_that_was_complete_is_not_reported(world: World) -> None:
    configure_pairs(world, pair_rule(timeout="PT1H"))
    for name in ("a.png", "a.csv"):
        arrive(world, name)
    let_two_hours_pass(world)
    assert world.catalogue.triggers.report_overdue() == 0


def test_a_rule_whose_target_is_archived_is_reported_and_starts_nothing(world: World) -> None:
    reader = job_type("reader", interface({"file": "file"}), trigger_rule=trigger_rule())
    world.configure([reader])
    with world.database.transaction() as tx:
        found = tx.job_types.find("reader", "1.0")
        assert found is not None
        tx.job_types.update(found.id, {"is_active": False})
    arrive(world, "a.tif")
    assert started(world) == []
    assert "is archived" in problems(world)[0]
    (rule,) = world.catalogue.queries.triggers.rules(PageRequest(), RuleFilter(["INGEST"])).rows
    assert rule.problem == "It starts nothing, for the job type 'reader' version '1.0' is archived."


def test_a_fault_of_ours_in_a_rule_fails_no_ingest(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: object) -> None:
        raise KeyError("broken")

    reader = job_type("reader", interface({"file": "file"}), trigger_rule=trigger_rule())
    world.configure([reader])
    monkeypatch.setattr("catalog.services.triggers.start_targets", break_down)
    arrive(world, "a.tif")
    assert "KeyError('broken')" in problems(world)[0]


def configure_rule(world: World, target: str, configuration: dict[str, Any]) -> None:
    """Write a rule as an older version, or another hand, might have left it."""
    with world.database.engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE trigger_rule SET configuration = CAST(:document AS jsonb) WHERE id ="
                " (SELECT trigger_rule_id FROM job_type WHERE name = :name)"
            ),
            {"document": json.dumps(configuration), "name": target},
        )
