"""Paths inside a workspace."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.workspace_paths import WorkspacePathError, relative_path
from tests.schemas.helpers import UNHURRIED


@pytest.mark.parametrize(
    ("text", "path"),
    [("/my/path", "my/path"), ("my//path/", "my/path"), ("./a/.", "a"), ("/", ""), ("", "")],
)
def test_a_path_is_read_as_relative_to_its_workspace(text: str, path: str) -> None:
    assert relative_path(text) == path


@pytest.mark.parametrize("text", ["..", "../a", "a/../b", "/a/.."])
def test_a_path_with_two_dots_is_refused(text: str) -> None:
    with pytest.raises(WorkspacePathError, match=r"the part '\.\.' is not allowed"):
        relative_path(text)


@pytest.mark.parametrize("text", ["a\nb", "a/\x00/b", "a/\x7f"])
def test_a_path_with_control_characters_is_refused(text: str) -> None:
    with pytest.raises(WorkspacePathError, match="control characters"):
        relative_path(text)


def test_a_part_that_is_too_long_for_a_directory_is_refused() -> None:
    with pytest.raises(WorkspacePathError, match="a part of 256 bytes"):
        relative_path("a/" + "é" * 128)
    assert relative_path("a/" + "b" * 255) == "a/" + "b" * 255


@UNHURRIED
@given(st.lists(st.sampled_from(["a", "..", ".", "", "...", "b c"])).map("/".join))
def test_an_accepted_path_stays_inside(text: str) -> None:
    try:
        path = relative_path(text)
    except WorkspacePathError:
        return
    assert not path.startswith("/")
    assert ".." not in path.split("/")
    assert relative_path(path) == path
