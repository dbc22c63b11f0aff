"""What the command line says and does where there is no system to start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from airscale import keys
from airscale.home import PROJECT_ROOT, Home

pytestmark = pytest.mark.slow


def airscale(root: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "airscale", *arguments],
        cwd=PROJECT_ROOT,
        env={**os.environ, "AIRSCALE_HOME": str(root)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_status_shows_what_does_not_run(home: Home) -> None:
    answer = airscale(home.root, "status")
    assert answer.returncode == 0
    assert answer.stdout.count("stopped") == 5
    assert "Log in" not in answer.stdout


def test_status_makes_no_home(tmp_path: Path) -> None:
    assert airscale(tmp_path / "none", "status").returncode == 0
    assert not (tmp_path / "none").exists()


def test_status_shows_address_and_login_where_they_are_known(home: Home) -> None:
    password = keys.load_or_create(home).admin_password
    home.ports.write_text('{"api": 4711}')
    answer = airscale(home.root, "status")
    assert "http://127.0.0.1:4711" in answer.stdout
    assert f"admin with the password {password}" in answer.stdout


def test_down_of_nothing_succeeds(tmp_path: Path) -> None:
    answer = airscale(tmp_path / "none", "down")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert not (tmp_path / "none").exists()


def test_an_error_is_a_sentence_and_exit_code_1(home: Home) -> None:
    answer = airscale(home.root, "reset", "--yes")
    assert answer.returncode == 1
    assert f"There is nothing to reset: {home.root}" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_reset_without_a_terminal_deletes_nothing(home: Home) -> None:
    keys.load_or_create(home)
    answer = airscale(home.root, "reset")
    assert answer.returncode == 1
    assert "give --yes" in answer.stderr
    assert home.secrets.exists()


@pytest.mark.parametrize("command", ["up", "down", "status", "reset"])
def test_every_command_explains_itself(tmp_path: Path, command: str) -> None:
    assert "Usage" in airscale(tmp_path, command, "--help").stdout


def test_reset_deletes_what_is_ours_and_says_what_it_keeps(tmp_path: Path) -> None:
    home = Home(tmp_path.resolve() / "home")
    home.create()
    keys.load_or_create(home)
    (home.root / "notes.txt").write_text("mine")
    answer = airscale(home.root, "reset", "--yes")
    assert answer.returncode == 0
    assert "notes.txt" in answer.stdout
    assert [place.name for place in home.root.iterdir()] == ["notes.txt"]


def test_reset_leaves_no_folder_where_all_of_it_is_ours(tmp_path: Path) -> None:
    home = Home(tmp_path.resolve() / "home")
    home.create()
    keys.load_or_create(home)
    assert airscale(home.root, "reset", "--yes").returncode == 0
    assert not home.root.exists()


def test_metrics_of_a_system_that_does_not_run_says_so(home: Home) -> None:
    answer = airscale(home.root, "metrics", "--from", "2016-05-01", "--to", "2016-05-02")
    assert answer.returncode == 1
    assert "is not running. Start it with `up`." in answer.stderr


def test_metrics_of_a_range_are_computed_day_by_day(
    home: Home, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRSCALE_DATABASE_URL", database_url)
    answer = airscale(home.root, "metrics", "--from", "2016-05-30", "--to", "2016-06-01")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.splitlines() == [
        "2016-05-30 is computed.",
        "2016-05-31 is computed.",
        "2016-06-01 is computed.",
        "The metrics of 3 days are computed.",
    ]


def test_metrics_of_a_range_that_runs_backwards_are_refused(
    home: Home, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRSCALE_DATABASE_URL", database_url)
    answer = airscale(home.root, "metrics", "--from", "2016-05-30", "--to", "2016-05-01")
    assert answer.returncode == 1
    assert "starts on 2016-05-30 and ends on 2016-05-01" in answer.stderr
    assert "Traceback" not in answer.stderr
