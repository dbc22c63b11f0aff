"""What every log store does alike: prefixes of what was printed, whoever copies them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from catalog.logs import KEPT, KeptLog, LogStore, Stream, last_lines, log_store
from tests.support.logs import KINDS, set_store

STARTED = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "source.log"


@pytest.fixture(params=KINDS)
def store(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> LogStore:
    """Return an empty store of each kind."""
    return set_store(request, monkeypatch, tmp_path)


def a_log(store: LogStore, stream: Stream = Stream.STDOUT, *, is_new: bool = False) -> KeptLog:
    return store.log(1234, STARTED, stream, is_new=is_new)


def kept(store: LogStore, start: int = 0) -> bytes:
    return b"".join(a_log(store).chunks(start))


@pytest.mark.parametrize("is_new", [True, False])
def test_what_is_new_is_added_and_nothing_twice(
    source: Path, store: LogStore, *, is_new: bool
) -> None:
    log = a_log(store, is_new=is_new)
    for content in (b"one\n", b"one\ntwo\n\xff\0", b"one\ntwo\n\xff\0"):
        source.write_bytes(content)
        log.copy_new(source)
        assert kept(store) == content
        assert store.sizes(1234, STARTED) == {Stream.STDOUT: len(content)}
    assert kept(store, 4) == b"two\n\xff\0"
    assert kept(store, 99) == b""


def test_binary_output_of_many_parts_is_kept_byte_for_byte(source: Path, store: LogStore) -> None:
    content = bytes(range(256)) * 5000
    for end in (70_000, 300_001, len(content)):
        source.write_bytes(content[:end])
        a_log(store).copy_new(source)  # each time by a successor, who knows of nothing
        assert kept(store) == content[:end]
    assert kept(store, 65_536 * 3 - 1) == content[65_536 * 3 - 1 :]
    a_log(store).finish(source, least=0)
    assert kept(store) == content
    assert kept(store, 65_536 * 3 - 1) == content[65_536 * 3 - 1 :]


def test_a_log_that_was_behind_is_completed_by_another(source: Path, store: LogStore) -> None:
    source.write_bytes(b"0123")
    a_log(store).copy_new(source)
    source.write_bytes(b"0123456789")
    a_log(store).finish(source, least=100)
    assert kept(store) == b"0123456789"


def test_a_successor_that_sees_less_takes_nothing_away(source: Path, store: LogStore) -> None:
    source.write_bytes(b"0123456789")
    a_log(store).copy_new(source)
    source.write_bytes(b"012")  # an engine tells it again, from the beginning
    successor = a_log(store)
    successor.copy_new(source)
    assert kept(store) == b"0123456789"
    source.unlink()
    successor.finish(source, least=100)
    assert kept(store) == b"0123456789"


@pytest.mark.parametrize("is_new", [True, False])
def test_a_short_stream_that_nobody_followed_leaves_nothing(
    source: Path, store: LogStore, *, is_new: bool
) -> None:
    source.write_bytes(b"short")
    a_log(store, is_new=is_new).finish(source, least=5)
    assert store.sizes(1234, STARTED) == {}
    assert kept(store) == b""


def test_a_stream_that_is_not_there_leaves_nothing(source: Path, store: LogStore) -> None:
    log = a_log(store)
    assert not log.is_behind(source)
    log.copy_new(source)
    log.finish(source, least=0)
    assert store.sizes(1234, STARTED) == {}


def test_a_long_stream_keeps_its_beginning_and_its_end_and_says_what_is_missing(
    source: Path, store: LogStore
) -> None:
    with source.open("wb") as stream:
        stream.write(b"first")
        stream.truncate(1 << 30)
        stream.seek(0, 2)
        stream.write(b"last")
    log = a_log(store)
    log.copy_new(source)
    assert store.sizes(1234, STARTED) == {Stream.STDOUT: KEPT // 2}
    assert not log.is_behind(source)
    missing = (1 << 30) + 4 - KEPT
    mark = f"\n[... {missing} bytes are not kept ...]\n".encode()
    for _ in range(2):  # as after a crash
        a_log(store).finish(source, least=0)
        assert store.sizes(1234, STARTED) == {Stream.STDOUT: KEPT + len(mark)}
        assert kept(store, KEPT // 2)[: len(mark)] == mark
        assert kept(store, KEPT + len(mark) - 5) == b"\0last"
        assert next(a_log(store).chunks())[:6] == b"first\0"


def test_executions_of_another_catalogue_have_other_logs(source: Path, store: LogStore) -> None:
    source.write_bytes(b"words")
    a_log(store).copy_new(source)
    later = STARTED + timedelta(microseconds=1)
    assert store.sizes(1234, later) == {}
    assert b"".join(store.log(1234, later, Stream.STDOUT).chunks()) == b""


def test_the_streams_of_an_execution_are_told_apart(source: Path, store: LogStore) -> None:
    for stream in Stream:
        source.write_bytes(stream.value.encode() * 2)
        a_log(store, stream).copy_new(source)
    assert store.sizes(1234, STARTED) == dict.fromkeys(Stream, 12)
    assert b"".join(a_log(store, Stream.STDERR).chunks()) == b"stderrstderr"
    source.write_bytes(b"a whole")
    store.log(123, STARTED, Stream.STDERR).finish(source, least=0)
    assert store.sizes(123, STARTED) == {Stream.STDERR: 7}


def test_a_store_can_be_tried_and_nothing_is_left_of_it(store: LogStore, tmp_path: Path) -> None:
    (tmp_path / "store").mkdir(exist_ok=True)
    store.probe()
    assert list((tmp_path / "store").iterdir()) == []


@pytest.mark.parametrize("address", ["gs://bucket", "s3://", "s3:///prefix"])
def test_an_address_that_is_none_of_a_bucket_is_refused(address: str) -> None:
    with pytest.raises(OSError, match="neither a directory nor s3://bucket/prefix"):
        log_store({"AIRSCALE_LOGS": address})


def test_the_last_lines_of_a_text() -> None:
    assert last_lines("a\nb\nc", 2) == "b\nc"
    assert last_lines("a\nb\n", None) == "a\nb\n"
