"""Products: where they stand, what identifies them, and what they come from."""

from datetime import UTC, datetime
from typing import Any

import pytest

from catalog.records.execution import ExecutionPlan
from catalog.records.files import FileRecord
from catalog.tables import TriggerEvent
from schemas.results_manifest import GeoMetadata, ParseResult
from tests.support.catalogues import (
    World,
    at_once,
    interface,
    job_type,
    recipe_job,
    recipe_type,
    results,
    trigger_rule,
)

POINT = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [1, 2]}, "properties": {}}


def complete(world: World, plan: ExecutionPlan, **given: Any) -> None:
    world.catalogue.executions.complete(plan.job_exe_id, results(plan, **given))


@pytest.fixture
def maker(world: World) -> World:
    """Return a world with the job type ``maker``: optional file and mode to one file."""
    made = interface(
        {"file": "file", "mode": "property"}, {"out": "file"}, optional=["file", "mode"]
    )
    world.configure([job_type("maker", made)])
    return world


def make(world: World, name: str = "a.tif", **inputs: str | FileRecord) -> FileRecord:
    """Run a ``maker`` and return its product."""
    world.run(world.queue_job("maker", inputs).id, out=[name])
    return world.products()[-1]


def test_a_product_of_a_source_without_time_stands_under_the_day_it_was_queued(
    maker: World,
) -> None:
    job = maker.queue_job("maker", {"file": maker.source("a.tif")})
    plan = maker.begin(job.id)
    day = maker.executions(job.id)[0].queued.astimezone(UTC)
    assert plan.outputs["out"].directory == (
        f"jobs/maker/1.0/unknown_source_data_time/{day:%Y/%m/%d}/job_exe_{plan.job_exe_id}"
    )


def test_a_product_stands_under_the_day_of_its_earliest_source(maker: World) -> None:
    early = datetime(2015, 5, 3, 23, 30, tzinfo=UTC)
    source = maker.source("a.tif", data_started=early)
    plan = maker.begin(maker.queue_job("maker", {"file": source}).id)
    assert plan.outputs["out"].directory == f"jobs/maker/1.0/2015/05/03/job_exe_{plan.job_exe_id}"


def test_a_product_of_a_recipe_stands_under_the_recipe(maker: World) -> None:
    maker.configure(
        recipe_types=[
            recipe_type("re/cipe", {"a": recipe_job("maker", {"file": "scene"})}, {"scene": "file"})
        ]
    )
    started = datetime(2015, 1, 2, tzinfo=UTC)
    recipe = maker.queue_recipe("re/cipe", {"scene": maker.source("a.tif", data_started=started)})
    plan = maker.begin(maker.jobs(recipe)["a"].id)
    assert plan.outputs["out"].directory == (
        f"recipes/re_cipe/1.0/jobs/maker/1.0/2015/01/02/job_exe_{plan.job_exe_id}"
    )


def test_names_of_types_make_no_directories_and_lead_nowhere(world: World) -> None:
    world.configure([job_type("..", interface(outputs={"out": "file"}))])
    plan = world.begin(world.queue_job("..").id)
    assert plan.outputs["out"].directory.startswith("jobs/__/1.0/")


def test_products_are_published_with_what_the_job_said_of_them(maker: World) -> None:
    job = maker.queue_job("maker")
    plan = maker.begin(job.id)
    started = datetime(2015, 5, 3, tzinfo=UTC)
    complete(
        maker, plan, outputs={"out": ["a.tif"]}, geo_metadata=GeoMetadata(started, started, POINT)
    )
    (product,) = maker.products()
    assert product.is_published
    assert (product.job_id, product.job_exe_id, product.output_name) == (
        job.id, plan.job_exe_id, "out"
    )  # fmt: skip
    assert (product.geometry, product.data_started) == ("POINT (1 2)", started)
    assert maker.job(job.id).results["output_data"] == [{"name": "out", "file_id": product.id}]


def test_a_later_run_of_the_same_supersedes_the_product(maker: World) -> None:
    source = maker.source("a.tif")
    first, second = (make(maker, file=source, mode="x") for _ in range(2))
    assert first.uuid == second.uuid
    old, new = maker.products()
    assert (old.is_published, new.is_published) == (False, True)
    assert old.unpublished is not None


@pytest.mark.parametrize("other", [{"mode": "y"}, {"name": "b.tif"}])
def test_another_property_or_file_name_is_another_product(
    maker: World, other: dict[str, str]
) -> None:
    first = make(maker, mode="x")
    second = make(maker, **{"mode": "x", **other})
    assert first.uuid != second.uuid
    assert all(each.is_published for each in maker.products())


def test_another_source_is_another_product(maker: World) -> None:
    one, other = (make(maker, file=maker.source(f"{name}.tif")) for name in "ab")
    assert one.uuid != other.uuid


def test_of_runs_that_end_at_once_one_product_stays_published(maker: World) -> None:
    plans = [maker.begin(maker.queue_job("maker").id) for _ in range(4)]
    at_once(4, lambda number: complete(maker, plans[number], outputs={"out": ["a.tif"]}))
    products = maker.products()
    assert len(products) == 4
    assert sum(each.is_published for each in products) == 1


def test_ancestry_reaches_the_sources_over_two_generations(maker: World) -> None:
    source = maker.source("a.tif")
    child = make(maker, file=source)
    grandchild = make(maker, "b.tif", file=child)
    with maker.database.transaction() as tx:
        assert [each.id for each in tx.files.sources_of([grandchild.id])] == [source.id]
        assert [each.id for each in tx.files.sources_of([child.id])] == [source.id]


def test_the_time_of_a_source_dates_the_products_of_its_products(maker: World) -> None:
    source = maker.source("a.tif", data_started=datetime(2001, 2, 3, tzinfo=UTC))
    child = make(maker, file=source)
    grandchild = make(maker, "b.tif", file=child)
    assert "/2001/02/03/" in grandchild.file_path


def test_a_product_is_operational_if_its_type_and_its_input_products_are(maker: World) -> None:
    maker.configure([job_type("trial", interface(outputs={"out": "file"}), is_operational=False)])
    maker.run(maker.queue_job("trial").id, out=["t.tif"])
    trial = maker.products()[-1]
    assert not trial.is_operational
    assert not make(maker, file=trial).is_operational
    assert make(maker).is_operational


def test_parse_results_describe_the_source_of_their_name(maker: World) -> None:
    source = maker.source("a.tif", data_type=["old"])
    plan = maker.begin(maker.queue_job("maker", {"file": source}).id)
    started = datetime(2015, 5, 3, tzinfo=UTC)
    parsed = [
        ParseResult("a.tif", data_types=("new", "old"), geo_metadata=GeoMetadata(started)),
        ParseResult("a.tif", geo_metadata=GeoMetadata(geo_json={**POINT, "properties": {"c": 1}})),
        ParseResult("another.tif", data_types=("x",)),
    ]
    complete(maker, plan, outputs={"out": ["b.tif"]}, parse_results=parsed)
    with maker.database.transaction() as tx:
        found = tx.files.get(source.id)
    assert found.is_parsed
    assert found.parsed is not None
    assert found.data_type == ["old", "new"]
    assert found.data_started == started
    assert (found.geometry, found.meta_data) == ("POINT (1 2)", {"c": 1})


def test_a_parse_result_of_no_source_that_was_given_is_dropped_with_a_line_in_the_log(
    maker: World, caplog: pytest.LogCaptureFixture
) -> None:
    source = maker.source("a.tif")
    plan = maker.begin(maker.queue_job("maker", {"file": source}).id)
    complete(maker, plan, outputs={"out": ["b.tif"]}, parse_results=[ParseResult("c.tif")])
    assert "parse result of 'c.tif' is dropped" in caplog.text


def test_what_a_parse_result_does_not_say_is_left_as_it_is(maker: World) -> None:
    source = maker.source("a.tif", geometry="POINT (5 5)", meta_data={"kept": 1})
    plan = maker.begin(maker.queue_job("maker", {"file": source}).id)
    complete(maker, plan, outputs={"out": ["b.tif"]}, parse_results=[ParseResult("a.tif")])
    with maker.database.transaction() as tx:
        found = tx.files.get(source.id)
    assert (found.geometry, found.meta_data) == ("POINT (5 5)", {"kept": 1})


def test_parse_rules_fire_once_for_a_source_given_twice(maker: World) -> None:
    both = interface({"one": "file", "two": "file"})
    maker.configure(
        [
            job_type("parser", both),
            job_type("follower", interface({"file": "file"}), trigger_rule=trigger_rule("PARSE")),
        ]
    )
    source = maker.source("a.tif")
    plan = maker.begin(maker.queue_job("parser", {"one": source, "two": source}).id)
    before = maker.count(TriggerEvent)
    complete(maker, plan, parse_results=[ParseResult("a.tif"), ParseResult("a.tif")])
    assert maker.count(TriggerEvent) == before + 1
    follower = maker.all_jobs()[-1]
    assert follower.data["input_data"] == [{"name": "file", "file_id": source.id}]


def test_parse_rules_see_the_data_types_of_the_parse(maker: World) -> None:
    rule = trigger_rule(
        "PARSE",
        version="1.0",
        condition={"data_types": ["cloudless"]},
        data={"input_data_name": "file", "workspace_name": "products"},
    )
    maker.configure([job_type("follower", interface({"file": "file"}), trigger_rule=rule)])
    for types, expected in ((("cloudy",), 1), (("cloudless",), 3)):
        source = maker.source(f"{expected}.tif")
        plan = maker.begin(maker.queue_job("maker", {"file": source}).id)
        parsed = [ParseResult(source.file_name, data_types=types)]
        complete(maker, plan, outputs={"out": ["b.tif"]}, parse_results=parsed)
        assert len(maker.all_jobs()) == expected


def test_products_are_not_sources_to_parse(maker: World) -> None:
    product = make(maker)
    plan = maker.begin(maker.queue_job("maker", {"file": product}).id)
    complete(maker, plan, outputs={"out": ["b.tif"]}, parse_results=[ParseResult("a.tif")])
    assert not any(each.is_parsed for each in maker.products())
