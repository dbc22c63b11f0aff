"""Versions of the DAG bundle as files: whole or not at all, and the same wherever written."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from catalog.services.definitions import ShardFile
from dag_factory.bundle_files import source_of, write_version
from tests.support.catalogues import at_once

TRICKY = "\"\"\" '''\\ \n\u2028 \x00 é {x} ${y}"
FILES: dict[str, ShardFile] = {
    "shard_01.py": ShardFile({"kind": "jobs", "dags": [{"title": TRICKY}]}, 1000.5),
    "recipes/a.json.py": ShardFile({"kind": "problem", "path": "a", "problem": TRICKY}, 2000.0),
}


def written(directory: Path) -> dict[str, str]:
    return {
        path.relative_to(directory).as_posix(): path.read_text()
        for path in directory.rglob("*")
        if path.is_file()
    }


def test_a_version_is_its_files_with_the_times_of_their_shards(tmp_path: Path) -> None:
    write_version(tmp_path / "v1", FILES)
    assert written(tmp_path / "v1").keys() == FILES.keys()
    times = {name: (tmp_path / "v1" / name).stat().st_mtime for name in FILES}
    assert times == {name: file.made for name, file in FILES.items()}
    assert [each.name for each in tmp_path.iterdir()] == ["v1"]


def test_a_version_can_be_read_by_other_users(tmp_path: Path) -> None:
    write_version(tmp_path / "v1", FILES)
    assert (tmp_path / "v1").stat().st_mode & 0o055 == 0o055


def test_a_version_written_again_is_the_same_to_the_byte(tmp_path: Path) -> None:
    for name in ("one", "other"):
        write_version(tmp_path / name / "v1", FILES)
    assert written(tmp_path / "one") == written(tmp_path / "other")


def test_a_version_that_is_there_keeps_its_files_and_gets_the_times_of_now(tmp_path: Path) -> None:
    write_version(tmp_path / "v1", FILES)
    inode = (tmp_path / "v1" / "shard_01.py").stat().st_ino
    again = {name: ShardFile(file.content, file.made + 5) for name, file in FILES.items()}
    write_version(tmp_path / "v1", again)
    status = (tmp_path / "v1" / "shard_01.py").stat()
    assert (status.st_ino, status.st_mtime) == (inode, 1005.5)


def test_a_crash_leaves_no_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(_: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", die)
        with pytest.raises(KeyboardInterrupt):
            write_version(tmp_path / "v1", FILES)
    assert not (tmp_path / "v1").exists()
    write_version(tmp_path / "v1", FILES)
    assert written(tmp_path / "v1").keys() == FILES.keys()


def test_what_a_crash_left_long_ago_is_removed(tmp_path: Path) -> None:
    old, young = tmp_path / ".v1.old", tmp_path / ".v1.young"
    for each in (old, young):
        each.mkdir()
    os.utime(old, (0, 0))
    write_version(tmp_path / "v1", FILES)
    assert not old.exists()
    assert young.exists()


def test_many_who_write_at_once_leave_one_whole_version(tmp_path: Path) -> None:
    outcomes = at_once(6, lambda _: write_version(tmp_path / "versions" / "v1", FILES))
    assert outcomes == [None] * 6
    assert [each.name for each in (tmp_path / "versions").iterdir()] == ["v1"]
    assert written(tmp_path / "versions" / "v1").keys() == FILES.keys()


@pytest.mark.parametrize(
    "content",
    [
        {"kind": "jobs", "dags": [{"title": TRICKY}]},
        {"kind": "strike", "dag_id": "strike.a", "title": TRICKY},
        {"kind": "problem", "path": "a", "problem": TRICKY},
    ],
)
def test_every_kind_of_source_holds_its_content_whole_and_is_taken_for_a_dag_file(
    content: dict[str, Any],
) -> None:
    source = source_of(content)
    assert all(re.search(word, source, re.IGNORECASE) for word in ("dag", "airflow"))
    literal = source.split("CONTENT = ", 1)[1].split("\n\n", 1)[0]
    scope = {"json": json}
    assert eval(literal, scope) == content  # noqa: S307  # our own source


def test_a_kind_that_is_not_known_is_an_error() -> None:
    with pytest.raises(ValueError, match="no kind of shard 'other'"):
        source_of({"kind": "other"})


def test_a_problem_is_raised_where_airflow_imports_its_file(tmp_path: Path) -> None:
    write_version(tmp_path / "v1", FILES)
    done = subprocess.run(
        [sys.executable, str(tmp_path / "v1" / "recipes" / "a.json.py")],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "ConfigurationFileError: dags/recipes/a was not imported:" in done.stderr
