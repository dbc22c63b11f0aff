"""What ingested files start: the recipe is made in the transaction of the ingest."""

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.catalogue import Catalogue
from catalog.states import IngestStatus
from catalog.tables import Outbox, Recipe, TriggerEvent
from examples.scenes import generate_scene, write_scene
from strike.settings import StrikeSettings
from tests.strike.bench import StrikeBench, rule
from tests.support.scenes import load_example


def test_the_files_of_a_scene_start_its_recipe_once(catalogue: Catalogue, tmp_path: Path) -> None:
    load_example(catalogue, tmp_path)
    bench = StrikeBench(
        catalogue,
        tmp_path / "strike",
        "strike",
        StrikeSettings(stability=0.0),
        workspace="raw",
        rules=[rule(".*", "scenes", "raw", "scene")],
    )
    bench.inbox.mkdir(parents=True)
    write_scene(bench.inbox, generate_scene(1, size=96, points=4, name="scene-1"))

    bench.settle()
    bench.close()

    assert bench.statuses() == {IngestStatus.INGESTED: 2}
    with Session(catalogue.database.engine) as session:
        assert len(session.scalars(select(Recipe)).all()) == 1
        assert len(session.scalars(select(Outbox)).all()) == 1
        events = session.scalars(select(TriggerEvent.type)).all()
    assert "INGEST" in events
