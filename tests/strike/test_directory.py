"""Looking at a directory, stability of its files, being woken, and the settings."""

import os
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from strike.rules import shown
from strike.scanner import Sighting, scan
from strike.settings import STABILITY_VARIABLE, StrikeSettings
from strike.stability import StabilityWatch
from strike.watcher import DirectoryWatcher

PATIENCE = 10.0
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def seen(name: str, size: int = 1, inode: int = 1) -> dict[str, Sighting]:
    return {name: Sighting(name, size, 1, inode, 0o100644)}


def test_a_scan_finds_the_files_and_enters_no_directory(tmp_path: Path) -> None:
    (tmp_path / "ingesting").mkdir()
    (tmp_path / "ingesting" / "inside.txt").touch()
    (tmp_path / "one.txt").write_bytes(b"123")
    os.utime(tmp_path / "one.txt", ns=(1, 2))

    (found,) = scan(tmp_path)

    assert (found.name, found.size, found.mtime_ns, found.is_regular) == ("one.txt", 3, 2, True)


def test_a_scan_finds_names_that_are_not_utf8(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9")
    (tmp_path / name).touch()

    (found,) = scan(tmp_path)

    assert found.name == name
    assert shown(found.name) == r"caf\xe9"


def test_what_nfs_leaves_of_removed_files_is_no_arrival(tmp_path: Path) -> None:
    (tmp_path / ".nfs000000000123456700000001").touch()

    assert list(scan(tmp_path)) == []


def test_a_file_is_stable_when_it_stayed_the_same_for_the_window() -> None:
    watch = StabilityWatch(5.0, "_tmp")
    watch.look(seen("a"), 100.0, NOW)
    watch.look(seen("a"), 103.0, NOW)

    assert watch.remaining("a", 103.0) == 2.0
    assert watch.remaining("a", 105.0) == 0.0


@pytest.mark.parametrize("changed", [seen("a", size=2), seen("a", inode=2)])
def test_a_change_starts_the_window_again(changed: dict[str, Sighting]) -> None:
    watch = StabilityWatch(5.0, "_tmp")
    watch.look(seen("a"), 100.0, NOW)
    watch.look(changed, 104.0, NOW)

    assert watch.remaining("a", 104.0) == 5.0


def test_losing_the_transfer_suffix_is_no_change() -> None:
    watch = StabilityWatch(5.0, "_tmp")
    watch.look(seen("a_tmp"), 100.0, NOW)
    watch.look(seen("a"), 106.0, NOW)

    assert watch.remaining("a", 106.0) == 0.0


def test_an_arrival_wakes(tmp_path: Path) -> None:
    woken = threading.Event()
    watcher = DirectoryWatcher(woken.set)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.touch()
    inbox = tmp_path / "inbox"
    inbox.mkdir()

    assert watcher.watch(inbox)
    elsewhere.rename(inbox / "arrived")

    assert woken.wait(PATIENCE)
    watcher.stop()


def test_a_directory_that_cannot_be_watched_is_no_error(tmp_path: Path) -> None:
    watcher = DirectoryWatcher(lambda: None)

    assert not watcher.watch(tmp_path / "missing")

    watcher.stop()


def test_the_stability_window_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(STABILITY_VARIABLE, raising=False)
    assert StrikeSettings.from_environment().stability == 1.0
    monkeypatch.setenv(STABILITY_VARIABLE, "0")
    assert StrikeSettings.from_environment().stability == 0.0


@pytest.mark.parametrize("text", ["-1", "soon", "nan", "inf"])
def test_a_window_that_is_no_time_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv(STABILITY_VARIABLE, text)

    with pytest.raises(ValueError, match=STABILITY_VARIABLE):
        StrikeSettings.from_environment()
