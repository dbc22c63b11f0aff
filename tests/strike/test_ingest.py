"""What becomes of files that arrive: each ends in exactly one state, and its content is kept."""

import hashlib
from datetime import UTC

from catalog.states import FileKind, IngestStatus
from tests.strike.bench import StrikeBench, rule
from tests.strike.conftest import MakeBench


def test_a_file_becomes_a_source_file_of_its_workspace(bench: StrikeBench) -> None:
    bench.send("scene.h5", b"pixels")

    bench.settle()

    ingest = bench.ingest("scene.h5")
    (file,) = bench.sources()
    assert ingest.status is IngestStatus.INGESTED
    assert ingest.source_file_id == file.id
    assert file.kind is FileKind.SOURCE
    assert file.sha256 == hashlib.sha256(b"pixels").hexdigest()
    assert file.data_type == ["hdf"]
    assert file.media_type == "image/x-hdf5-image"
    assert bench.stored(file).read_bytes() == b"pixels"
    assert bench.left() == []


def test_a_file_is_stored_under_the_day_its_transfer_ended(bench: StrikeBench) -> None:
    bench.send("scene.h5")

    bench.settle()

    ended = bench.ingest("scene.h5").transfer_ended
    assert ended is not None
    (file,) = bench.sources()
    assert file.file_path == f"scenes/{ended.astimezone(UTC):%Y/%m/%d}/scene.h5"


def test_files_that_were_there_before_strike_started_are_ingested(bench: StrikeBench) -> None:
    for number in range(20):
        bench.send(f"old-{number}.txt", b"%d" % number)

    bench.settle()

    assert bench.statuses() == {IngestStatus.INGESTED: 20}
    assert len(bench.sources()) == 20


def test_the_first_rule_that_matches_wins(bench: StrikeBench) -> None:
    bench.rules.insert(0, rule("special", "first", bench.workspace, "chosen"))
    bench.reconfigure()
    bench.send("special.txt")

    bench.settle()

    (file,) = bench.sources()
    assert file.file_path.startswith("first/")
    assert file.data_type == ["chosen"]


def test_a_file_no_rule_matches_is_deferred_and_stays(bench: StrikeBench) -> None:
    bench.send("notes.doc")

    bench.run(3)

    assert bench.ingest("notes.doc").status is IngestStatus.DEFERRED
    assert bench.left() == ["notes.doc"]
    assert bench.sources() == []


def test_a_deferred_file_is_ingested_when_a_rule_comes_to_match(bench: StrikeBench) -> None:
    bench.send("notes.doc")
    bench.run()

    bench.rules.append(rule(".*doc", "documents", bench.workspace))
    bench.reconfigure()
    bench.settle()

    assert bench.ingest("notes.doc").status is IngestStatus.INGESTED


def test_names_with_spaces_and_unicode_are_ingested(bench: StrikeBench) -> None:
    names = [" über die Grenze.txt", "图像 01.h5", "a'b\"c$(d).txt", "back\\slash.txt", "-rf.txt"]
    for name in names:
        bench.send(name, name.encode())

    bench.settle()

    assert sorted(each.file_name for each in bench.sources()) == sorted(names)
    for file in bench.sources():
        assert bench.stored(file).read_bytes() == file.file_name.encode()


def test_a_file_with_the_transfer_suffix_is_transferring_and_grows(bench: StrikeBench) -> None:
    path = bench.send("scene.h5_tmp", b"12345")
    bench.run()
    first = bench.ingest("scene.h5")
    path.write_bytes(b"1234567890")
    bench.run()

    second = bench.ingest("scene.h5")
    assert (first.status, first.bytes_transferred) == (IngestStatus.TRANSFERRING, 5)
    assert (second.status, second.bytes_transferred) == (IngestStatus.TRANSFERRING, 10)
    assert bench.left() == ["scene.h5_tmp"]


def test_a_file_that_loses_the_suffix_goes_on_as_the_same_ingest(bench: StrikeBench) -> None:
    path = bench.send("scene.h5_tmp")
    bench.run()

    path.rename(bench.inbox / "scene.h5")
    bench.settle()

    ingest = bench.ingest("scene.h5")
    assert ingest.status is IngestStatus.INGESTED
    assert ingest.transfer_path == str(bench.inbox / "scene.h5")


def test_the_suffix_is_removed_as_a_suffix_only(bench: StrikeBench) -> None:
    bench.rules.append(rule("ma", "maps", bench.workspace))
    bench.reconfigure()
    path = bench.send("map_tmp")
    bench.run()
    assert bench.ingests()[0].file_name == "map"

    path.rename(bench.inbox / "map")
    bench.settle()

    assert [each.file_name for each in bench.sources()] == ["map"]


def test_a_file_without_suffix_waits_until_it_is_stable(make_bench: MakeBench) -> None:
    bench = make_bench(stability=3600.0)
    bench.send("scene.h5")

    summary = bench.run(2)

    assert bench.ingest("scene.h5").status is IngestStatus.TRANSFERRING
    assert bench.left() == ["scene.h5"]
    assert 0 < summary.look_again <= bench.settings.interval


def test_a_file_is_ingested_after_the_stability_window(make_bench: MakeBench) -> None:
    bench = make_bench(stability=0.2)
    bench.send("scene.h5")

    bench.settle()

    ingest = bench.ingest("scene.h5")
    assert ingest.status is IngestStatus.INGESTED
    assert ingest.transfer_ended is not None
    assert ingest.ingest_started is not None
    assert (ingest.ingest_started - ingest.transfer_ended).total_seconds() >= 0.2


def test_the_same_name_and_content_again_is_a_duplicate(bench: StrikeBench) -> None:
    bench.send("scene.h5", b"pixels")
    bench.settle()
    bench.send("scene.h5", b"pixels")
    bench.settle()

    first, second = bench.ingests("scene.h5")
    assert first.status is IngestStatus.INGESTED
    assert second.status is IngestStatus.DUPLICATE
    assert second.source_file_id == first.source_file_id
    assert len(bench.sources()) == 1
    assert bench.kept("duplicate") == [bench.inbox / "duplicate" / str(second.id) / "scene.h5"]
    assert len([each for each in bench.storage.rglob("*") if each.is_file()]) == 1


def test_the_same_name_with_other_content_is_a_new_generation_beside_the_old(
    bench: StrikeBench,
) -> None:
    bench.send("scene.h5", b"old")
    bench.settle()
    bench.send("scene.h5", b"new")
    bench.settle()

    old, new = bench.sources()
    assert bench.statuses() == {IngestStatus.INGESTED: 2}
    assert bench.stored(old).read_bytes() == b"old"
    assert bench.stored(new).read_bytes() == b"new"
    assert old.file_name == new.file_name == "scene.h5"
    assert old.uuid != new.uuid


def test_the_same_content_under_another_name_is_no_duplicate(bench: StrikeBench) -> None:
    bench.send("one.txt", b"same")
    bench.send("two.txt", b"same")

    bench.settle()

    assert bench.statuses() == {IngestStatus.INGESTED: 2}


def test_two_strike_processes_that_store_in_one_workspace_keep_both_files(
    make_bench: MakeBench,
) -> None:
    one = make_bench("one")
    two = make_bench("two", workspace=one.workspace)
    one.send("scene.h5", b"from one")
    two.send("scene.h5", b"from two")

    one.settle()
    two.settle()

    contents = {(one.storage / file.file_path).read_bytes() for file in one.sources()}
    assert contents == {b"from one", b"from two"}


def test_every_file_that_was_seen_is_accounted_for(bench: StrikeBench) -> None:
    bench.send("scene.h5", b"pixels")
    bench.settle()
    bench.send("scene.h5", b"pixels")
    bench.send("empty.txt", b"")
    bench.send("notes.doc")
    bench.send("big.h5_tmp")
    bench.run(3)

    found = bench.conservation()
    assert (found.seen, found.ingested, found.duplicate) == (5, 1, 1)
    assert (found.deferred, found.errored, found.in_flight) == (1, 1, 1)
    assert found.unaccounted == 0
