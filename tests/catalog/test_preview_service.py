"""Previews of files in the catalogue: when they are made, kept, and go."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from catalog.brokers import broker_of
from catalog.catalogue import Catalogue
from catalog.records.execution import ProductFile, Results
from catalog.records.previews import Preview
from catalog.states import FileKind
from schemas.results_manifest import GeoMetadata
from tests.support.processing import begin_next, processed_scene, scene_arrives
from tests.support.s3 import s3_configuration
from tests.support.scenes import load_example


def picture(path: Path) -> Path:
    """Write a PNG."""
    Image.new("RGB", (600, 300), "teal").save(path, "PNG")
    return path


@pytest.fixture
def scene(catalogue: Catalogue, tmp_path: Path) -> Catalogue:
    """Return a catalogue with a source that is called an image, 1, and a GeoTIFF, 3."""
    processed_scene(catalogue, tmp_path)
    return catalogue


def test_a_source_is_drawn_when_it_is_first_looked_at_and_kept(
    scene: Catalogue, tmp_path: Path
) -> None:
    path = next(tmp_path.rglob("in/scene.png"))
    picture(path)

    made = scene.previews.of(1)
    assert made is not None
    assert (made.width, made.height, made.problem) == (512, 256, None)
    path.unlink()

    assert scene.previews.of(1) == scene.previews.kept(1) == made


def test_a_file_that_is_broken_keeps_its_reason(scene: Catalogue) -> None:
    made = scene.previews.of(3)

    assert made is not None
    assert made.png is None
    assert "cannot be drawn" in str(made.problem)
    assert scene.previews.kept(3) == made


def test_bytes_out_of_reach_are_asked_for_again(scene: Catalogue, tmp_path: Path) -> None:
    path = next(tmp_path.rglob("in/scene.png"))
    path.unlink()

    gone = scene.previews.of(1)
    assert gone is not None
    assert "now" in str(gone.problem)
    assert scene.previews.kept(1) is None

    picture(path)
    there = scene.previews.of(1)
    assert there is not None
    assert there.png


def test_what_is_no_picture_has_no_preview(scene: Catalogue) -> None:
    assert scene.previews.of(2) is None


def test_a_product_brings_its_preview_into_the_transaction_that_publishes_it(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    load_example(catalogue, tmp_path)
    scene_arrives(catalogue, tmp_path)
    plan = begin_next(catalogue)
    (name,) = plan.outputs
    geo = GeoMetadata(None, None, None)
    product = ProductFile("a.tif", "a/a.tif", 1, "x", "image/tiff", geo, Preview(b"png", 3, 4))
    processed = Results({name: (product,)}, (), {}, datetime.now(UTC), "", "")

    catalogue.executions.complete(plan.job_exe_id, processed)

    assert catalogue.previews.kept(3) == Preview(b"png", 3, 4)


def test_a_preview_goes_with_its_file(scene: Catalogue) -> None:
    scene.previews.of(3)
    with scene.database.transaction() as tx:
        job = tx.jobs.get(tx.files.get(3).job_id or 0)
        tx.previews.keep(1, Preview(problem="Broken."))

    scene.removal.remove(job.uid, "tester")
    with scene.database.transaction() as tx:
        tx.files.mark_deleted([1])

    assert scene.previews.of(3) is None
    assert scene.previews.of(1) is None


def test_a_file_of_a_bucket_is_drawn_too(
    catalogue: Catalogue, s3_bucket: str, tmp_path: Path
) -> None:
    workspace = catalogue.workspaces.create("bucket", s3_configuration(s3_bucket))
    stored = broker_of(workspace.json_config).put(picture(tmp_path / "a.png"), "in/a.png")
    with catalogue.database.transaction() as tx:
        file = tx.files.add(
            kind=FileKind.SOURCE, workspace_id=workspace.id, file_name="a.png",
            file_path="in/a.png", media_type="image/png", file_size=stored.file_size,
            sha256=stored.sha256, data_type=[], uuid="u", meta_data={}, countries=[],
        )  # fmt: skip

    made = catalogue.previews.of(file.id)

    assert made is not None
    assert made.width == 512
