"""With checksums a generation is told by its content, too: a writer can keep size and time."""

import os
from pathlib import Path

import pytest

from catalog.brokers import DirectoryBroker, StoredFile, digest_of
from catalog.records.ingests import Fingerprint
from catalog.states import IngestStatus
from strike import checksums
from strike.checksums import Checksums
from strike.scanner import sighting_of
from tests.strike.bench import StrikeBench, rule
from tests.strike.conftest import MakeBench

LONG_AGO = (1_000_000_000, 1_000_000_000)


@pytest.fixture
def checked(make_bench: MakeBench) -> StrikeBench:
    """Return a bench whose Strike process has checksums."""
    bench = make_bench()
    bench.options["checksum"] = True
    bench.reconfigure()
    return bench


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of the files that are read for their checksum, as they are read."""
    names: list[str] = []

    def noted(path: Path) -> StoredFile:
        names.append(path.name)
        return digest_of(path)

    monkeypatch.setattr(checksums, "digest_of", noted)
    return names


def rewritten(path: Path, content: bytes) -> None:
    """Write other content of the same size in place, and keep the modification time."""
    with path.open("r+b") as writer:
        writer.write(content)
    os.utime(path, LONG_AGO)


def settled_with(bench: StrikeBench, name: str, content: bytes) -> Path:
    """Send a file that no rule matches, and let it be DEFERRED."""
    path = bench.send(f"{name}_tmp", content)
    os.utime(path, LONG_AGO)
    path = path.rename(bench.inbox / name)
    bench.settle()
    return path


def details(bench: StrikeBench, name: str) -> list[tuple[IngestStatus, bool]]:
    """Return how the generations of a name stand, and whether they were replaced."""
    return [(each.status, "replaced" in (each.detail or "")) for each in bench.ingests(name)]


REPLACED = (IngestStatus.ERRORED, True)
DEFERRED = (IngestStatus.DEFERRED, False)


def test_a_file_rewritten_in_place_with_its_size_and_time_is_another_generation(
    checked: StrikeBench,
) -> None:
    path = settled_with(checked, "notes.doc", b"one")
    rewritten(path, b"two")
    checked.run(3)
    checked.settle()

    assert details(checked, "notes.doc") == [REPLACED, DEFERRED]
    assert checked.conservation().unaccounted == 0


def test_a_file_renamed_over_one_of_its_size_and_time_is_another_generation(
    checked: StrikeBench,
) -> None:
    settled_with(checked, "notes.doc", b"one")
    settled_with(checked, "notes.doc", b"two")
    checked.run(3)
    checked.settle()

    assert details(checked, "notes.doc") == [REPLACED, DEFERRED]


def test_the_generation_that_is_there_is_the_one_that_a_new_rule_ingests(
    checked: StrikeBench,
) -> None:
    path = settled_with(checked, "notes.doc", b"one")
    checked.process.close()
    rewritten(path, b"two")
    checked.rules.append(rule(".*doc", "notes", checked.workspace))
    checked.reconfigure()
    checked.process = checked.new_process()
    checked.run(3)
    checked.settle()

    assert [checked.stored(each).read_bytes() for each in checked.sources()] == [b"two"]
    assert details(checked, "notes.doc") == [REPLACED, (IngestStatus.INGESTED, False)]


def test_a_file_that_was_touched_but_not_changed_is_the_same_generation(
    checked: StrikeBench, read: list[str]
) -> None:
    path = settled_with(checked, "notes.doc", b"one")
    path.chmod(0o600)
    checked.run(4)

    assert details(checked, "notes.doc") == [DEFERRED]
    assert read == ["notes.doc", "notes.doc"]


def test_a_file_is_read_once_and_not_at_every_look_nor_by_another_process(
    checked: StrikeBench, read: list[str]
) -> None:
    settled_with(checked, "notes.doc", b"one")
    checked.run(3)
    checked.restart()
    checked.run(3)

    assert read == ["notes.doc"]


def test_what_was_deferred_before_gets_its_checksum_when_that_is_asked_for(
    bench: StrikeBench, read: list[str]
) -> None:
    path = settled_with(bench, "notes.doc", b"one")
    assert read == []
    bench.options["checksum"] = True
    bench.reconfigure()
    bench.run(3)
    assert read == ["notes.doc"]
    rewritten(path, b"two")
    bench.run(3)
    bench.settle()

    assert details(bench, "notes.doc") == [REPLACED, DEFERRED]


def test_without_checksums_no_file_is_read_twice(bench: StrikeBench, read: list[str]) -> None:
    path = settled_with(bench, "notes.doc", b"one")
    rewritten(path, b"two")
    bench.run(3)

    assert read == []
    assert details(bench, "notes.doc") == [DEFERRED]


def test_a_file_rewritten_after_it_was_read_is_stored_as_it_stays(
    checked: StrikeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = DirectoryBroker.put
    contents = [b"two"]

    def put_later(broker: DirectoryBroker, source: Path, file_path: str) -> StoredFile:
        if contents:
            rewritten(source, contents.pop())
        return put(broker, source, file_path)

    monkeypatch.setattr(DirectoryBroker, "put", put_later)
    path = checked.send("a.txt_tmp", b"one")
    os.utime(path, LONG_AGO)
    path.rename(checked.inbox / "a.txt")
    checked.settle()

    assert [checked.stored(each).read_bytes() for each in checked.sources()] == [b"two"]
    assert checked.ingest("a.txt").status is IngestStatus.INGESTED


def test_a_copy_that_is_damaged_is_made_again_before_the_original_goes(
    checked: StrikeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = DirectoryBroker.put
    damage = [b"?"]

    def put_badly(broker: DirectoryBroker, source: Path, file_path: str) -> StoredFile:
        stored = put(broker, source, file_path)
        if damage:
            rewritten(broker.path(file_path), damage.pop())
        return stored

    monkeypatch.setattr(DirectoryBroker, "put", put_badly)
    checked.send("a.txt", b"content")
    checked.settle()

    assert [checked.stored(each).read_bytes() for each in checked.sources()] == [b"content"]
    assert damage == []


def test_a_pipe_is_not_read_and_set_aside(checked: StrikeBench) -> None:
    checked.inbox.mkdir(exist_ok=True)
    os.mkfifo(checked.inbox / "pipe.txt")
    checked.settle()

    assert checked.ingest("pipe.txt").status is IngestStatus.ERRORED


def test_a_file_whose_checksum_cannot_be_read_waits_and_the_process_says_why(
    checked: StrikeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: Path) -> StoredFile:
        raise OSError(5, os.strerror(5), str(path))

    with monkeypatch.context() as patch:
        patch.setattr(checksums, "digest_of", fail)
        checked.send("a.txt", b"content")
        summary = checked.run(3)
        assert checked.ingest("a.txt").status is IngestStatus.TRANSFERRING
        assert "'a.txt' waits" in (summary.problem or "")
    checked.settle()

    assert checked.ingest("a.txt").status is IngestStatus.INGESTED


def test_what_changes_while_it_is_read_has_no_checksum(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"one")
    seen = sighting_of(path)

    def digest_meanwhile(read: Path) -> StoredFile:
        stored = digest_of(read)
        read.rename(tmp_path / "b")
        (tmp_path / "a").write_bytes(b"two")
        return stored

    monkeypatch.setattr(checksums, "digest_of", digest_meanwhile)
    reader = Checksums(tmp_path, 1)
    try:
        assert reader.of("a", seen) is None
        reader.read(30.0)
        reader.look()
        assert reader.of("a", seen) is None
    finally:
        reader.close()


def test_what_was_read_is_known_until_the_file_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"one")
    seen = sighting_of(path)
    reader = Checksums(tmp_path, 1)
    try:
        reader.of("a", seen)
        reader.read(30.0)
        reader.look()
        known = reader.of("a", seen)
        assert isinstance(known, Fingerprint)
        assert known.change_mark == seen.change_mark
        reader.keep({})
        assert reader.of("a", seen) is None
    finally:
        reader.close()
