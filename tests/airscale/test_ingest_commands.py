"""``airscale workspace|strike|scan``."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from airscale.cli import app
from catalog.services.scans import ScanService

pytestmark = pytest.mark.slow


@pytest.fixture
def home(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with configurations, for a catalogue of the test's own."""
    monkeypatch.setenv("AIRSCALE_DATABASE_URL", database_url)
    monkeypatch.setenv("AIRSCALE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "200")
    for name in ("raw", "archive"):
        (tmp_path / name).mkdir()
    (tmp_path / "archive" / "a.tif").write_bytes(b"pixels")
    rule = {"filename_regex": ".*", "workspace_path": "x", "workspace_name": "raw"}
    documents = {
        "workspace": {"broker": {"type": "host", "host_path": str(tmp_path / "raw")}},
        "scan": {"workspace_name": "raw", "directory": str(tmp_path / "archive")},
        "strike": {"mount": "h:/in", "transfer_suffix": "_tmp", "files_to_ingest": [rule]},
    }
    for name, document in documents.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
    call("workspace", "create", "raw", str(tmp_path / "workspace.json"))
    return tmp_path


def call(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def test_a_workspace_is_created_and_listed(home: Path) -> None:
    listed = call("workspace", "list").stdout
    assert "raw" in listed
    assert "host" in listed
    again = call("workspace", "create", "raw", str(home / "workspace.json"))
    assert again.exit_code == 1
    assert "Choose another name" in again.stderr


def test_a_strike_process_is_created_paused_and_resumed(home: Path) -> None:
    call("strike", "create", "in", str(home / "strike.json"))
    assert "is paused" in call("strike", "pause", "in").stdout
    assert call("strike", "list").stdout.count("true") == 2  # active, and paused
    assert "is resumed" in call("strike", "resume", "in").stdout
    assert call("strike", "list").stdout.count("true") == 1
    assert call("strike", "pause", "out").exit_code == 1


def test_a_scan_looks_first_and_ingests_when_told_to(home: Path) -> None:
    call("scan", "create", "old", str(home / "scan.json"))
    dry = call("scan", "run", "old")
    assert "1 files: 1 would be ingested" in dry.stdout
    assert not (home / "raw" / "a.tif").exists()
    assert "1 are ingested, 0 are known" in call("scan", "run", "old", "--ingest").stdout
    assert "0 are ingested, 1 are known" in call("scan", "run", "old", "--ingest").stdout
    assert "INGESTED" in call("scan", "list").stdout


def test_a_configuration_that_is_no_json_is_named(home: Path) -> None:
    (home / "bad.json").write_text("{")
    answer = call("scan", "create", "x", str(home / "bad.json"))
    assert answer.exit_code == 1
    assert "is not JSON" in answer.stderr


@pytest.mark.parametrize("content", ["[" * 100_000, "\x00", ""])
def test_a_configuration_of_any_bytes_is_refused_with_a_sentence(home: Path, content: str) -> None:
    (home / "bad.json").write_text(content)
    answer = call("workspace", "create", "x", str(home / "bad.json"))
    assert answer.exit_code == 1
    assert "is not JSON" in answer.stderr


def test_a_configuration_that_is_not_there_is_named(home: Path) -> None:
    answer = call("strike", "create", "x", str(home / "none.json"))
    assert answer.exit_code == 1
    assert "none.json' cannot be read: No such file" in answer.stderr


@pytest.mark.usefixtures("home")
def test_a_name_that_is_no_text_is_refused() -> None:
    for command in (("scan", "run"), ("strike", "pause")):
        answer = call(*command, "caf\udce9")
        assert answer.exit_code == 2
        assert "no printable UTF-8" in answer.stderr


def test_a_scan_that_is_cut_off_says_how_it_goes_on(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_1: object, **_2: object) -> None:
        raise KeyboardInterrupt

    call("scan", "create", "old", str(home / "scan.json"))
    with monkeypatch.context() as patched:
        patched.setattr(ScanService, "run", interrupt)
        answer = call("scan", "run", "old")
    assert answer.exit_code == 1
    assert "The same command goes on" in answer.stderr


@pytest.mark.usefixtures("home")
def test_an_address_of_a_database_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRSCALE_DATABASE_URL", "rubbish")
    answer = call("workspace", "list")
    assert answer.exit_code == 1
    assert "AIRSCALE_DATABASE_URL is no address of a database" in answer.stderr
