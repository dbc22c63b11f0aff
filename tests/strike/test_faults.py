"""What senders, disks and clocks do to files: nothing is lost, and nothing comes twice."""

import errno
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from catalog.brokers import DirectoryBroker, StoredFile
from catalog.brokers.directory import _copy as copy_of_brokers
from catalog.states import IngestStatus
from strike.directory import IngestDirectory
from tests.strike.bench import StrikeBench
from tests.strike.conftest import MakeBench
from tests.strike.test_process import failing_once


@contextmanager
def memory_disk(folder: Path, size: str) -> Iterator[None]:
    """Mount a small file system; the test is skipped where that is not allowed."""
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder],
        check=False, capture_output=True,
    )  # fmt: skip
    if done.returncode != 0:
        pytest.skip(f"no file system can be mounted here: {done.stderr.decode().strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=False, capture_output=True)


def contents(bench: StrikeBench) -> list[bytes]:
    """Return what the sources of the workspace hold."""
    return [bench.stored(each).read_bytes() for each in bench.sources()]


def accounted(bench: StrikeBench) -> bool:
    """Say whether the ledger accounts for every file, and nothing is in flight."""
    account = bench.conservation()
    return account.unaccounted == 0 and account.in_flight == 0


def test_a_slow_writer_without_suffix_is_waited_for(make_bench: MakeBench) -> None:
    bench = make_bench(stability=3600.0)
    path = bench.send("slow.txt", b"1")
    for _ in range(3):
        bench.run()
        with path.open("ab") as writer:
            writer.write(b"2")

    ingest = bench.ingest("slow.txt")
    assert (ingest.status, ingest.bytes_transferred) == (IngestStatus.TRANSFERRING, 3)
    assert contents(bench) == []


def test_a_file_that_grows_while_it_is_copied_is_stored_when_it_is_whole(
    bench: StrikeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = DirectoryBroker.put
    rest = [b"the rest"]

    def put_meanwhile(broker: DirectoryBroker, source: Path, file_path: str) -> StoredFile:
        stored = put(broker, source, file_path)
        if rest:
            with source.open("ab") as writer:
                writer.write(rest.pop())
        return stored

    monkeypatch.setattr(DirectoryBroker, "put", put_meanwhile)
    bench.send("slow.txt", b"begin and ")
    bench.settle()

    assert contents(bench) == [b"begin and the rest"]
    assert bench.ingest("slow.txt").status is IngestStatus.INGESTED


def test_a_file_renamed_over_one_that_waits_takes_its_place(make_bench: MakeBench) -> None:
    bench = make_bench(stability=3600.0)
    bench.send("a.txt", b"first")
    bench.run()
    bench.send("a.txt", b"second")
    bench.run()
    bench.options["stability_seconds"] = 0
    bench.reconfigure()
    bench.settle()

    assert contents(bench) == [b"second"]
    assert bench.statuses() == {IngestStatus.INGESTED: 1}


@pytest.mark.parametrize("mtime", [0, 1_000_000_000, 4_000_000_000])
def test_another_file_of_the_same_name_is_ingested_whatever_its_time(
    bench: StrikeBench, mtime: int
) -> None:
    for content in (b"old", b"new"):
        path = bench.send("a.txt_tmp", content)
        os.utime(path, (mtime, mtime))
        path.rename(bench.inbox / "a.txt")
        bench.settle()

    assert contents(bench) == [b"old", b"new"]
    assert accounted(bench)


def test_a_file_older_than_the_one_before_is_a_generation_too(bench: StrikeBench) -> None:
    bench.send("a.txt", b"new")
    bench.settle()
    path = bench.send("a.txt_tmp", b"old")
    os.utime(path, (1, 1))
    path.rename(bench.inbox / "a.txt")
    bench.settle()

    assert contents(bench) == [b"new", b"old"]


@pytest.mark.parametrize("days", [-2, 2])
def test_a_clock_that_steps_changes_nothing(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    class Stepped(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.now(tz) + timedelta(days=days)

    bench = make_bench(stability=0.01)
    bench.send("a.txt", b"before")
    bench.run()
    monkeypatch.setattr("strike.watch.datetime", Stepped)
    bench.send("b.txt", b"after")
    bench.settle()

    assert sorted(contents(bench)) == [b"after", b"before"]
    step = bench.ingest("b.txt").transfer_started - datetime.now(UTC)
    assert abs(step - timedelta(days=days)) < timedelta(days=1)


def test_a_file_that_cannot_be_read_once_is_tried_again(
    bench: StrikeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed: list[Path] = []

    def copy_later(source: Path, writer: BinaryIO) -> StoredFile:
        if not failed:
            failed.append(source)
            writer.write(source.read_bytes()[:3])
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(source))
        return copy_of_brokers(source, writer)

    monkeypatch.setattr("catalog.brokers.directory._copy", copy_later)
    bench.send("a.txt", b"content")
    bench.settle()

    assert failed
    assert contents(bench) == [b"content"]
    assert bench.left() == []


def test_a_directory_that_cannot_be_read_once_is_looked_at_again(
    bench: StrikeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.send("a.txt", b"content")
    bench.send("notes.doc")
    bench.run(2)
    bench.send("b.txt", b"other")
    failed = failing_once(monkeypatch, "scandir", errno.EIO)
    summary = bench.run()
    assert failed
    assert "Input/output error" in (summary.problem or "")

    bench.settle()
    bench.run(2)

    assert bench.statuses() == {IngestStatus.INGESTED: 2, IngestStatus.DEFERRED: 1}


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC, errno.ESTALE])
@pytest.mark.parametrize("function", ["fsync", "replace"])
def test_a_disk_that_fails_once_is_tried_again(
    bench: StrikeBench, monkeypatch: pytest.MonkeyPatch, function: str, number: int
) -> None:
    failed = failing_once(monkeypatch, function, number)
    bench.send("a.txt", b"content")
    bench.settle()

    assert failed
    assert contents(bench) == [b"content"]
    assert bench.left() == []


def test_a_full_disk_is_waited_for_and_keeps_nothing_of_the_attempt(bench: StrikeBench) -> None:
    with memory_disk(bench.storage, "1M"):
        filler = bench.storage / "filler"
        filler.write_bytes(bytes(900 * 1024))
        bench.send("a.txt", b"a" * 300 * 1024)
        bench.run(2)
        ingest = bench.ingest("a.txt")
        assert ingest.status is IngestStatus.INGESTING
        assert "No space left" in (ingest.detail or "")
        assert [each for each in bench.storage.rglob("*") if each.is_file()] == [filler]

        filler.unlink()
        bench.settle()

        assert [len(each) for each in contents(bench)] == [300 * 1024]
        assert accounted(bench)


def test_a_directory_that_is_unmounted_loses_no_file(bench: StrikeBench) -> None:
    backing = bench.home / "backing"
    with memory_disk(backing, "1M"):
        (backing / "inbox").mkdir()
        bench.inbox.mkdir()
        subprocess.run(["mount", "--bind", backing / "inbox", bench.inbox], check=True)
        bench.send_within("a.txt_tmp", b"a")
        bench.send_within("notes.doc", b"n")
        bench.run(2)
        subprocess.run(["umount", bench.inbox], check=True)
        for _ in range(3):
            summary = bench.run()
        assert "looks unmounted" in (summary.problem or "")
        assert bench.conservation().in_flight + bench.conservation().deferred == 2

        subprocess.run(["mount", "--bind", backing / "inbox", bench.inbox], check=True)
        try:
            (bench.inbox / "a.txt_tmp").rename(bench.inbox / "a.txt")
            bench.settle()
            assert contents(bench) == [b"a"]
            assert bench.statuses() == {IngestStatus.INGESTED: 1, IngestStatus.DEFERRED: 1}
        finally:
            bench.close()
            subprocess.run(["umount", "--lazy", bench.inbox], check=True)


def test_a_file_that_vanishes_while_it_is_ingested_is_reported(
    bench: StrikeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = IngestDirectory.take

    def take_and_lose(directory: IngestDirectory, ingest_id: int, name: str) -> Path:
        path = take(directory, ingest_id, name)
        path.unlink()
        return path

    monkeypatch.setattr(IngestDirectory, "take", take_and_lose)
    bench.send("a.txt")
    bench.settle()

    ingest = bench.ingest("a.txt")
    assert ingest.status is IngestStatus.ERRORED
    assert "vanished" in (ingest.detail or "")
    assert accounted(bench)


@pytest.mark.parametrize(
    "name",
    [
        'it\'s "quoted" `and` $(run).txt',
        "\u00e9\u4e2d\U0001f6f0 .txt",
        "a" * 251 + ".txt",
        "\u00e9" * 125 + "x.txt",
        "-rf.txt",
        "%s{0}\\n.txt",
    ],
)
def test_odd_names_are_ingested_as_they_are(bench: StrikeBench, name: str) -> None:
    assert len(name.encode()) <= 255
    bench.send(name, b"content")
    bench.settle()

    assert [each.file_name for each in bench.sources()] == [name]
    assert contents(bench) == [b"content"]


def test_a_name_of_255_bytes_may_have_the_transfer_suffix_at_its_end(bench: StrikeBench) -> None:
    path = bench.send("a" * 247 + ".txt_tmp", b"content")
    bench.run()
    path.rename(bench.inbox / path.name.removesuffix("_tmp"))
    bench.settle()

    assert contents(bench) == [b"content"]


def test_pipes_and_sockets_are_set_aside_and_block_nothing(bench: StrikeBench) -> None:
    bench.inbox.mkdir()
    os.mkfifo(bench.inbox / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(bench.inbox / "socket.txt"))
        bench.send("a.txt", b"content")
        bench.settle()

    assert contents(bench) == [b"content"]
    assert bench.statuses() == {IngestStatus.INGESTED: 1, IngestStatus.ERRORED: 2}
    assert len(bench.kept("errored")) == 2
