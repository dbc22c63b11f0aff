"""Jobs queued on their own: what they are given, and what they need."""

import pytest

from catalog.errors import InvalidError, NotFoundError
from catalog.records.files import FileRecord
from catalog.states import EventType
from catalog.tables import Job
from tests.support.catalogues import World, interface, job_type

MIB = 1024 * 1024


def test_a_job_asks_for_one_run_with_its_id(world: World) -> None:
    world.configure([job_type("a type")])
    job = world.queue_job("a type")
    with world.database.transaction() as tx:
        (wanted,) = tx.outbox.claim(10)
        event = tx.events.get(job.event_id)
    assert (wanted.dag_id, wanted.run_id) == ("job.a..20type.1.0", f"job-{job.id}")
    assert (wanted.revision_num, wanted.conf) == (None, {"jobs": {"job": job.id}})
    assert (event.type, event.description) == (EventType.USER, {"user": "tester"})


def test_a_plan_has_what_the_job_was_given(world: World) -> None:
    inputs = {"scene": "file", "tiles": "files", "mode": "property", "absent": "property"}
    world.configure([job_type("reader", interface(inputs, {"out": "file"}, optional=["absent"]))])
    scene, one, two = (world.source(f"{name}.tif") for name in ("scene", "one", "two"))
    job = world.queue_job("reader", {"scene": scene, "tiles": [two, one], "mode": " a 'b' "})
    plan = world.begin(job.id)
    assert plan.properties == {"mode": " a 'b' "}
    assert [each.file_id for each in plan.files["scene"]] == [scene.id]
    assert [each.file_id for each in plan.files["tiles"]] == [two.id, one.id]
    assert plan.files["scene"][0].path == world.home / "raw" / "in" / "scene.tif"
    assert plan.outputs["out"].broker.local("a") == world.home / "products" / "a"


@pytest.mark.parametrize(
    ("size", "multiplier", "constant", "expected"),
    [
        (0, 2.0, 16.0, (0, 16)),
        (1, 2.0, 16.0, (1, 18)),
        (MIB + 1, 1.5, 0.25, (2, 4)),
    ],
)
def test_disk_follows_from_the_size_of_the_input(
    world: World, size: int, multiplier: float, constant: float, expected: tuple[float, float]
) -> None:
    settings = {"disk_out_mult_required": multiplier, "disk_out_const_required": constant}
    world.configure([job_type("reader", interface({"file": "file"}), **settings)])
    job = world.queue_job("reader", {"file": world.source("a.tif", file_size=size)})
    (execution,) = world.executions(job.id)
    assert (job.disk_in_required, job.disk_out_required) == expected
    assert (execution.disk_in_scheduled, execution.disk_out_scheduled) == expected


def test_a_job_has_at_least_a_quarter_of_a_cpu_and_128_mib(world: World) -> None:
    world.configure([job_type("small", cpus_required=0.0, mem_required=1.0)])
    job = world.queue_job("small")
    assert (job.cpus_required, job.mem_required) == (0.25, 128.0)


def test_a_job_takes_priority_timeout_and_tries_from_its_type(world: World) -> None:
    world.configure([job_type("step", priority=7, timeout=11, max_tries=2)])
    job = world.queue_job("step")
    assert (job.priority, job.timeout, job.max_tries) == (7, 11, 2)


@pytest.fixture
def source(world: World) -> FileRecord:
    """Return a source, in a world where the type ``reader`` takes one TIFF."""
    only_tiff = interface({"file": "file"}, media_types={"file": ["image/tiff"]})
    world.configure([job_type("reader", only_tiff)])
    return world.source("a.tif")


def test_a_job_without_a_required_input_is_refused(world: World, source: FileRecord) -> None:
    del source
    with pytest.raises(InvalidError, match='required input "file" is not given'):
        world.queue_job("reader", {})
    assert world.count(Job) == 0


def test_a_list_where_one_file_is_taken_is_refused(world: World, source: FileRecord) -> None:
    with pytest.raises(InvalidError, match="one file"):
        world.queue_job("reader", {"file": [source]})


def test_a_file_of_another_media_type_is_refused(world: World, source: FileRecord) -> None:
    del source
    with pytest.raises(InvalidError, match=r"accepts image/tiff, but file .* is text/plain"):
        world.queue_job("reader", {"file": world.source("a.txt")})


def test_a_file_that_was_deleted_is_refused(world: World, source: FileRecord) -> None:
    with world.database.transaction() as tx:
        tx.files.update(source.id, {"is_deleted": True})
    with pytest.raises(InvalidError, match="does not exist or was deleted"):
        world.queue_job("reader", {"file": source})


def test_a_file_or_a_type_that_does_not_exist_is_refused(world: World, source: FileRecord) -> None:
    data = {"input_data": [{"name": "file", "file_id": source.id + 1}]}
    with world.database.transaction() as tx:
        reader = tx.job_types.find("reader", "1.0")
    assert reader is not None
    with pytest.raises(InvalidError, match="does not exist or was deleted"):
        world.catalogue.queue.new_job(reader.id, data, "tester")
    with pytest.raises(NotFoundError):
        world.catalogue.queue.new_job(99, data, "tester")


def test_a_system_type_is_not_queued_by_hand(world: World) -> None:
    with pytest.raises(InvalidError, match="system type"):
        world.queue_job("scale-strike")
