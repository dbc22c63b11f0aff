"""What the configuration of a Strike process says about watching, and what a person can ask for."""

import os

import pytest

from catalog.errors import NotFoundError
from catalog.states import IngestStatus, JobStatus
from tests.strike.bench import StrikeBench, rule
from tests.strike.conftest import MakeBench


def configured(bench: StrikeBench, **options: object) -> StrikeBench:
    """Edit the configuration of a Strike process that has not run yet."""
    bench.options |= options
    bench.reconfigure()
    return bench


def names_of(bench: StrikeBench) -> list[str]:
    """Return the names and contents of the sources that are in use."""
    return sorted(
        f"{each.file_name}={bench.stored(each).read_text()}"
        for each in bench.sources()
        if not each.is_deleted
    )


def test_directories_below_are_left_alone_unless_the_configuration_says_so(
    bench: StrikeBench,
) -> None:
    bench.send("day/one.txt")

    bench.run(3)

    assert bench.ingests() == []


def test_files_of_directories_below_are_ingested_by_their_own_names(bench: StrikeBench) -> None:
    configured(bench, recursive=True)
    bench.send("one.txt", b"1")
    bench.send("day/two.txt", b"2")
    bench.send("day/hour/three.txt", b"3")

    bench.settle()

    assert names_of(bench) == ["one.txt=1", "three.txt=3", "two.txt=2"]
    assert bench.left() == []
    assert (bench.inbox / "day" / "hour").is_dir()


def test_a_directory_below_that_another_strike_process_watches_is_left_to_it(
    make_bench: MakeBench,
) -> None:
    outer, inner = make_bench("outer"), make_bench("inner")
    inner.inbox = outer.inbox / "inner"
    inner.reconfigure()
    outer.options["recursive"] = True
    outer.reconfigure()
    outer.inbox.mkdir()
    inner.run(2)
    inner.send("a.txt")
    inner.send("notes.doc")
    outer.run(3)
    inner.settle()

    assert outer.ingests() == []
    assert inner.statuses() == {IngestStatus.INGESTED: 1, IngestStatus.DEFERRED: 1}


def test_files_of_one_name_in_two_directories_are_two_generations(bench: StrikeBench) -> None:
    configured(bench, recursive=True)
    bench.send("east/scene.txt", b"east")
    bench.send("west/scene.txt", b"west")
    bench.send("north/scene.txt", b"west")

    bench.settle()

    assert names_of(bench) == ["scene.txt=east", "scene.txt=west"]
    assert bench.statuses() == {IngestStatus.INGESTED: 2, IngestStatus.DUPLICATE: 1}


def test_a_file_below_goes_on_when_it_loses_its_transfer_suffix(bench: StrikeBench) -> None:
    configured(bench, recursive=True)
    path = bench.send("day/one.txt_tmp", b"1")
    bench.run()
    path.rename(path.with_name("one.txt"))

    bench.settle()

    assert bench.ingest("one.txt").status is IngestStatus.INGESTED


def test_a_link_to_a_directory_is_no_directory_below(bench: StrikeBench) -> None:
    configured(bench, recursive=True)
    elsewhere = bench.home / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "one.txt").write_text("1")
    bench.inbox.mkdir()
    (bench.inbox / "link").symlink_to(elsewhere)

    bench.settle()

    assert (elsewhere / "one.txt").exists()
    assert bench.ingest("link").status is IngestStatus.ERRORED


def test_the_configuration_says_how_long_a_file_must_stay_the_same(make_bench: MakeBench) -> None:
    patient = configured(make_bench("patient"), stability_seconds=3600)
    hasty = configured(make_bench("hasty", stability=3600.0), stability_seconds=0)
    for bench in (patient, hasty):
        bench.send("one.txt")
        bench.run(3)

    assert patient.ingest("one.txt").status is IngestStatus.TRANSFERRING
    assert hasty.ingest("one.txt").status is IngestStatus.INGESTED


@pytest.mark.parametrize(
    ("namesakes", "kept", "second"),
    [
        ("keep_both", ["a.txt=new", "a.txt=old"], IngestStatus.INGESTED),
        ("skip", ["a.txt=old"], IngestStatus.DUPLICATE),
        ("replace", ["a.txt=new"], IngestStatus.INGESTED),
    ],
)
def test_the_configuration_says_what_becomes_of_another_file_of_a_name(
    bench: StrikeBench, namesakes: str, kept: list[str], second: IngestStatus
) -> None:
    configured(bench, namesakes=namesakes)
    bench.send("a.txt", b"old")
    bench.settle()
    bench.send("a.txt", b"new")
    bench.settle()

    assert names_of(bench) == kept
    assert [each.status for each in bench.ingests()] == [IngestStatus.INGESTED, second]
    assert all(bench.stored(each).exists() for each in bench.sources())
    assert bench.conservation().unaccounted == 0


def test_the_bytes_of_a_file_that_is_being_transferred_are_shown(bench: StrikeBench) -> None:
    path = bench.send("one.txt_tmp", b"1")
    shown = []
    for _ in range(3):
        bench.run()
        shown.append(bench.ingest("one.txt").bytes_transferred)
        with path.open("ab") as writer:
            writer.write(b"22")

    assert shown == [1, 3, 5]


def test_a_paused_process_leaves_its_directory_alone_until_it_is_resumed(
    bench: StrikeBench,
) -> None:
    bench.run()
    bench.catalogue.strikes.update(bench.strike.id, {"is_paused": True})
    bench.send("one.txt")
    bench.run(2)
    assert bench.ingests() == []
    with bench.catalogue.database.transaction() as tx:
        assert tx.jobs.get(bench.strike.job_id).status is JobStatus.RUNNING

    bench.catalogue.strikes.update(bench.strike.id, {"is_paused": False})
    bench.settle()

    assert bench.ingest("one.txt").status is IngestStatus.INGESTED


def test_a_deferred_file_is_ingested_once_a_rule_for_it_is_added(bench: StrikeBench) -> None:
    bench.send("notes.doc")
    bench.run(2)
    assert bench.ingest("notes.doc").status is IngestStatus.DEFERRED

    bench.rules.append(rule(".*doc", "notes", bench.workspace))
    bench.reconfigure()
    bench.settle()

    assert bench.ingest("notes.doc").status is IngestStatus.INGESTED


def test_a_deferred_file_that_is_asked_for_is_deferred_again_without_a_rule(
    bench: StrikeBench,
) -> None:
    bench.send("notes.doc")
    bench.run(2)

    retried = bench.catalogue.ingests.retry(strike_ids=[bench.strike.id])

    assert retried == [bench.ingest("notes.doc").id]
    assert bench.conservation().in_flight == 1
    bench.run(2)
    assert bench.ingest("notes.doc").status is IngestStatus.DEFERRED


def test_an_errored_file_that_was_mended_can_be_tried_again(bench: StrikeBench) -> None:
    bench.send("empty.txt", b"")
    bench.settle()
    (kept,) = bench.kept("errored")
    kept.write_bytes(b"mended")

    bench.catalogue.ingests.retry([bench.ingest("empty.txt").id])
    bench.settle()

    ingest = bench.ingest("empty.txt")
    assert (ingest.status, ingest.detail) == (IngestStatus.INGESTED, None)
    assert names_of(bench) == ["empty.txt=mended"]
    assert bench.kept("errored") == []


def test_an_errored_file_below_a_directory_is_brought_back_there(bench: StrikeBench) -> None:
    configured(bench, recursive=True)
    bench.send("day/empty.txt", b"")
    bench.settle()
    (bench.inbox / "day").rmdir()

    bench.catalogue.ingests.retry()
    bench.settle()

    assert bench.ingest("empty.txt").status is IngestStatus.ERRORED
    assert len(bench.kept("errored")) == 1
    assert (bench.inbox / "day").is_dir()


def test_a_file_that_takes_the_place_of_one_to_be_tried_again_is_ingested_itself(
    bench: StrikeBench,
) -> None:
    bench.send("empty.txt", b"")
    bench.settle()
    bench.catalogue.ingests.retry()
    bench.send("empty.txt", b"another")

    bench.settle()

    first, second = bench.ingests("empty.txt")
    assert (first.status, second.status) == (IngestStatus.ERRORED, IngestStatus.INGESTED)
    assert first.detail is not None
    assert "another file has its name" in first.detail
    assert len(bench.kept("errored")) == 1


def test_a_file_that_is_gone_is_tried_again_in_vain(bench: StrikeBench) -> None:
    path = bench.send("one.txt_tmp")
    bench.run()
    path.unlink()
    bench.run(3)

    bench.catalogue.ingests.retry()
    bench.run(3)

    ingest = bench.ingest("one.txt")
    assert ingest.status is IngestStatus.ERRORED
    assert "cannot be tried again: its file is neither in" in (ingest.detail or "")


def test_what_waits_or_has_ended_well_is_not_tried_again(bench: StrikeBench) -> None:
    bench.send("one.txt")
    bench.send("two.txt_tmp")
    bench.run(2)

    with pytest.raises(NotFoundError, match="No ingest that was selected"):
        bench.catalogue.ingests.retry()


def test_media_types_are_found_by_content_where_the_extension_says_nothing(
    bench: StrikeBench,
) -> None:
    bench.send("scene.dat", b"\x89HDF\r\n\x1a\n" + os.urandom(64))
    bench.settle()

    (source,) = bench.sources()
    assert source.media_type == "image/x-hdf5-image"
    assert bench.ingest("scene.dat").media_type == "image/x-hdf5-image"
