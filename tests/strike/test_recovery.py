"""What a process finds that another left, and goes on with."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalog.brokers import DirectoryBroker
from catalog.records.files import IngestRecord
from catalog.records.ingests import Claim
from catalog.states import IngestStatus
from strike.directory import IngestDirectory
from strike.ingest import Ended, Ingester
from tests.strike.bench import StrikeBench
from tests.strike.conftest import MakeBench

pytestmark = pytest.mark.slow


def claimed(bench: StrikeBench, name: str, content: bytes) -> IngestRecord:
    """Bring a file as far as INGESTING, but leave it at the top of the directory."""
    bench.send(name, content)
    bench.process.stop()
    bench.run()
    bench.restart()
    (ingest,) = bench.ingests(name)
    assert ingest.status is IngestStatus.QUEUED
    path = IngestDirectory(bench.inbox).ingest_path(ingest.id, name)
    bench.catalogue.ingests.claim({ingest.id: path})
    return bench.ingest(name)


def only_stored(bench: StrikeBench) -> bytes:
    """Return the content of the only file of the workspace."""
    (path,) = (each for each in bench.storage.rglob("*") if each.is_file())
    return path.read_bytes()


def test_a_file_that_was_claimed_but_not_moved_is_ingested(bench: StrikeBench) -> None:
    claimed(bench, "scene.h5", b"pixels")

    bench.settle()

    assert bench.ingest("scene.h5").status is IngestStatus.INGESTED
    assert only_stored(bench) == b"pixels"


def test_a_file_that_was_taken_but_not_stored_is_ingested(bench: StrikeBench) -> None:
    ingest = claimed(bench, "scene.h5", b"pixels")
    IngestDirectory(bench.inbox).take(ingest.id, "scene.h5")

    bench.settle()

    assert bench.ingest("scene.h5").status is IngestStatus.INGESTED
    assert only_stored(bench) == b"pixels"
    assert bench.left() == []


def test_a_file_that_was_stored_but_not_recorded_is_completed_and_no_duplicate(
    bench: StrikeBench,
) -> None:
    ingest = claimed(bench, "scene.h5", b"pixels")
    IngestDirectory(bench.inbox).take(ingest.id, "scene.h5")
    assert ingest.file_path is not None
    (bench.storage / ingest.file_path).parent.mkdir(parents=True)
    (bench.storage / ingest.file_path).write_bytes(b"pixels")

    bench.settle()

    assert bench.ingest("scene.h5").status is IngestStatus.INGESTED
    assert [file.file_path for file in bench.sources()] == [ingest.file_path]


def left_after_end(bench: StrikeBench, content: bytes = b"pixels") -> Path:
    """Ingest a file, and put it under ``ingesting`` as a crash before its removal leaves it."""
    bench.send("scene.h5", b"pixels")
    bench.settle()
    place = bench.inbox / "ingesting" / str(bench.ingest("scene.h5").id)
    place.mkdir()
    (place / "scene.h5").write_bytes(content)
    bench.restart()
    return place


def test_a_file_that_is_stored_already_is_removed_after_a_crash(bench: StrikeBench) -> None:
    place = left_after_end(bench)

    bench.settle()

    assert not place.exists()
    assert bench.statuses() == {IngestStatus.INGESTED: 1}


@pytest.mark.parametrize("damage", [b"", b"pixel?", None])
def test_a_stored_file_that_is_damaged_is_stored_again_before_the_original_goes(
    bench: StrikeBench, damage: bytes | None
) -> None:
    place = left_after_end(bench)
    stored = bench.stored(bench.sources()[0])
    if damage is None:
        stored.unlink()
    else:
        stored.write_bytes(damage)

    bench.settle()

    assert stored.read_bytes() == b"pixels"
    assert not place.exists()


def test_a_file_that_only_looks_like_one_that_was_ingested_is_a_new_arrival(
    bench: StrikeBench,
) -> None:
    left_after_end(bench, b"something else")
    bench.stored(bench.sources()[0]).unlink()

    bench.settle()
    bench.settle()

    assert bench.statuses() == {IngestStatus.INGESTED: 2}
    assert bench.stored(bench.sources()[1]).read_bytes() == b"something else"


@pytest.mark.parametrize("place", ["ingesting/77", "ingesting/notes", "ingesting"])
def test_an_unknown_file_among_ours_is_a_new_arrival(bench: StrikeBench, place: str) -> None:
    (bench.inbox / place).mkdir(parents=True)
    (bench.inbox / place / "found.txt").write_bytes(b"found")

    bench.settle()

    assert bench.ingest("found.txt").status is IngestStatus.INGESTED
    assert only_stored(bench) == b"found"


def test_an_unknown_file_whose_name_is_taken_stays_where_it_is(bench: StrikeBench) -> None:
    (bench.inbox / "ingesting" / "77").mkdir(parents=True)
    unknown = bench.inbox / "ingesting" / "77" / "found.doc"
    unknown.write_bytes(b"found")
    bench.send("found.doc", b"another")

    bench.run()

    assert unknown.read_bytes() == b"found"
    assert (bench.inbox / "found.doc").read_bytes() == b"another"


def test_a_file_that_was_put_back_half_way_is_put_back(bench: StrikeBench) -> None:
    (bench.inbox / "ingesting" / "77").mkdir(parents=True)
    unknown = bench.inbox / "ingesting" / "77" / "found.txt"
    unknown.write_bytes(b"found")
    os.link(unknown, bench.inbox / "found.txt")

    bench.settle()

    assert bench.statuses() == {IngestStatus.INGESTED: 1}
    assert only_stored(bench) == b"found"


def test_a_file_of_an_errored_ingest_is_set_aside_after_a_crash(bench: StrikeBench) -> None:
    ingest = claimed(bench, "scene.h5", b"pixels")
    IngestDirectory(bench.inbox).take(ingest.id, "scene.h5")
    bench.catalogue.ingests.fail(ingest.id, "It failed, and then the process died.")

    bench.settle()

    assert bench.kept("errored") == [bench.inbox / "errored" / str(ingest.id) / "scene.h5"]
    assert bench.left() == []


def test_a_claimed_file_that_is_nowhere_is_reported(bench: StrikeBench) -> None:
    claimed(bench, "scene.h5", b"pixels")
    (bench.inbox / "scene.h5").unlink()

    bench.run(3)

    ingest = bench.ingest("scene.h5")
    assert ingest.status is IngestStatus.ERRORED
    assert ingest.detail is not None
    assert "vanished" in ingest.detail


def test_a_file_that_was_replaced_while_it_was_taken_is_ingested_as_it_is(
    bench: StrikeBench,
) -> None:
    claimed(bench, "scene.h5", b"old")
    bench.send("scene.h5", b"newer")

    bench.settle()

    (file,) = bench.sources()
    assert bench.stored(file).read_bytes() == b"newer"
    assert bench.statuses() == {IngestStatus.INGESTED: 1}


def test_a_retried_ingest_is_stored_under_the_day_it_was_given_first(bench: StrikeBench) -> None:
    bench.send("scene.h5")
    bench.process.stop()
    bench.run()
    bench.restart()
    before = bench.ingest("scene.h5")
    assert before.file_path is not None
    assert before.file_path.startswith(f"scenes/{datetime.now(UTC):%Y/%m}")

    bench.settle()

    assert bench.ingest("scene.h5").file_path == before.file_path


def stored_by_two(make_bench: MakeBench) -> tuple[StrikeBench, IngestRecord]:
    """Take a file with one Strike process, and store its like with another meanwhile."""
    two = make_bench("two")
    one = make_bench("one", workspace=two.workspace)
    one.storage = two.storage
    ingest = claimed(one, "scene.h5", b"pixels")
    IngestDirectory(one.inbox).take(ingest.id, "scene.h5")
    two.send("scene.h5", b"pixels")
    two.settle()
    return one, ingest


def test_a_copy_that_was_made_before_another_stored_the_same_is_removed(
    make_bench: MakeBench,
) -> None:
    bench, ingest = stored_by_two(make_bench)
    assert ingest.file_path is not None
    copy = bench.storage / ingest.file_path
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_bytes(b"pixels")

    bench.settle()

    assert bench.ingest("scene.h5").status is IngestStatus.DUPLICATE
    assert len(bench.sources()) == 1
    assert only_stored(bench) == b"pixels"
    assert len(bench.kept("duplicate")) == 1


def test_of_two_that_store_the_same_at_once_one_is_the_duplicate(make_bench: MakeBench) -> None:
    bench, ingest = stored_by_two(make_bench)
    (waiting,) = bench.catalogue.ingests.state_of(bench.strike.id).ingests
    ingester = Ingester(bench.catalogue.ingests, IngestDirectory(bench.inbox))

    claim = Claim(waiting, has_namesake=False)
    ended = ingester.ingest_many([(claim, DirectoryBroker(bench.storage))])

    assert ended == {waiting.id: Ended(IngestStatus.DUPLICATE)}
    assert bench.ingest("scene.h5").id == ingest.id
    assert only_stored(bench) == b"pixels"
    assert len(bench.kept("duplicate")) == 1
