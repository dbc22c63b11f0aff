"""Logs are kept for as many days as the deployment says."""

import os
import time
from pathlib import Path

import pytest

from catalog.log_retention import LOG_DAYS_VARIABLE, remove_old_logs
from catalog.log_store import LOGS_VARIABLE

DAY = 86_400.0
NOW = time.time()


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(LOGS_VARIABLE, str(tmp_path))
    monkeypatch.setenv(LOG_DAYS_VARIABLE, "30")
    return tmp_path


def log(store: Path, name: str, days: float) -> Path:
    path = store / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("words")
    os.utime(path, (NOW - days * DAY, NOW - days * DAY))
    return path


def test_old_logs_are_removed_with_folders_that_are_empty(store: Path) -> None:
    old = log(store, "000001/1.stdout.log", 31)
    young = log(store, "000002/2.stdout.log", 29)

    assert remove_old_logs(NOW) == 1

    assert not old.parent.exists()
    assert young.exists()


def test_the_store_is_looked_through_once_a_day(store: Path) -> None:
    remove_old_logs(NOW)
    log(store, "000001/1.stdout.log", 31)

    assert remove_old_logs(NOW + DAY / 2) == 0
    assert remove_old_logs(NOW + DAY * 1.1) == 1


def test_without_the_setting_nothing_is_removed(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(LOG_DAYS_VARIABLE)
    old = log(store, "000001/1.stdout.log", 9999)

    assert remove_old_logs(NOW) == 0
    assert old.exists()


def test_a_store_that_is_not_there_has_nothing_to_remove(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(LOG_DAYS_VARIABLE, "1")
    monkeypatch.setenv(LOGS_VARIABLE, str(tmp_path / "nothing"))

    assert remove_old_logs() == 0


@pytest.mark.parametrize("value", ["0", "-1", "a week"])
def test_a_setting_that_is_no_number_of_days_is_named(
    store: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    del store
    monkeypatch.setenv(LOG_DAYS_VARIABLE, value)

    with pytest.raises(ValueError, match="AIRSCALE_LOG_DAYS is"):
        remove_old_logs()
