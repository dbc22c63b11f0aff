"""Snapshots of the definitions: the same content is the same version, for ever."""

import pytest

from catalog.database import Database
from catalog.services.definitions import DefinitionService, ShardFile
from catalog.tables import DagShard, DagSnapshot
from tests.support.catalogues import World, at_once, interface, job_type, recipe_job, recipe_type

Files = dict[str, ShardFile]


def version(world: World) -> str:
    return world.catalogue.definitions.current_version()


def files(world: World, of: str | None = None) -> Files:
    return world.catalogue.definitions.files_of(of or version(world))


def test_a_version_stays_while_nothing_changes(world: World) -> None:
    world.configure([job_type("a")])
    assert version(world) == version(world)
    assert world.count(DagSnapshot) == 1


def test_the_same_content_is_the_same_version_also_later(world: World) -> None:
    world.configure([job_type("a", title="one")])
    first = version(world)
    world.configure([job_type("a", title="two")])
    assert version(world) != first
    world.configure([job_type("a", title="one")])
    assert version(world) == first


def test_one_change_touches_one_file(world: World) -> None:
    world.configure([job_type(f"type {number}") for number in range(100)])
    before = files(world)
    assert len(before) > 30
    world.configure([job_type("type 7", title="changed")])
    after = files(world)
    assert before.keys() == after.keys()
    changed = [name for name in before if before[name] != after[name]]
    assert len(changed) == 1
    assert after[changed[0]].made > before[changed[0]].made


def test_content_that_comes_back_counts_as_new(world: World) -> None:
    world.configure([job_type("a", title="one")])
    first = files(world)
    world.configure([job_type("a", title="two")])
    second = files(world)
    world.configure([job_type("a", title="one")])
    third = files(world)
    (name,) = first
    assert first[name].content == third[name].content
    assert first[name].made < second[name].made < third[name].made


def test_an_old_version_can_be_had_again_whole(world: World) -> None:
    world.configure([job_type("a", title="one")])
    old = version(world)
    content = {name: file.content for name, file in files(world, old).items()}
    for title in ("two", "three"):
        world.configure([job_type("a", title=title), job_type(title)])
        version(world)
    assert {name: file.content for name, file in files(world, old).items()} == content


def test_a_version_there_never_was_is_an_error(world: World) -> None:
    with pytest.raises(LookupError, match="no DAG bundle version 'nowhere'"):
        files(world, "nowhere")


def test_many_who_ask_at_once_agree(world: World, database_url: str) -> None:
    world.configure([job_type(f"type {number}") for number in range(10)])
    databases = [Database(database_url) for _ in range(4)]
    versions = at_once(4, lambda each: DefinitionService(databases[each]).current_version())
    for database in databases:
        database.close()
    assert versions == [version(world)] * 4
    assert world.count(DagSnapshot) == 1


def test_unchanged_files_are_kept_once_for_all_versions(world: World) -> None:
    world.configure([job_type("a"), job_type("b")])
    version(world)
    before = world.count(DagShard)
    world.configure([job_type("b", title="changed")])
    version(world)
    assert world.count(DagShard) == before + 1


def test_a_recipe_is_a_dag_with_its_jobs_as_tasks(world: World) -> None:
    making = interface(outputs={"out": "file"}, command="make", arguments="${job_output_dir}")
    jobs = {
        "make it": recipe_job("maker"),
        "read": recipe_job("reader", parents={"make it": {"file": "out"}}),
    }
    world.configure(
        [
            job_type("maker", making, priority=5, docker_image="image:1"),
            job_type("reader", interface({"file": "file"})),
        ],
        [recipe_type("two", jobs, title="Two")],
    )
    dags = {dag["dag_id"]: dag for file in files(world).values() for dag in file.content["dags"]}
    assert set(dags) == {"recipe.two.1.0", "job.maker.1.0", "job.reader.1.0"}
    make, read = dags["recipe.two.1.0"]["tasks"]
    assert (make["task_id"], make["title"], make["upstream"]) == ("make..20it", "make it", [])
    assert (make["runtime"], make["image"], make["priority"]) == ("docker", "image:1", 5)
    assert make["command"] == "make ${job_output_dir}"
    assert (read["runtime"], read["image"], read["upstream"]) == ("process", None, ["make..20it"])


def test_a_recipe_of_an_archived_job_type_takes_no_other_down(world: World) -> None:
    world.configure(
        [job_type("old"), job_type("other")], [recipe_type("recipe", {"a": recipe_job("old")})]
    )
    with world.database.transaction() as tx:
        old = tx.job_types.find("old", "1.0")
        assert old is not None
        tx.job_types.update(old.id, {"is_active": False})
        tx.definitions.changed()
    ids = {dag["dag_id"] for file in files(world).values() for dag in file.content["dags"]}
    assert ids == {"recipe.recipe.1.0", "job.other.1.0"}


def test_a_strike_process_has_a_file_of_its_own(world: World) -> None:
    configuration = {
        "version": "1.0",
        "mount": f"host:{world.home}",
        "transfer_suffix": "_tmp",
        "files_to_ingest": [
            {"filename_regex": ".*", "workspace_name": "raw", "workspace_path": "in"}
        ],
    }
    strike = world.catalogue.strikes.create("my strike", configuration)
    file = files(world)["strike.my..20strike.py"]
    assert file.content["strike_id"] == strike.id
