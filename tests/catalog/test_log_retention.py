"""Logs are kept for as many days as the deployment says."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalog.logs import CONNECTION_VARIABLE, LOGS_VARIABLE, LogStore, Stream, log_store
from catalog.logs.objects import ObjectStore
from catalog.logs.retention import LOG_DAYS_VARIABLE, remove_old_logs
from tests.support.logs import KINDS, set_store
from tests.support.s3 import CONNECTION

DAY = 86_400.0
NOW = time.time()
STARTED = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture(params=KINDS)
def store(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> LogStore:
    """Return an empty store of each kind."""
    monkeypatch.setenv(LOG_DAYS_VARIABLE, "30")
    return set_store(request, monkeypatch, tmp_path)


@pytest.fixture
def bucket_store(s3_bucket: str, monkeypatch: pytest.MonkeyPatch) -> ObjectStore:
    """Return a store that has a whole bucket, which others use, too."""
    monkeypatch.setenv(LOG_DAYS_VARIABLE, "30")
    monkeypatch.setenv(LOGS_VARIABLE, f"s3://{s3_bucket}")
    monkeypatch.setenv(CONNECTION_VARIABLE, CONNECTION)
    store = log_store()
    assert isinstance(store, ObjectStore)
    return store


def words(store: LogStore, folder: Path, job_exe_id: int, *, is_over: bool = True) -> None:
    """Let an execution have printed something, now."""
    source = folder / "source"
    source.write_text("words")
    log = store.log(job_exe_id, STARTED, Stream.STDOUT)
    log.copy_new(source)
    if is_over:
        log.finish(source, least=0)


@pytest.mark.parametrize("is_over", [True, False])
def test_old_logs_are_removed_and_young_ones_stay(
    store: LogStore, tmp_path: Path, *, is_over: bool
) -> None:
    words(store, tmp_path, 1, is_over=is_over)
    assert remove_old_logs(NOW + 29 * DAY) == 0
    assert store.sizes(1, STARTED) == {Stream.STDOUT: 5}
    assert remove_old_logs(NOW + 31 * DAY) == 1
    assert store.sizes(1, STARTED) == {}


def test_the_store_is_looked_through_once_a_day(store: LogStore, tmp_path: Path) -> None:
    words(store, tmp_path, 1)
    remove_old_logs(NOW)
    assert remove_old_logs(NOW + DAY / 2) == 0
    assert remove_old_logs(NOW + DAY * 31) == 1


def test_without_the_setting_nothing_is_removed(
    store: LogStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(LOG_DAYS_VARIABLE)
    words(store, tmp_path, 1)
    assert remove_old_logs(NOW + 9999 * DAY) == 0
    assert store.sizes(1, STARTED) == {Stream.STDOUT: 5}


def test_a_store_that_is_empty_has_nothing_to_remove(store: LogStore) -> None:
    assert remove_old_logs() == 0
    del store


@pytest.mark.slow
def test_of_a_bucket_nothing_else_is_removed(bucket_store: ObjectStore, tmp_path: Path) -> None:
    words(bucket_store, tmp_path, 1)
    others = {"data.bin", "000001/data.log", "000001/1-2.stdout.log.bak"}
    for key in others:
        bucket_store.bucket.put(key, b"?")
    assert remove_old_logs(NOW + 31 * DAY) == 1
    assert {each.key for each in bucket_store.bucket.list("")} == others | {".swept"}


@pytest.mark.slow
def test_an_upload_that_nobody_completed_is_removed(bucket_store: ObjectStore) -> None:
    bucket = bucket_store.bucket
    for key in ("000000/1-20260102T000000000000.stdout.log", "another"):
        bucket.ask("create_multipart_upload", Key=key)  # as a crash leaves it
    remove_old_logs(NOW)
    assert [each.key for each in bucket.uploads("")] == ["another"]


def test_old_folders_that_are_empty_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(LOGS_VARIABLE, str(tmp_path))
    monkeypatch.setenv(LOG_DAYS_VARIABLE, "30")
    old = tmp_path / "000001" / "1.stdout.log"
    old.parent.mkdir()
    old.write_text("words")
    os.utime(old, (NOW - 31 * DAY, NOW - 31 * DAY))
    assert remove_old_logs(NOW) == 1
    assert not old.parent.exists()


def test_a_store_that_is_not_there_has_nothing_to_remove(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(LOG_DAYS_VARIABLE, "1")
    monkeypatch.setenv(LOGS_VARIABLE, str(tmp_path / "nothing"))
    assert remove_old_logs() == 0


@pytest.mark.parametrize("value", ["0", "-1", "a week"])
def test_a_setting_that_is_no_number_of_days_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv(LOGS_VARIABLE, str(tmp_path))
    monkeypatch.setenv(LOG_DAYS_VARIABLE, value)
    with pytest.raises(ValueError, match="AIRSCALE_LOG_DAYS is"):
        remove_old_logs()
