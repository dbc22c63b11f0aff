"""Outputs by pattern."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dag_factory.collected_patterns import Patterns, matches
from schemas.job_interface import JobInterface
from tests.support.catalogues import interface

PARTS = st.lists(st.text("abc.", min_size=1, max_size=3), min_size=1, max_size=4)


@pytest.mark.parametrize(
    ("path", "pattern", "expected"),
    [
        ("a.txt", "*.txt", True),
        ("d/a.txt", "*.txt", False),
        ("d/a.txt", "**/*.txt", True),
        ("a.txt", "**/*.txt", True),
        ("d/e/a.txt", "d/**", True),
        ("d", "d/**/x", False),
        ("a.tif", "[ab].t?f", True),
    ],
)
def test_a_pattern_is_one_of_paths(path: str, pattern: str, *, expected: bool) -> None:
    assert matches(path.split("/"), pattern.split("/")) is expected


@given(PARTS)
def test_everything_matches_what_matches_everything(parts: list[str]) -> None:
    assert matches(parts, ["**", "*"])
    assert matches(parts, ["**"])


def test_only_plain_files_of_the_job_are_found(tmp_path: Path) -> None:
    for name in ("b.txt", "deep/a.txt", "_context.json", ".source/x.txt", "results_manifest.json"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    (tmp_path / "link.txt").symlink_to("/etc/hostname")
    declared = JobInterface.parse(interface(outputs={"all": "files", "one": "file"}))
    patterns = Patterns(
        {"all": ["**/*"], "one": ["*.txt"]}, frozenset({"_context.json", ".source"})
    )

    found = {each.name: each for each in patterns.found(declared, tmp_path, frozenset())}

    assert [each.path for each in found["all"].files] == ["b.txt", "deep/a.txt"]
    assert [each.path for each in found["one"].files] == ["b.txt"]
    assert list(patterns.found(declared, tmp_path, frozenset({"all", "one"}))) == []
