"""A DAG stays at the revision that a run waits for, and moves on when the run was made."""

import copy
from pathlib import Path
from typing import Any

from catalog.catalogue import Catalogue
from tests.support.scenes import arrive_scene, configuration, load_example

DAG_ID = "recipe.geotiff-points.1.0.0"


def test_a_dag_stays_at_the_revision_a_run_waits_for(catalogue: Catalogue, tmp_path: Path) -> None:
    load_example(catalogue, tmp_path)
    arrive_scene(catalogue, tmp_path / "scenes")
    edit(catalogue, "second_detector")
    assert revision(catalogue) == 1


def test_a_dag_moves_on_when_the_run_was_made(catalogue: Catalogue, tmp_path: Path) -> None:
    load_example(catalogue, tmp_path)
    arrive_scene(catalogue, tmp_path / "scenes")
    edit(catalogue, "second_detector")
    held_back = catalogue.definitions.current_version()
    dispatch(catalogue)
    assert catalogue.definitions.current_version() != held_back
    assert revision(catalogue) == 2


def test_a_dag_goes_back_to_a_revision_that_airflow_never_saw(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    load_example(catalogue, tmp_path)
    edit(catalogue, "second_detector")
    arrive_scene(catalogue, tmp_path / "scenes")
    edit(catalogue, "third_detector")
    assert revision(catalogue) == 2
    dispatch(catalogue)
    assert revision(catalogue) == 3


def test_a_dag_that_nobody_waits_for_is_at_its_newest_revision(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    load_example(catalogue, tmp_path)
    edit(catalogue, "second_detector")
    assert revision(catalogue) == 2


def test_a_run_that_could_not_be_made_for_minutes_holds_nobody_up(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    load_example(catalogue, tmp_path)
    arrive_scene(catalogue, tmp_path / "scenes")
    with catalogue.database.transaction() as tx:
        (waiting,) = tx.outbox.claim(limit=10)
        for _ in range(20):
            tx.outbox.postpone(waiting.id, 0.0, "Airflow refused the run.")
    edit(catalogue, "second_detector")
    assert revision(catalogue) == 2


def edit(catalogue: Catalogue, job_name: str) -> None:
    """Add a job of this name to the example's recipe: a new revision."""
    document: Any = copy.deepcopy(configuration())
    jobs = document["recipe_types"][0]["definition"]["jobs"]
    jobs.append({**jobs[1], "name": job_name})
    catalogue.configuration.import_document(document)


def dispatch(catalogue: Catalogue) -> None:
    """Note every run as made, as the dispatcher does."""
    with catalogue.database.transaction() as tx:
        for wanted in tx.outbox.claim(limit=10):
            tx.outbox.dispatched(wanted.id)
            tx.definitions.release()


def revision(catalogue: Catalogue) -> int:
    """Return the revision at which the bundle has the example's DAG."""
    version = catalogue.definitions.current_version()
    shards = catalogue.definitions.files_of(version).values()
    (found,) = [
        dag["revision_num"]
        for shard in shards
        for dag in shard.content.get("dags", ())
        if dag["dag_id"] == DAG_ID
    ]
    return int(found)
