"""The directory of an execution: names of its own for every file, logs that fit, and removal."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.records.execution import InputFile
from dag_factory.work_directory import (
    LOG_LIMIT,
    WorkDirectory,
    artifact_lines,
    executions_directory,
    tail,
    unique_names,
)


def input_file(file_id: int, name: str) -> InputFile:
    return InputFile(file_id, name, Path("/raw") / str(file_id) / name, "image/tiff", 1)


@given(names=st.lists(st.sampled_from(["a", "a.tif", "a-2.tif", "a-3.tif", "a-2-3.tif", ".tif"])))
def test_every_file_of_an_input_has_a_name_of_its_own(names: list[str]) -> None:
    files = tuple(input_file(number, name) for number, name in enumerate(names, 1))
    named = unique_names(files)
    assert sorted(each.file_id for each in named.values()) == [each.file_id for each in files]
    assert all(Path(name).suffix == Path(file.file_name).suffix for name, file in named.items())


def test_a_name_that_is_free_is_kept() -> None:
    files = (input_file(1, "a.tif"), input_file(2, "a.tif"), input_file(3, "b.tif"))
    assert {name: file.file_id for name, file in unique_names(files).items()} == {
        "a.tif": 1,
        "a-2.tif": 2,
        "b.tif": 3,
    }


def test_the_tail_is_the_end_of_a_log_as_text_that_can_be_stored(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"x" * LOG_LIMIT + b"\0\xff end\xc3\xa9")
    text = tail(log)
    assert len(text.encode()) >= LOG_LIMIT
    assert text.endswith("\ufffd\ufffd endé")
    assert tail(tmp_path / "missing") == ""


def test_an_artifact_is_found_wherever_it_stands_in_a_long_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    noise = b"noise without end " * 1000
    log.write_bytes(
        b"ARTIFACT:one:a.tif\n" + (noise + b"\n") * 40 + noise * 40 + b"\nARTIFACT:two:b.tif"
    )
    assert artifact_lines(log) == "ARTIFACT:one:a.tif\nARTIFACT:two:b.tif"
    assert artifact_lines(tmp_path / "missing") == ""


def test_a_work_directory_can_be_prepared_again(tmp_path: Path) -> None:
    work = WorkDirectory.of(tmp_path, 7)
    work.prepare()
    (work.outputs / "a.tif").touch()
    work.prepare()
    assert work.root.name == "exe-7"
    assert (work.outputs / "a.tif").exists()


def test_everything_of_an_execution_is_removed_also_what_it_locked(tmp_path: Path) -> None:
    work = WorkDirectory.of(tmp_path, 7)
    work.prepare()
    locked = work.outputs / "locked" / "deeper"
    locked.mkdir(parents=True)
    (locked / "a.tif").touch()
    locked.chmod(0o555)
    locked.parent.chmod(0)
    work.remove()
    assert not work.root.exists()
    work.remove()


def test_what_an_input_link_leads_to_is_not_removed(tmp_path: Path) -> None:
    original = tmp_path / "original"
    original.mkdir()
    (original / "a.tif").touch()
    mode = original.stat().st_mode
    work = WorkDirectory.of(tmp_path / "executions", 7)
    work.prepare()
    (work.inputs / "link").symlink_to(original)
    work.remove()
    assert (original / "a.tif").exists()
    assert original.stat().st_mode == mode


def test_executions_are_where_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AIRSCALE_HOME", str(tmp_path))
    monkeypatch.delenv("AIRSCALE_EXECUTIONS", raising=False)
    assert executions_directory() == tmp_path / "executions"
    monkeypatch.setenv("AIRSCALE_EXECUTIONS", "/elsewhere")
    assert executions_directory() == Path("/elsewhere")
