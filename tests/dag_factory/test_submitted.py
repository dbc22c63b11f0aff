"""What a submission puts into the work directory, also when a step is taken again."""

import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from catalog.records.staging import GitSource, StagedUrl, Staging
from dag_factory.failures import JobFailure
from dag_factory.submitted import put_submitted, submitted_names


@pytest.fixture(autouse=True)
def files_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Allow files of this host."""
    monkeypatch.setenv("AIRSCALE_FETCH_SCHEMES", "file")


def failure(staging: Staging, folder: Path, deadline: datetime | None = None) -> JobFailure:
    with pytest.raises(JobFailure) as caught:
        put_submitted(staging, folder, deadline)
    return caught.value


def test_files_and_directories_are_there_whole_and_stay(tmp_path: Path) -> None:
    given, folder = tmp_path / "given", tmp_path / "work"
    (given / "data" / "deep").mkdir(parents=True)
    (given / "data" / "deep" / "a").write_text("a")
    (given / "b").write_text("b")
    staging = Staging(
        {"_context.json": {"x": 1}},
        (
            StagedUrl((given / "data").as_uri(), "data"),
            StagedUrl((given / "b").as_uri(), "sub/b"),
        ),
    )

    put_submitted(staging, folder, None)
    (given / "b").write_text("changed")
    put_submitted(staging, folder, None)

    found = {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*")
        if path.is_file()
    }
    assert json.loads(found.pop("_context.json")) == {"x": 1}
    assert found == {"data/deep/a": "a", "sub/b": "b"}
    assert submitted_names(staging) == {"_context.json", "data", "sub"}


def test_nothing_is_left_of_what_is_not_there(tmp_path: Path) -> None:
    url = (tmp_path / "nothing").as_uri()

    found = failure(Staging({}, (StagedUrl(url, "x"),)), tmp_path / "work")

    assert found.error_name == "invalid-input"
    assert list((tmp_path / "work").iterdir()) == []


def test_a_path_may_not_lead_out_of_the_work_directory(tmp_path: Path) -> None:
    for path in ("../x", "/x"):
        found = failure(Staging({path: {}}), tmp_path / "work")
        assert found.error_name == "invalid-input"


@pytest.mark.parametrize("url", ["https://a/b", "ext::sh -c true", "file"])
def test_only_schemes_that_are_allowed_are_fetched(tmp_path: Path, url: str) -> None:
    for staging in (Staging({}, (StagedUrl(url, "x"),)), Staging({}, source=GitSource(url))):
        assert failure(staging, tmp_path).error_name == "invalid-input"


def test_a_commit_is_no_option_of_git(tmp_path: Path) -> None:

    bare = tmp_path / "bare.git"
    subprocess.run(["git", "init", "--quiet", "--bare", str(bare)], check=True)

    found = failure(Staging({}, source=GitSource(bare.as_uri(), "--upload-pack=x")), tmp_path / "w")

    assert (found.error_name, "--upload-pack=x" in found.detail) == ("invalid-input", True)


def test_the_time_limit_counts_while_things_are_fetched(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    late = datetime.now(UTC) - timedelta(seconds=1)

    found = failure(Staging({}, (StagedUrl((tmp_path / "a").as_uri(), "x"),)), tmp_path / "w", late)

    assert found.error_name == "timeout"
