"""Files of dags/recipes: each is imported when it changes, and a broken one says why."""

import json
from pathlib import Path

import pytest

from tests.support.catalogues import Json, World, at_once, document, interface, job_type


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return an empty folder of recipes."""
    recipes = tmp_path / "recipes"
    recipes.mkdir()
    return recipes


def write(folder: Path, name: str, content: Json | str) -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def synchronise(world: World, folder: Path) -> dict[str, str]:
    """Synchronise and return the problems, by file."""
    world.catalogue.configuration_files.synchronise(folder)
    with world.database.transaction() as tx:
        return tx.configuration_files.problems()


def commands(world: World) -> dict[str, str]:
    with world.database.transaction() as tx:
        return {
            each.name: each.interface["command"]
            for each in tx.job_types.all()
            if not each.is_system
        }


def version(world: World) -> str:
    return world.catalogue.definitions.current_version()


def revision(world: World) -> int | None:
    """Return the revision of the definitions if a snapshot is due, else None."""
    with world.database.transaction() as tx:
        return tx.definitions.lock_stale()


def test_a_file_is_imported_and_again_when_it_changes(world: World, folder: Path) -> None:
    write(folder, "a.json", document([job_type("a", interface(command="old"))]))
    assert synchronise(world, folder) == {}
    write(folder, "a.json", document([job_type("a", interface(command="new"))]))
    assert synchronise(world, folder) == {}
    assert commands(world) == {"a": "new"}


def test_a_file_that_did_not_change_is_left_alone(world: World, folder: Path) -> None:
    write(folder, "a.json", document([job_type("a", interface(command="file"))]))
    synchronise(world, folder)
    world.configure([job_type("a", interface(command="by hand"))])
    synchronise(world, folder)
    assert commands(world) == {"a": "by hand"}


def test_a_file_written_anew_with_the_same_meaning_changes_no_definitions(
    world: World, folder: Path
) -> None:
    meaning = document([job_type("a")])
    write(folder, "a.json", meaning)
    synchronise(world, folder)
    version(world)
    write(folder, "a.json", json.dumps(meaning, indent=4))
    synchronise(world, folder)
    assert revision(world) is None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", ["$: the file is not JSON"]),
        ("[" * 100_000, ["$: the file is not JSON"]),
        ("[]", ["$:", "expected an object"]),
        (json.dumps(document([{"name": "x", "version": "1"}])), ["$.job_types[0]", "interface"]),
    ],
)
def test_a_broken_file_says_where_and_why(
    world: World, folder: Path, content: str, words: list[str]
) -> None:
    write(folder, "broken.json", content)
    problems = synchronise(world, folder)
    assert all(each in problems["broken.json"] for each in words), problems


def test_a_broken_file_keeps_no_other_file_out(world: World, folder: Path) -> None:
    write(folder, "a-broken.json", "{")
    write(folder, "b.json", document([job_type("b")]))
    (folder / "c.json").mkdir()
    (folder / "d-\udcff.json").write_bytes(b"{")
    write(folder, "e.json", document([job_type("e")]))
    problems = synchronise(world, folder)
    assert set(problems) == {"a-broken.json", "c.json", "d-\\xff.json"}
    assert "cannot be read" in problems["c.json"]
    assert set(commands(world)) == {"b", "e"}


def test_a_broken_file_leaves_what_it_configured_before(world: World, folder: Path) -> None:
    write(folder, "a.json", document([job_type("a")]))
    synchronise(world, folder)
    write(folder, "a.json", "{")
    synchronise(world, folder)
    assert set(commands(world)) == {"a"}


def test_a_mended_file_clears_its_problem(world: World, folder: Path) -> None:
    write(folder, "a.json", "{")
    synchronise(world, folder)
    broken = version(world)
    write(folder, "a.json", document())
    assert synchronise(world, folder) == {}
    assert version(world) != broken


def test_a_problem_shows_in_the_bundle_while_it_lasts(world: World, folder: Path) -> None:
    path = write(folder, "a.json", "{")
    synchronise(world, folder)
    file = world.catalogue.definitions.files_of(version(world))["recipes/a.json.py"]
    assert (file.content["kind"], file.content["path"]) == ("problem", "a.json")
    path.unlink()
    assert synchronise(world, folder) == {}
    assert "recipes/a.json.py" not in world.catalogue.definitions.files_of(version(world))


def test_the_same_problem_again_changes_no_definitions(world: World, folder: Path) -> None:
    (folder / "a.json").mkdir()
    synchronise(world, folder)
    version(world)
    synchronise(world, folder)
    assert revision(world) is None


def test_a_file_that_is_gone_is_forgotten_and_what_it_configured_stays(
    world: World, folder: Path
) -> None:
    path = write(folder, "a.json", document([job_type("a")]))
    synchronise(world, folder)
    path.unlink()
    synchronise(world, folder)
    with world.database.transaction() as tx:
        assert tx.configuration_files.digests() == {}
    assert set(commands(world)) == {"a"}


def test_processes_that_synchronise_at_once_find_no_problem(world: World, folder: Path) -> None:
    for name in "abc":
        write(folder, f"{name}.json", document([job_type(name)]))
    synchronises = at_once(3, lambda _: world.catalogue.configuration_files.synchronise(folder))
    assert synchronises == [None] * 3
    assert synchronise(world, folder) == {}
    assert set(commands(world)) == set("abc")
