"""Recipes: their jobs are made at once, fed by their parents, and end together."""

import pytest

from catalog.errors import InvalidError
from catalog.states import JobStatus
from catalog.tables import Job, Outbox, Recipe
from tests.support.catalogues import (
    World,
    at_once,
    interface,
    job_type,
    recipe_job,
    recipe_type,
)


@pytest.fixture
def diamond(world: World) -> World:
    """Return a world with the recipe type ``diamond``: a, then b and c, then d."""
    made = interface({"file": "file", "other": "file"}, {"out": "file"}, optional=["file", "other"])
    world.configure(
        [job_type("step", made)],
        [
            recipe_type(
                "diamond",
                {
                    "a": recipe_job("step", {"file": "scene"}),
                    "b": recipe_job("step", parents={"a": {"file": "out"}}),
                    "c": recipe_job("step", parents={"a": {"file": "out"}}),
                    "d": recipe_job("step", parents={"b": {"file": "out"}, "c": {"other": "out"}}),
                },
                {"scene": "file"},
            )
        ],
    )
    return world


def test_a_recipe_has_all_its_jobs_from_the_start(diamond: World) -> None:
    recipe = diamond.queue_recipe("diamond", {"scene": diamond.source("a.tif")})
    assert diamond.statuses(recipe) == {
        "a": JobStatus.QUEUED,
        "b": JobStatus.PENDING,
        "c": JobStatus.PENDING,
        "d": JobStatus.PENDING,
    }
    jobs = {name: job.id for name, job in diamond.jobs(recipe).items()}
    assert diamond.runs() == [{"recipe_id": recipe.id, "jobs": jobs}]


def test_children_are_queued_when_all_their_parents_have_completed(diamond: World) -> None:
    recipe = diamond.queue_recipe("diamond", {"scene": diamond.source("a.tif")})
    ids = {name: job.id for name, job in diamond.jobs(recipe).items()}
    diamond.run(ids["a"], out=["a.tif"])
    diamond.run(ids["b"], out=["b.tif"])
    assert diamond.statuses(recipe)["d"] is JobStatus.PENDING
    diamond.run(ids["c"], out=["c.tif"])
    assert diamond.statuses(recipe)["d"] is JobStatus.QUEUED
    plan = diamond.begin(ids["d"])
    assert {name: files[0].file_name for name, files in plan.files.items()} == {
        "file": "b.tif",
        "other": "c.tif",
    }


def test_a_recipe_is_complete_when_its_last_job_is(diamond: World) -> None:
    recipe = diamond.queue_recipe("diamond", {"scene": diamond.source("a.tif")})
    ids = {name: job.id for name, job in diamond.jobs(recipe).items()}
    for name in "abc":
        diamond.run(ids[name], out=[f"{name}.tif"])
        assert diamond.recipe(recipe.id).completed is None
    diamond.run(ids["d"], out=["d.tif"])
    assert diamond.recipe(recipe.id).completed is not None


def test_parents_that_complete_at_once_queue_their_child_once(diamond: World) -> None:
    recipe = diamond.queue_recipe("diamond", {"scene": diamond.source("a.tif")})
    ids = {name: job.id for name, job in diamond.jobs(recipe).items()}
    diamond.run(ids["a"], out=["a.tif"])
    outcomes = at_once(2, lambda number: diamond.run(ids["bc"[number]], out=[f"{number}.tif"]))
    assert outcomes == [None, None]
    assert diamond.jobs(recipe)["d"].num_exes == 1


def test_a_failure_blocks_everything_that_waits_for_it(diamond: World) -> None:
    recipe = diamond.queue_recipe("diamond", {"scene": diamond.source("a.tif")})
    ids = {name: job.id for name, job in diamond.jobs(recipe).items()}
    diamond.run(ids["a"], out=["a.tif"])
    diamond.fail(ids["b"])
    assert diamond.statuses(recipe) == {
        "a": JobStatus.COMPLETED,
        "b": JobStatus.FAILED,
        "c": JobStatus.QUEUED,
        "d": JobStatus.BLOCKED,
    }
    diamond.run(ids["c"], out=["c.tif"])
    assert diamond.statuses(recipe)["d"] is JobStatus.BLOCKED
    assert diamond.recipe(recipe.id).completed is None


def test_a_cancellation_blocks_everything_that_waits_for_it(diamond: World) -> None:
    recipe = diamond.queue_recipe("diamond", {"scene": diamond.source("a.tif")})
    diamond.catalogue.executions.cancel(diamond.jobs(recipe)["a"].id, "-")
    assert set(diamond.statuses(recipe).values()) == {JobStatus.CANCELED, JobStatus.BLOCKED}


def test_a_deleted_recipe_input_fails_the_job_it_feeds_and_not_the_one_before(
    world: World,
) -> None:
    reading = interface({"file": "file", "more": "file"}, {"out": "file"}, optional=["more"])
    world.configure(
        [job_type("step", reading)],
        [
            recipe_type(
                "two",
                {
                    "a": recipe_job("step", {"file": "scene"}),
                    "b": recipe_job("step", {"more": "later"}, {"a": {"file": "out"}}),
                },
                {"scene": "file", "later": "file"},
            )
        ],
    )
    later = world.source("later.tif")
    recipe = world.queue_recipe("two", {"scene": world.source("a.tif"), "later": later})
    with world.database.transaction() as tx:
        tx.files.update(later.id, {"is_deleted": True})
    jobs = world.jobs(recipe)
    world.run(jobs["a"].id, out=["a.tif"])
    assert world.statuses(recipe)["b"] is JobStatus.QUEUED
    world.catalogue.executions.begin(jobs["b"].id, "host")
    assert world.statuses(recipe) == {"a": JobStatus.COMPLETED, "b": JobStatus.FAILED}


def test_an_optional_output_that_was_not_produced_leaves_its_input_out(world: World) -> None:
    making = interface(outputs={"out": "file", "extra": "file"}, optional=["extra"])
    reading = interface({"file": "file", "extra": "file"}, optional=["extra"])
    world.configure(
        [job_type("maker", making), job_type("reader", reading)],
        [
            recipe_type(
                "two",
                {
                    "make": recipe_job("maker"),
                    "read": recipe_job(
                        "reader", parents={"make": {"file": "out", "extra": "extra"}}
                    ),
                },
            )
        ],
    )
    recipe = world.queue_recipe("two")
    jobs = world.jobs(recipe)
    world.run(jobs["make"].id, out=["a.tif"])
    assert set(world.begin(jobs["read"].id).files) == {"file"}


def test_a_list_of_outputs_becomes_a_list_of_inputs_in_its_order(world: World) -> None:
    world.configure(
        [
            job_type("maker", interface(outputs={"out": "files"})),
            job_type("reader", interface({"in": "files"})),
        ],
        [
            recipe_type(
                "two",
                {
                    "make": recipe_job("maker"),
                    "read": recipe_job("reader", parents={"make": {"in": "out"}}),
                },
            )
        ],
    )
    recipe = world.queue_recipe("two")
    jobs = world.jobs(recipe)
    world.run(jobs["make"].id, out=["c.tif", "a.tif", "b.tif"])
    plan = world.begin(jobs["read"].id)
    assert [each.file_name for each in plan.files["in"]] == ["c.tif", "a.tif", "b.tif"]


def test_a_recipe_without_jobs_is_complete_at_once_and_needs_no_run(world: World) -> None:
    world.configure(recipe_types=[recipe_type("empty", {})])
    recipe = world.queue_recipe("empty")
    assert recipe.completed is not None
    assert world.runs() == []


def test_a_recipe_keeps_the_revisions_it_was_made_with(diamond: World) -> None:
    recipe = diamond.queue_recipe("diamond", {"scene": diamond.source("a.tif")})
    old = diamond.begin(diamond.jobs(recipe)["a"].id)
    edited = interface(
        {"file": "file", "other": "file", "new": "property"},
        {"out": "file"},
        optional=["file", "other", "new"],
    )
    diamond.configure([job_type("step", edited)])
    assert diamond.begin(diamond.jobs(recipe)["a"].id).interface == old.interface
    second = diamond.queue_recipe("diamond", {"scene": diamond.source("b.tif")})
    assert len(diamond.begin(diamond.jobs(second)["a"].id).interface.inputs) == 3


@pytest.mark.parametrize("given", [{}, {"scene": "a text"}])
def test_data_that_does_not_fit_a_recipe_makes_nothing(
    diamond: World, given: dict[str, str]
) -> None:
    with pytest.raises(InvalidError, match="scene"):
        diamond.queue_recipe("diamond", given)
    assert diamond.count(Recipe) == diamond.count(Job) == diamond.count(Outbox) == 0
