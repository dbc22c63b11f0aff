"""A catalogue with one of everything, in every state, for tests of what is shown of it."""

from pathlib import Path
from typing import Final

from sqlalchemy import insert, select, update

from catalog.catalogue import Catalogue
from catalog.records.execution import NodeResources, Resources, Watched
from catalog.states import IngestStatus, JobStatus
from catalog.tables import Ingest, Job
from tests.support.processing import (
    HOST,
    begin_next,
    counted,
    fail_next,
    ingested,
    move_fails,
    processed_scene,
    scene_arrives,
)

UNKNOWN_FILE: Final = "in/unknown.tif"  # in the workspace `raw`, and no source


def fill(catalogue: Catalogue, home: Path) -> None:
    """Put a scene that was processed, one that failed, one that runs and one that waits into it.

    Parameters
    ----------
    home
        Where the workspaces keep their files; it has to stay.
    """
    processed_scene(catalogue, home)
    ingest_id = ingested(catalogue, 1)
    _hold_back(catalogue, ingest_id)
    scene_arrives(catalogue, home, "failing")
    failed = fail_next(catalogue, "unknown")
    while _status(catalogue, failed) == JobStatus.QUEUED:
        fail_next(catalogue, "unknown")
    scene_arrives(catalogue, home, "running")
    begin_next(catalogue)
    resources = Resources(16.0, 63305.0, 131485.0)
    catalogue.executions.watch(HOST, Watched(), NodeResources(resources, resources))
    scene_arrives(catalogue, home, "waiting")
    _stand_unknown(catalogue, home)
    move_fails(catalogue, 1)
    counted(catalogue)


def _stand_unknown(catalogue: Catalogue, home: Path) -> None:
    """Put a file into the workspace ``raw`` that the catalogue does not know, and a scan of it."""
    place = home / "workspaces" / "raw" / UNKNOWN_FILE
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(b"pixels")
    catalogue.scans.create("all", {"workspace_name": "raw"})


def _status(catalogue: Catalogue, job_id: int) -> JobStatus:
    with catalogue.database.reading() as connection:
        return connection.execute(select(Job.status).where(Job.id == job_id)).scalar_one()


def _hold_back(catalogue: Catalogue, ingest_id: int) -> None:
    """Add an ingest that was deferred, of which nothing is known but its name."""
    with catalogue.database.engine.begin() as connection:
        whole = (
            connection.execute(select(Ingest.__table__).where(Ingest.id == ingest_id))
            .mappings()
            .one()
        )
        kept = {k: v for k, v in whole.items() if k != "id"}
        connection.execute(
            insert(Ingest).values(
                kept | {"file_name": "x.unknown", "file_path": None, "source_file_id": None}
            )
        )
        connection.execute(
            update(Ingest)
            .where(Ingest.file_name == "x.unknown")
            .values(
                status=IngestStatus.DEFERRED,
                ingest_started=None,
                ingest_ended=None,
                transfer_ended=None,
                ingest_path=None,
            )
        )
