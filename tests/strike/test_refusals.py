"""Files that cannot be ingested: kept, with a sentence that says why."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from catalog.records.files import IngestRecord
from catalog.states import IngestStatus
from tests.strike.bench import StrikeBench


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """Return a folder every user can enter; pytest's own is closed when another session begins."""
    with tempfile.TemporaryDirectory(prefix="airscale-refusals-") as folder:
        path = Path(folder)
        path.chmod(0o755)
        yield path


def only_error(bench: StrikeBench) -> IngestRecord:
    """Return the only ingest, which is ERRORED, with its file set aside."""
    (ingest,) = bench.ingests()
    assert ingest.status is IngestStatus.ERRORED
    assert [each.parent.name for each in bench.kept("errored")] == [str(ingest.id)]
    assert bench.left() == []
    assert bench.sources() == []
    assert bench.conservation().errored == 1
    return ingest


@contextmanager
def without_root(bench: StrikeBench, *owned: Path) -> Iterator[None]:
    """Give up root's right to every file, but own these directories and reach the database."""
    if os.geteuid() != 0:
        yield
        return
    user = Path(str(bench.catalogue.database.engine.url.query["host"])).stat().st_uid
    for directory in owned:
        directory.mkdir(exist_ok=True)
        os.chown(directory, user, -1)
    os.seteuid(user)
    try:
        yield
    finally:
        os.seteuid(0)


def test_an_empty_file_is_set_aside(bench: StrikeBench) -> None:
    bench.send("empty.txt", b"")

    bench.settle()

    ingest = only_error(bench)
    assert ingest.detail is not None
    assert "'empty.txt' is empty" in ingest.detail
    assert f"move it back to '{bench.inbox}'" in ingest.detail


def test_a_name_with_a_newline_is_set_aside(bench: StrikeBench) -> None:
    bench.send("two\nlines.txt")

    bench.settle()

    ingest = only_error(bench)
    assert ingest.detail is not None
    assert r"'two\nlines.txt' holds control characters" in ingest.detail


def test_a_name_that_is_not_utf8_is_set_aside_with_its_bytes(bench: StrikeBench) -> None:
    name = os.fsdecode(b"caf\xe9.txt")
    bench.send(name)

    bench.settle()

    ingest = only_error(bench)
    assert ingest.file_name == r"caf\xe9.txt"
    assert ingest.detail is not None
    assert "not valid UTF-8" in ingest.detail
    assert [each.name for each in bench.kept("errored")] == [name]


def test_a_link_is_set_aside(bench: StrikeBench) -> None:
    bench.inbox.mkdir()
    (bench.inbox / "link.txt").symlink_to("/etc/hostname")

    bench.settle()

    ingest = only_error(bench)
    assert ingest.detail is not None
    assert "not a plain file" in ingest.detail


def test_a_file_that_cannot_be_read_is_set_aside(bench: StrikeBench) -> None:
    bench.send("secret.txt").chmod(0)
    with without_root(bench, bench.inbox, bench.storage):
        bench.settle()

    ingest = only_error(bench)
    assert ingest.detail is not None
    assert "'secret.txt' cannot be read: Permission denied" in ingest.detail


def test_a_file_its_workspace_does_not_take_is_set_aside(bench: StrikeBench) -> None:
    bench.send("scene.h5")
    bench.storage.chmod(0o500)
    with without_root(bench, bench.inbox):
        bench.settle()

    ingest = only_error(bench)
    assert ingest.detail is not None
    assert "'scene.h5' cannot be stored at" in ingest.detail
    assert "Permission denied. Make the workspace writable" in ingest.detail
    assert ingest.file_path is None


def test_a_refused_file_that_is_put_back_mended_is_ingested(bench: StrikeBench) -> None:
    bench.send("data.txt", b"")
    bench.settle()
    (kept,) = bench.kept("errored")

    kept.write_bytes(b"content")
    kept.rename(bench.inbox / "data.txt")
    bench.settle()

    assert [each.status for each in bench.ingests()] == [
        IngestStatus.ERRORED,
        IngestStatus.INGESTED,
    ]


def test_a_file_that_vanishes_before_it_is_taken_is_reported(bench: StrikeBench) -> None:
    path = bench.send("scene.h5_tmp")
    bench.run()

    path.unlink()
    bench.run(2)

    (ingest,) = bench.ingests()
    assert ingest.status is IngestStatus.ERRORED
    assert ingest.detail is not None
    assert "'scene.h5_tmp' vanished" in ingest.detail


def test_a_generation_that_is_replaced_while_it_is_deferred_is_reported(
    bench: StrikeBench,
) -> None:
    bench.send("notes.doc", b"one")
    bench.run()
    bench.send("notes.doc", b"other")
    bench.run()

    old, new = bench.ingests()
    assert old.status is IngestStatus.ERRORED
    assert old.detail is not None
    assert "replaced by another" in old.detail
    assert new.status is IngestStatus.DEFERRED
