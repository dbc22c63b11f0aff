"""Directories of workspaces, as the paths in the catalogue make them."""

from collections.abc import Iterable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from catalog.catalogue import Catalogue
from catalog.states import FileKind

NAMES = st.sampled_from(["a", "a.b", "a-b", "ab", "b", "B", "ä", "0", " x", "%"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)


def store(catalogue: Catalogue, paths: Iterable[str]) -> None:
    """Put files of these paths into the catalogue."""
    with catalogue.database.transaction() as tx:
        for path in paths:
            tx.files.add(
                kind=FileKind.SOURCE, workspace_id=1, file_name=path.rpartition("/")[2],
                file_path=path, media_type="text/plain", file_size=1, sha256="x", data_type=[],
                uuid="x", meta_data={}, countries=[],
            )  # fmt: skip


def make_workspace(catalogue: Catalogue) -> None:
    broker = {"type": "host", "host_path": "/nowhere"}
    catalogue.workspaces.create("raw", {"version": "1.0", "broker": broker})


def names(catalogue: Catalogue, path: str = "", size: int = 100) -> list[tuple[str, bool]]:
    """Return the names of a directory and whether each is a file, read to the end."""
    found: list[tuple[str, bool]] = []
    start: str | None = ""
    while start is not None:
        read = catalogue.queries.directories.read(1, path, start, size)
        assert len(read.entries) <= size
        found += [(each.name, each.file is not None) for each in read.entries]
        start = read.following
    return found


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(paths=st.sets(PATHS, max_size=12), size=st.integers(1, 4))
def test_every_file_is_found_below_its_directories(
    catalogue: Catalogue, paths: set[str], size: int
) -> None:
    files = {path for path in paths if not any(each.startswith(f"{path}/") for each in paths)}
    with catalogue.database.engine.begin() as connection:
        connection.execute(text("TRUNCATE scale_file, workspace RESTART IDENTITY CASCADE"))
    make_workspace(catalogue)
    store(catalogue, files)

    def walk(path: str) -> Iterable[str]:
        listed = names(catalogue, path, size)
        assert len(set(listed)) == len(listed)
        for name, is_file in listed:
            whole = f"{path}/{name}" if path else name
            yield from [whole] if is_file else walk(whole)

    assert sorted(walk("")) == sorted(files)


def test_a_file_and_a_directory_of_one_name_are_two_entries(catalogue: Catalogue) -> None:
    make_workspace(catalogue)
    store(catalogue, ["x/a", "x/a/b", "x/a.c", "y"])

    assert names(catalogue) == [("x", False), ("y", True)]
    assert names(catalogue, "x") == [("a", True), ("a.c", True), ("a", False)]
    assert names(catalogue, "x/a") == [("b", True)]


def test_a_deleted_file_and_an_empty_directory_are_not_there(catalogue: Catalogue) -> None:
    make_workspace(catalogue)
    store(catalogue, ["x/a", "y"])
    with catalogue.database.transaction() as tx:
        tx.files.mark_deleted([1])

    assert names(catalogue) == [("y", True)]
    assert names(catalogue, "nowhere") == []
