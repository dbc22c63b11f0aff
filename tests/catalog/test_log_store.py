"""Logs as files: prefixes of what was printed, whoever copies them; long ones cut in the middle."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from catalog.log_store import KEPT, LOGS_VARIABLE, KeptLog, Stream, last_lines

STARTED = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "source.log"


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KeptLog:
    monkeypatch.setenv(LOGS_VARIABLE, str(tmp_path / "store"))
    return KeptLog.of(1234, STARTED, Stream.STDOUT)


def test_what_is_new_is_appended_and_nothing_twice(source: Path, kept: KeptLog) -> None:
    for content in (b"one\n", b"one\ntwo\n\xff\0", b"one\ntwo\n\xff\0"):
        source.write_bytes(content)
        kept.copy_new(source)
        assert kept.path.read_bytes() == content


def test_a_copy_that_was_cut_off_is_completed_by_another(source: Path, kept: KeptLog) -> None:
    source.write_bytes(b"0123456789")
    kept.copy_new(source)
    kept.path.write_bytes(b"0123")
    kept.finish(source, least=0)
    assert kept.path.read_bytes() == b"0123456789"


def test_a_short_stream_that_nobody_followed_leaves_no_file(source: Path, kept: KeptLog) -> None:
    source.write_bytes(b"short")
    kept.finish(source, least=5)
    assert not kept.path.exists()


def test_a_stream_that_is_not_there_leaves_no_file(source: Path, kept: KeptLog) -> None:
    kept.copy_new(source)
    kept.finish(source, least=0)
    assert not kept.path.parent.exists()


def test_a_long_stream_keeps_its_beginning_and_its_end_and_says_what_is_missing(
    source: Path, kept: KeptLog
) -> None:
    with source.open("wb") as stream:
        stream.write(b"first")
        stream.truncate(1 << 30)
        stream.seek(0, 2)
        stream.write(b"last")
    kept.copy_new(source)
    for _ in range(2):  # as after a crash
        kept.finish(source, least=0)
        size = kept.path.stat().st_size
        assert KEPT < size < KEPT + 100
        with kept.path.open("rb") as stream:
            assert stream.read(5) == b"first"
            stream.seek(KEPT // 2)
            missing = (1 << 30) + 4 - KEPT
            assert stream.readlines(100)[:2] == [
                b"\n",
                f"[... {missing} bytes are not kept ...]\n".encode(),
            ]
            stream.seek(-4, 2)
            assert stream.read() == b"last"


def test_executions_of_another_catalogue_have_other_files(kept: KeptLog) -> None:
    later = KeptLog.of(1234, STARTED + timedelta(microseconds=1), Stream.STDOUT)
    assert later.path != kept.path


def test_the_last_lines_of_a_text() -> None:
    assert last_lines("a\nb\nc", 2) == "b\nc"
    assert last_lines("a\nb\n", None) == "a\nb\n"
