"""The scan DAG: its task runs the scan that the run is for."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from catalog.catalogue import Catalogue
from catalog.database import URL_VARIABLE
from catalog.services.scans import DAG_ID
from catalog.states import ScanStatus
from tests.support.catalogues import World

pytestmark = pytest.mark.airflow


@pytest.fixture
def world(
    catalogue: Catalogue, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> World:
    """Return the catalogue that the task opens."""
    monkeypatch.setenv(URL_VARIABLE, database_url)
    return World.over(catalogue, tmp_path)


def execute(scan_id: int) -> None:
    from dags.scan import dag  # noqa: PLC0415 - Airflow takes seconds to import

    assert dag.dag_id == DAG_ID
    (task,) = dag.tasks
    task.execute({"dag_run": SimpleNamespace(conf={"scan_id": scan_id})})


def test_its_task_does_what_was_asked_for(world: World) -> None:
    (world.home / "raw").mkdir()
    (world.home / "raw" / "a.tif").write_bytes(b"pixels")
    scan = world.catalogue.scans.create("all", {"workspace_name": "raw"})
    world.catalogue.scans.process(scan.id, ingest=True)

    execute(scan.id)

    done = world.catalogue.queries.scans.one(scan.id)
    assert (done.status, done.registered) == (ScanStatus.INGESTED, 1)


def test_its_task_fails_with_the_reason_where_it_cannot_look(world: World) -> None:
    scan = world.catalogue.scans.create(
        "gone", {"workspace_name": "raw", "directory": "/no/such/directory"}
    )

    with pytest.raises(RuntimeError, match="/no/such/directory"):
        execute(scan.id)
