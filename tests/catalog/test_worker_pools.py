"""The pools that job types need whose jobs start in a worker."""

from catalog.queries.export import ExportFilter
from catalog.services.worker_pools import ANY_NUMBER
from schemas.job_interface import Start
from tests.support.catalogues import World, interface, job_type


def started(start: str) -> dict[str, object]:
    """Return an interface that says where its jobs start."""
    return {**interface(), "start": start}


def test_a_pool_has_the_slots_of_max_scheduled_and_none_while_paused(world: World) -> None:
    world.configure(
        [
            job_type("any", started("worker")),
            job_type("two", started("worker"), max_scheduled=2),
            job_type("held", started("worker"), max_scheduled=2, is_paused=True),
            job_type("elsewhere", started("triggerer"), max_scheduled=2),
            job_type("unsaid"),
        ]
    )
    pools = world.catalogue.worker_pools
    said = {"job.any.1.0": ANY_NUMBER, "job.two.1.0": 2, "job.held.1.0": 0}
    assert pools.wanted(Start.TRIGGERER) == said
    assert pools.wanted(Start.WORKER) == said | {"job.unsaid.1.0": ANY_NUMBER}
    with world.database.transaction() as tx:
        tx.scheduler.pause(is_paused=True)
    assert set(pools.wanted(Start.TRIGGERER).values()) == {0}
    with world.database.transaction() as tx:
        tx.scheduler.pause(is_paused=False)
    assert pools.wanted(Start.TRIGGERER) == said


def test_where_jobs_start_is_exported_and_imported(world: World) -> None:
    world.configure([job_type("mine", started("worker"))])
    exported = world.catalogue.queries.export.document(ExportFilter())
    (mine,) = [each for each in exported["job_types"] if each["name"] == "mine"]
    assert mine["interface"]["start"] == "worker"
    world.configure([mine])
    with world.database.transaction() as tx:
        found = tx.job_types.find("mine", "1.0")
    assert found is not None
    assert (found.interface["start"], found.revision_num) == ("worker", 1)
