"""Logs in a bucket: what it costs, what a crash leaves, and a bucket that does not answer."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.logs import Stream
from catalog.logs.bucket import PART, Bucket
from catalog.logs.objects import ObjectLog, ObjectStore
from catalog.logs.parts import LARGE, SMALL
from tests.support.logs import PATIENT, DeadError, MortalBucket
from tests.support.s3 import CONNECTION, VARIABLE, S3Server

pytestmark = pytest.mark.slow
STARTED = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
PRINTED = Random(4).randbytes(PART + LARGE + 7)  # noqa: S311 - any bytes


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "source.log"


@pytest.fixture
def bucket(s3_bucket: str) -> MortalBucket:
    return MortalBucket(s3_bucket, CONNECTION, **PATIENT)


def a_log(bucket: Bucket, *, is_new: bool = False, seconds: float = 0.0) -> ObjectLog:
    return ObjectStore(bucket, seconds=seconds).log(7, STARTED, Stream.STDOUT, is_new=is_new)


def kept(bucket: Bucket) -> bytes:
    return b"".join(a_log(bucket).chunks())


def test_a_log_has_few_parts_while_it_grows_and_is_one_object_in_the_end(
    source: Path, bucket: MortalBucket
) -> None:
    log = a_log(bucket, is_new=True)
    for end in range(20_000, len(PRINTED), 1_500_000):
        source.write_bytes(PRINTED[:end])
        log.copy_new(source)
        sizes = [each.size for each in bucket.list("")]
        assert len(sizes) <= LARGE // SMALL + end // LARGE + 1
        assert kept(bucket) == PRINTED[:end]
    source.write_bytes(PRINTED)
    log.finish(source, least=0)
    assert [each.size for each in bucket.list("")] == [len(PRINTED)]
    assert kept(bucket) == PRINTED


def test_a_new_execution_that_ends_at_once_makes_no_request(
    source: Path, bucket: MortalBucket
) -> None:
    source.write_bytes(b"short")
    a_log(bucket, is_new=True).finish(source, least=5)
    assert bucket.asked == []


def test_what_is_written_costs_one_request_and_a_quiet_stream_none(
    source: Path, bucket: MortalBucket
) -> None:
    log = a_log(bucket, is_new=True)
    source.write_bytes(b"one")
    assert log.is_behind(source)
    log.copy_new(source)
    assert not log.is_behind(source)
    source.write_bytes(b"one two")
    assert log.is_behind(source)
    log.copy_new(source)
    assert bucket.asked == ["put_object"] * 2
    log.finish(source, least=100)
    assert bucket.asked[2:] == ["put_object", "delete_objects"]
    log.finish(source, least=100)
    assert len(bucket.asked) == 4


def test_a_stream_that_never_rests_is_not_written_all_the_time(
    source: Path, bucket: MortalBucket
) -> None:
    log = a_log(bucket, is_new=True, seconds=3600.0)
    source.write_bytes(b"one")
    log.copy_new(source)
    source.write_bytes(b"one two")
    assert not log.is_behind(source)


def test_who_reads_parts_that_are_joined_meanwhile_goes_on_in_the_whole(
    source: Path, bucket: MortalBucket
) -> None:
    source.write_bytes(PRINTED)
    log = a_log(bucket, is_new=True)
    log.copy_new(source)
    reading = a_log(bucket).chunks()
    first = next(reading)
    log.finish(source, least=0)
    assert first + b"".join(reading) == PRINTED


def test_parts_are_joined_where_what_was_printed_is_gone(
    source: Path, bucket: MortalBucket
) -> None:
    source.write_bytes(PRINTED)
    a_log(bucket).copy_new(source)
    source.unlink()
    a_log(bucket).finish(source, least=0)
    assert [each.size for each in bucket.list("")] == [len(PRINTED)]
    assert kept(bucket) == PRINTED


def test_what_was_joined_from_less_is_replaced_by_who_has_it_all(
    source: Path, bucket: MortalBucket
) -> None:
    source.write_bytes(PRINTED[:100_000])
    a_log(bucket).copy_new(source)
    a_log(bucket).finish(source.with_name("gone"), least=0)
    source.write_bytes(PRINTED)
    a_log(bucket).finish(source, least=0)
    assert kept(bucket) == PRINTED


def test_an_older_state_that_somebody_slow_writes_is_mended(
    source: Path, bucket: MortalBucket
) -> None:
    source.write_bytes(PRINTED[: 3 * SMALL])
    log = a_log(bucket, is_new=True)
    log.copy_new(source)
    bucket.put(f"{log.key}.{SMALL:08d}", PRINTED[SMALL : SMALL + 9])
    assert kept(bucket) == PRINTED[: SMALL + 9]
    source.write_bytes(PRINTED[: 4 * SMALL])
    a_log(bucket).copy_new(source)
    assert kept(bucket) == PRINTED[: 4 * SMALL]
    log.finish(source, least=0)
    assert kept(bucket) == PRINTED[: 4 * SMALL]


@st.composite
def lives(draw: st.DrawFn) -> list[tuple[list[int], int, bool]]:
    """Of each triggerer: what was printed when it copied, and after which request it died."""
    ends = st.lists(st.integers(0, 5 * SMALL), max_size=4)
    return draw(st.lists(st.tuples(ends, st.integers(0, 12), st.booleans()), max_size=5))


@pytest.fixture(scope="module")
def crash_bucket(s3_server: S3Server) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(VARIABLE, s3_server.connection)
        yield s3_server.new_bucket()


@pytest.fixture(scope="module")
def crash_source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("crashes") / "source.log"


@settings(max_examples=30)
@given(lives=lives(), last=st.integers(0, 5 * SMALL))
def test_whoever_dies_at_whichever_request_nothing_is_lost_and_nothing_comes_twice(
    crash_bucket: str, crash_source: Path, lives: list[tuple[list[int], int, bool]], last: int
) -> None:
    prefix = str(uuid4())
    reader = ObjectStore(Bucket(crash_bucket, CONNECTION, **PATIENT), prefix).log(
        7, STARTED, Stream.STDOUT
    )
    crash_source.write_bytes(b"")
    printed = seen = 0
    for ends, lives_for, is_heard in lives:
        mortal = MortalBucket(
            crash_bucket, CONNECTION, lives_for=lives_for, is_heard=is_heard, **PATIENT
        )
        log = ObjectStore(mortal, prefix, seconds=0.0).log(7, STARTED, Stream.STDOUT)
        try:
            for end in ends:
                printed = max(printed, end)
                crash_source.write_bytes(PRINTED[:printed])
                log.copy_new(crash_source)
            log.finish(crash_source, least=10)
        except DeadError:
            pass
        content = b"".join(reader.chunks())
        assert content == PRINTED[: len(content)]
        assert seen <= len(content) <= printed
        seen = len(content)
    printed = max(printed, last)
    crash_source.write_bytes(PRINTED[:printed])
    ObjectStore(reader.bucket, prefix).log(7, STARTED, Stream.STDOUT).finish(crash_source, least=0)
    assert b"".join(reader.chunks()) == PRINTED[:printed]
    assert [each.size for each in reader.bucket.list(prefix)] == [printed] * (printed > 0)


@pytest.mark.parametrize("is_heard", [True, False])
@pytest.mark.parametrize("lives_for", range(6))
def test_who_dies_while_it_joins_a_long_log_leaves_it_readable(
    source: Path, bucket: MortalBucket, lives_for: int, *, is_heard: bool
) -> None:
    source.write_bytes(PRINTED[:100_000])
    a_log(bucket, is_new=True).copy_new(source)
    source.write_bytes(PRINTED)
    mortal = MortalBucket(
        bucket.name, CONNECTION, lives_for=lives_for, is_heard=is_heard, **PATIENT
    )
    with pytest.raises(DeadError):
        a_log(mortal).finish(source, least=0)
    assert kept(bucket) in (PRINTED[:100_000], PRINTED)
    a_log(bucket).finish(source, least=0)
    assert kept(bucket) == PRINTED
    assert [each.size for each in bucket.list("")] == [len(PRINTED)]


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """Return a bucket of a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        endpoint = f"http://127.0.0.1:{server.getsockname()[1]}"
        monkeypatch.setenv(VARIABLE, S3Server(endpoint).connection)
        yield Bucket("anything", CONNECTION, seconds=0.5, pause=3600.0)


def test_a_bucket_that_does_not_answer_is_asked_once_and_then_left_in_peace(
    source: Path, silent: Bucket
) -> None:
    source.write_bytes(b"words")
    with pytest.raises(TimeoutError, match=r"no answer in 0.5 s|[Tt]imeout"):
        a_log(silent).copy_new(source)
    for _ in range(100):
        with pytest.raises(TimeoutError, match="is asked again in"):
            a_log(silent).copy_new(source)


def test_a_bucket_that_did_not_answer_is_asked_again_after_a_while(
    source: Path, s3_server: S3Server, monkeypatch: pytest.MonkeyPatch, s3_bucket: str
) -> None:
    bucket = Bucket(s3_bucket, CONNECTION, pause=0.0)
    source.write_bytes(b"words")
    monkeypatch.setenv(VARIABLE, S3Server("http://127.0.0.1:1").connection)
    with pytest.raises(TimeoutError):
        a_log(bucket).copy_new(source)
    monkeypatch.setenv(VARIABLE, s3_server.connection)
    a_log(bucket).copy_new(source)
    assert kept(bucket) == b"words"


def test_a_bucket_that_is_not_there_is_said(
    source: Path,
    s3_server: S3Server,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(VARIABLE, s3_server.connection)
    source.write_bytes(b"words")
    with pytest.raises(OSError, match="there is no such bucket"):
        a_log(Bucket("nothing", CONNECTION), is_new=True).copy_new(source)
