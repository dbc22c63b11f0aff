"""A recipe run to its end by the runner, with real processes and a real catalogue."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.brokers import broker_of
from catalog.catalogue import Catalogue
from catalog.records.files import FileRecord
from catalog.states import FileKind, JobStatus
from catalog.tables import Job, JobExecution, Outbox, ScaleFile
from dag_factory.runner import JobRunner
from tests.support.scenes import arrive_scene, load_example


@pytest.fixture
def algorithms(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the example's algorithms where the process runtime looks."""
    folder = Path(__file__).parents[2] / "examples" / "algorithms"
    monkeypatch.setenv("AIRSCALE_ALGORITHM_PATH", str(folder))
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)


@pytest.mark.usefixtures("algorithms")
async def test_a_complete_scene_ends_as_published_products(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    load_example(catalogue, tmp_path)
    truth = arrive_scene(catalogue, tmp_path / "scenes")
    runner = JobRunner(catalogue.executions, tmp_path / "executions", slots=2)

    (conf,) = outbox(catalogue)
    assert await runner.run(conf["jobs"]["make_geotiff"]), details(catalogue)
    assert await runner.run(conf["jobs"]["detect_points"])

    products = files(catalogue, FileKind.PRODUCT)
    assert [each.media_type for each in products] == ["image/tiff", "application/vnd.geo+json"]
    assert all(each.is_published and each.geometry for each in products)
    preview = catalogue.previews.kept(products[0].id)
    assert preview is not None
    assert preview.png
    with catalogue.database.transaction() as tx:
        assert len(tx.files.sources_of([products[1].id])) == 2
        assert tx.recipes.get(conf["recipe_id"]).completed is not None
        workspace = tx.workspaces.named("products")
    content = b"".join(broker_of(workspace.json_config).stream(products[1].file_path))
    found = json.loads(content)["features"]
    assert len(found) == len(truth)
    assert not list((tmp_path / "executions").iterdir())


def outbox(catalogue: Catalogue) -> list[dict[str, Any]]:
    """Return the conf of every run the catalogue asks for."""
    with Session(catalogue.database.engine) as session:
        return list(session.scalars(select(Outbox.conf).order_by(Outbox.id)))


def files(catalogue: Catalogue, kind: FileKind) -> list[FileRecord]:
    """Return the files of a kind, by id."""
    with Session(catalogue.database.engine) as session:
        ids = session.scalars(select(ScaleFile.id).where(ScaleFile.kind == kind)).all()
    with catalogue.database.transaction() as tx:
        return [tx.files.get(each) for each in sorted(ids)]


def statuses(catalogue: Catalogue) -> list[JobStatus]:
    """Return the status of every job, by id."""
    with Session(catalogue.database.engine) as session:
        return list(session.scalars(select(Job.status).order_by(Job.id)))


def details(catalogue: Catalogue) -> list[str | None]:
    """Return why executions failed, for the message of an assertion."""
    with Session(catalogue.database.engine) as session:
        return list(session.scalars(select(JobExecution.detail)))
