"""Scans and files registered one by one."""

from pathlib import Path
from typing import Any

import pytest

from catalog.brokers import DirectoryBroker, StoredFile
from catalog.errors import ConflictError, InvalidError, NotFoundError
from catalog.records.files import ScanRecord
from catalog.services.sources import NewSource, SourceService
from catalog.states import ScanStatus
from catalog.tables import ScaleFile
from tests.support.catalogues import World, interface, job_type, trigger_rule


@pytest.fixture
def reading(world: World) -> World:
    """Return a world whose ingested files start a job each."""
    reader = job_type("reader", interface({"file": "file"}), trigger_rule=trigger_rule())
    world.configure([reader])
    return world


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Return a directory with files to ingest."""
    folder = tmp_path / "archive"
    for name in ("a.h5", "2016/b.h5", "2016/notes.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(name.encode())
    return folder


def scan(world: World, name: str = "scan", **configuration: Any) -> ScanRecord:
    return world.catalogue.scans.create(
        name, {"workspace_name": "raw", "data_types": ["old"], **configuration}
    )


def counts(done: ScanRecord) -> tuple[int, int, int, int, int]:
    """Return found, registered, known, passed over and errored."""
    return (done.found, done.registered, done.known, done.passed_over, done.errored)


def test_a_dry_run_counts_and_does_nothing(reading: World, archive: Path) -> None:
    made = scan(reading, directory=str(archive), filename_regex=r".*\.h5$")
    done = reading.catalogue.scans.run(made.id, dry_run=True)
    assert (done.status, counts(done)) == (ScanStatus.SCANNED, (3, 2, 0, 1, 0))
    assert reading.count(ScaleFile) == 0
    assert not (reading.home / "raw").exists()


def test_files_of_a_directory_are_copied_and_start_what_they_trigger(
    reading: World, archive: Path
) -> None:
    made = scan(reading, directory=str(archive), workspace_path="/in", filename_regex=".*h5")
    done = reading.catalogue.scans.run(made.id, dry_run=False)
    assert (done.status, counts(done)) == (ScanStatus.INGESTED, (3, 2, 0, 1, 0))
    assert (reading.home / "raw/in/2016/b.h5").read_bytes() == b"2016/b.h5"
    assert (archive / "2016/b.h5").exists()
    assert len(reading.all_jobs()) == 2


def test_files_that_stand_in_a_workspace_are_registered_there(reading: World) -> None:
    root = reading.home / "raw"
    (root / "in").mkdir(parents=True)
    (root / "in" / "a.tif").write_bytes(b"pixels")
    (root / "b.tif").write_bytes(b"elsewhere")
    done = reading.catalogue.scans.run(scan(reading, workspace_path="in").id, dry_run=False)
    assert counts(done) == (1, 1, 0, 0, 0)
    with reading.database.transaction() as tx:
        file = tx.files.at(reading.workspace_id("raw"), "in/a.tif")
    assert file is not None
    assert (file.file_size, file.data_type) == (6, ["old"])


def test_a_run_that_died_is_taken_up_and_does_nothing_twice(
    reading: World, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = scan(reading, directory=str(archive))
    copy = SourceService.copy

    def die(service: SourceService, new: NewSource, original: Path) -> None:
        copy(service, new, original)
        if new.file_name == "b.h5":
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(SourceService, "copy", die)
        with pytest.raises(KeyboardInterrupt):
            reading.catalogue.scans.run(made.id, dry_run=False)
    done = reading.catalogue.scans.run(made.id)
    assert done.status is ScanStatus.INGESTED
    assert done.registered + done.known == 3
    assert reading.count(ScaleFile) == len(reading.all_jobs()) == 3


def test_a_file_that_cannot_be_ingested_keeps_no_other_from_it(
    reading: World, archive: Path
) -> None:
    (archive / "0.h5").write_bytes(b"")
    made = scan(reading, directory=str(archive))
    done = reading.catalogue.scans.run(made.id, dry_run=False)
    assert counts(done) == (4, 3, 0, 0, 1)
    assert "is empty" in (done.problem or "")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("new\nline.h5", "'new\\nline.h5'"),
        ("caf\udce9.h5", "'caf\\xe9.h5'"),
        ("empty.h5", "'empty.h5'"),
    ],
)
def test_a_dry_run_tells_of_files_that_cannot_be_ingested(
    reading: World, archive: Path, name: str, shown: str
) -> None:
    (archive / name).write_bytes(b"" if name == "empty.h5" else b"content")
    made = scan(reading, directory=str(archive), filename_regex=".*")
    for is_dry in (True, False):
        done = reading.catalogue.scans.run(made.id, dry_run=is_dry)
        assert counts(done) == (4, 3, 0, 0, 1)
        assert (done.problem or "").startswith(shown)


def test_a_file_is_of_the_media_type_of_its_content_where_its_name_says_none(
    reading: World, archive: Path
) -> None:
    (archive / "scene").write_bytes(b"\x89HDF\r\n\x1a\n" + b"content")
    made = scan(reading, directory=str(archive), filename_regex="scene")
    reading.catalogue.scans.run(made.id, dry_run=False)
    registered = reading.catalogue.sources.register(put(reading, "in/other", b"%PDF-1.7 text"))
    with reading.database.transaction() as tx:
        copied = tx.files.at(reading.workspace_id("raw"), "scene")
    assert copied is not None
    assert (copied.media_type, registered.file.media_type) == (
        "image/x-hdf5-image", "application/pdf",
    )  # fmt: skip


def test_a_file_that_is_written_to_while_it_is_copied_is_left_for_another_scan(
    reading: World, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_once = DirectoryBroker.put

    def put_meanwhile(broker: DirectoryBroker, source: Path, file_path: str) -> StoredFile:
        stored = put_once(broker, source, file_path)
        if source.name == "a.h5":
            with source.open("ab") as writer:
                writer.write(b" and more")
        return stored

    made = scan(reading, directory=str(archive))
    with monkeypatch.context() as patched:
        patched.setattr(DirectoryBroker, "put", put_meanwhile)
        done = reading.catalogue.scans.run(made.id, dry_run=False)
    assert counts(done) == (3, 2, 0, 0, 1)
    assert "written to" in (done.problem or "")
    assert not (reading.home / "raw/a.h5").exists()
    assert counts(reading.catalogue.scans.run(made.id, dry_run=False)) == (3, 1, 2, 0, 0)
    assert (reading.home / "raw/a.h5").read_bytes() == (archive / "a.h5").read_bytes()


def test_a_directory_that_is_not_there_fails_the_scan(reading: World) -> None:
    made = scan(reading, directory="/no/such/directory")
    done = reading.catalogue.scans.run(made.id)
    assert done.status is ScanStatus.FAILED
    assert "/no/such/directory" in (done.problem or "")


def test_a_run_is_asked_of_airflow_once_at_a_time(reading: World, archive: Path) -> None:
    made = scan(reading, directory=str(archive))
    assert reading.catalogue.scans.process(made.id, ingest=True).status is ScanStatus.QUEUED
    with pytest.raises(ConflictError, match="QUEUED already"):
        reading.catalogue.scans.process(made.id, ingest=True)
    reading.catalogue.scans.run(made.id)
    reading.catalogue.scans.process(made.id, ingest=False)
    assert reading.runs()[-1] == {"scan_id": made.id}


@pytest.mark.parametrize(
    "wrong",
    [
        {"workspace_name": "nowhere"},
        {"workspace_path": "../x"},
        {"filename_regex": "("},
        {"directory": "relative"},
        {"unknown": 1},
    ],
)
def test_a_wrong_configuration_is_refused(world: World, wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidError):
        scan(world, **wrong)


def put(world: World, file_path: str, content: bytes = b"content") -> NewSource:
    source = world.home / "source"
    source.write_bytes(content)
    DirectoryBroker(world.home / "raw").put(source, file_path)
    return NewSource("raw", file_path, ["x"])


def test_a_file_is_registered_once(reading: World) -> None:
    new = put(reading, "in/a.tif")
    first, again = (reading.catalogue.sources.register(new) for _ in range(2))
    assert (first.is_new, again.is_new) == (True, False)
    assert first.file == again.file
    assert len(reading.all_jobs()) == 1


def test_another_content_at_a_registered_path_is_a_conflict(reading: World) -> None:
    reading.catalogue.sources.register(put(reading, "in/a.tif"))
    with pytest.raises(ConflictError, match="another content"):
        reading.catalogue.sources.register(put(reading, "in/a.tif", b"new"))


def test_what_is_not_there_cannot_be_registered(world: World) -> None:
    with pytest.raises(InvalidError, match="no file with content"):
        world.catalogue.sources.register(NewSource("raw", "in/gone.tif"))
    with pytest.raises(InvalidError, match="leads out"):
        world.catalogue.sources.register(NewSource("raw", "../a.tif"))
    with pytest.raises(NotFoundError):
        world.catalogue.sources.register(NewSource("nowhere", "a.tif"))
    with pytest.raises(InvalidError, match="control characters"):
        world.catalogue.sources.register(NewSource("raw", "in/a\n.tif"))
