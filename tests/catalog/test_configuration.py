"""Import of configuration: all of it or nothing, and nothing for nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.errors import InvalidError
from catalog.records.configuration import JobTypeRecord, RecipeTypeRecord
from catalog.services.saving import Caution
from catalog.tables import (
    Base,
    Definitions,
    Error,
    JobType,
    JobTypeRevision,
    RecipeType,
    RecipeTypeRevision,
    TriggerRule,
)
from tests.support.catalogues import (
    ERRORS,
    World,
    at_once,
    document,
    interface,
    job_type,
    recipe_job,
    recipe_type,
    trigger_rule,
)

CONFIGURED = (
    Definitions,
    Error,
    JobType,
    JobTypeRevision,
    RecipeType,
    RecipeTypeRevision,
    TriggerRule,
)


def found_job_type(world: World, name: str = "step") -> JobTypeRecord:
    with world.database.transaction() as tx:
        found = tx.job_types.find(name, "1.0")
    assert found is not None
    return found


def found_recipe_type(world: World, name: str = "recipe") -> RecipeTypeRecord:
    with world.database.transaction() as tx:
        found = tx.recipe_types.find(name, "1.0")
    assert found is not None
    return found


def rows(world: World) -> dict[str, list[dict[str, Any]]]:
    """Return every row that an import can write, whole."""

    def row(found: Base) -> dict[str, Any]:
        return {each.key: getattr(found, each.key) for each in found.__mapper__.column_attrs}

    with Session(world.database.engine) as session:
        return {
            table.__tablename__: [
                row(each) for each in session.scalars(select(table).order_by("id"))
            ]
            for table in CONFIGURED
        }


@contextmanager
def unchanged(world: World) -> Iterator[None]:
    """Demand that a block leaves every row as it was."""
    before = rows(world)
    yield
    assert rows(world) == before


def whole() -> dict[str, Any]:
    """Return a document with something of every kind."""
    takes = interface({"file": "file"}, {"out": "file"})
    job = recipe_job("step", {"file": "scene"})
    rule = trigger_rule(
        version="1.0", data={"input_data_name": "scene", "workspace_name": "products"}
    )
    settings = {
        "title": "Step",
        "author_name": "A. Nyone",
        "max_scheduled": 3,
        "cpus_required": 1,
        "error_mapping": {"version": "1.0", "exit_codes": {"1": "bad-data"}},
        "trigger_rule": trigger_rule(),
    }
    recipe = recipe_type("recipe", {"a": job}, {"scene": "file"}, title="R", trigger_rule=rule)
    return document([job_type("step", takes, **settings)], [recipe], ERRORS)


@pytest.fixture
def configured(world: World) -> World:
    """Return a world in which the whole document was imported."""
    assert world.catalogue.configuration.import_document(whole()) == ()
    return world


def test_importing_the_same_again_changes_no_row(configured: World) -> None:
    with unchanged(configured):
        configured.catalogue.configuration.import_document(whole())


def test_a_first_import_makes_first_revisions(configured: World) -> None:
    assert found_job_type(configured).revision_num == 1
    assert found_recipe_type(configured).revision_num == 1
    assert found_recipe_type(configured).title == "R"


def test_a_changed_interface_is_a_new_revision_and_the_old_one_stays(world: World) -> None:
    world.configure([job_type("step", interface(command="old"))])
    world.configure([job_type("step", interface(command="new"))])
    found = found_job_type(world)
    assert found.revision_num == 2
    with world.database.transaction() as tx:
        commands = [tx.job_types.revision(found.id, each).interface["command"] for each in (1, 2)]
    assert commands == ["old", "new"]


def test_a_changed_definition_is_a_new_revision(configured: World) -> None:
    changed = whole()["recipe_types"][0]
    changed["definition"]["jobs"][0]["name"] = "b"
    configured.configure(recipe_types=[changed])
    assert found_recipe_type(configured).revision_num == 2


def test_a_changed_setting_is_no_new_revision_but_new_definitions(world: World) -> None:
    world.configure([job_type("step")])
    before = rows(world)["definitions"][0]["revision"]
    world.configure([job_type("step", priority=1)])
    assert found_job_type(world).revision_num == 1
    assert rows(world)["definitions"][0]["revision"] == before + 1


def test_a_changed_trigger_rule_alone_leaves_the_definitions(configured: World) -> None:
    before = rows(configured)["definitions"]
    changed = whole()["job_types"][0]
    changed["trigger_rule"]["name"] = "another"
    configured.configure([changed])
    assert rows(configured)["definitions"] == before


def test_a_changed_trigger_rule_is_archived_and_replaced(configured: World) -> None:
    old_id = found_job_type(configured).trigger_rule_id or 0
    changed = whole()["job_types"][0]
    changed["trigger_rule"]["configuration"]["condition"] = {"media_type": "image/png"}
    configured.configure([changed])
    new_id = found_job_type(configured).trigger_rule_id or 0
    with configured.database.transaction() as tx:
        old, new = tx.rules.get(old_id), tx.rules.get(new_id)
    assert not old.is_active
    assert old.archived is not None
    assert new.is_active


def test_what_a_document_does_not_give_stays(configured: World) -> None:
    before = found_job_type(configured)
    configured.configure(
        [{"name": "step", "version": "1.0", "interface": whole()["job_types"][0]["interface"]}],
        [
            {
                "name": "recipe",
                "version": "1.0",
                "definition": whole()["recipe_types"][0]["definition"],
            }
        ],
    )
    assert found_job_type(configured) == before
    assert found_recipe_type(configured).title == "R"


def test_null_empties_what_it_stands_for(configured: World) -> None:
    edited = {
        **whole()["job_types"][0],
        "author_name": None,
        "max_scheduled": None,
        "error_mapping": None,
        "trigger_rule": None,
    }
    rule_id = found_job_type(configured).trigger_rule_id or 0
    configured.configure([edited])
    found = found_job_type(configured)
    assert (found.author_name, found.max_scheduled, found.trigger_rule_id) == (None, None, None)
    assert found.error_mapping["exit_codes"] == {}
    with configured.database.transaction() as tx:
        assert not tx.rules.get(rule_id).is_active


@pytest.mark.parametrize(
    ("settings", "uses_docker"),
    [
        ({}, False),
        ({"docker_image": "image:1"}, True),
        ({"docker_image": None}, False),
        ({"docker_image": "image:1", "uses_docker": False}, False),
        ({"docker_image": "image:1", "uses_docker": None}, True),
    ],
)
def test_a_job_type_uses_docker_if_it_says_so_or_has_an_image(
    world: World, settings: dict[str, Any], *, uses_docker: bool
) -> None:
    world.configure([job_type("step", **settings)])
    assert found_job_type(world).uses_docker is uses_docker


def test_pausing_keeps_the_time_and_unpausing_forgets_it(world: World) -> None:
    world.configure([job_type("step", is_paused=True)])
    paused = found_job_type(world).paused
    assert paused is not None
    world.configure([job_type("step", is_paused=True)])
    assert found_job_type(world).paused == paused
    world.configure([job_type("step", is_paused=False)])
    assert found_job_type(world).paused is None


def test_errors_are_edited_by_name(world: World) -> None:
    edited = {**ERRORS[0], "title": "Another"}
    world.catalogue.configuration.import_document(document(errors=[edited]))
    with world.database.transaction() as tx:
        found = tx.errors.find(edited["name"])
    assert found is not None
    assert found.title == "Another"


def refused(world: World, wrong: dict[str, Any], *words: str) -> None:
    """Demand that a document is refused with these words, and nothing of it saved."""
    with unchanged(world), pytest.raises(InvalidError) as caught:
        world.catalogue.configuration.import_document(wrong)
    for each in words:
        assert each in str(caught.value)


def test_an_error_name_that_does_not_exist_is_refused_with_its_place(world: World) -> None:
    mapping = {"version": "1.0", "exit_codes": {"7": "no-such"}}
    wrong = document([job_type("fine"), job_type("step", error_mapping=mapping)])
    refused(world, wrong, "$.job_types[1].error_mapping.exit_codes.7", "no-such")


def test_an_error_of_the_same_document_can_be_mapped(world: World) -> None:
    added = {**ERRORS[0], "name": "brand-new"}
    mapping = {"version": "1.0", "exit_codes": {"7": "brand-new"}}
    world.catalogue.configuration.import_document(
        document([job_type("step", error_mapping=mapping)], errors=[added])
    )
    assert found_job_type(world).error_mapping["exit_codes"] == {"7": "brand-new"}


def test_a_workspace_that_does_not_exist_is_refused_with_its_place(world: World) -> None:
    rule = trigger_rule(version="1.0", data={"input_data_name": "file", "workspace_name": "gone"})
    wrong = document([job_type("step", interface({"file": "file"}), trigger_rule=rule)])
    refused(world, wrong, "$.job_types[0].trigger_rule.configuration.data.workspace_name", "'gone'")


def test_a_builtin_error_is_not_edited(world: World) -> None:
    wrong = document(errors=[*ERRORS, {**ERRORS[0], "name": "node-lost"}])
    refused(world, wrong, "$.errors[2]", "'node-lost'", "built in")


def test_a_system_job_type_is_not_edited(world: World) -> None:
    refused(world, document([job_type("scale-strike")]), "$.job_types[0]", "system type")


def test_an_edit_that_would_break_a_recipe_is_refused_whole(configured: World) -> None:
    renamed = job_type("step", interface({"renamed": "file"}, {"out": "file"}), trigger_rule=None)
    wrong = document([job_type("another"), renamed])
    refused(configured, wrong, "'recipe'", "'1.0'", '"renamed"', "would break")


def test_a_recipe_of_an_unknown_job_type_is_refused_with_its_place(world: World) -> None:
    wrong = document(recipe_types=[recipe_type("recipe", {"a": recipe_job("gone")})])
    refused(world, wrong, "$.recipe_types[0].definition.jobs[0].job_type", '"gone"')


def test_every_problem_of_the_shape_is_told_at_once(world: World) -> None:
    wrong = document([job_type("step", priority=-1), {"name": "x", "version": "1"}])
    refused(world, wrong, "$.job_types[0].priority", "$.job_types[1]")


def test_read_only_fields_are_told_of_and_ignored(world: World) -> None:
    cautions = world.catalogue.configuration.import_document(
        document([job_type("step", id=77, is_system=True)])
    )
    assert {each.id for each in cautions} == {"read-only"}
    assert "$.job_types[0].id" in " ".join(each.details for each in cautions)
    assert not found_job_type(world).is_system


def test_media_types_that_never_match_are_told_of(world: World) -> None:
    made = interface(outputs={"out": "file"})
    made["output_data"][0]["media_type"] = "image/png"
    read = interface({"file": "file"}, media_types={"file": ["image/tiff"]})
    jobs = {
        "make": recipe_job("maker"),
        "read": recipe_job("reader", parents={"make": {"file": "out"}}),
    }
    (caution,) = world.catalogue.configuration.import_document(
        document([job_type("maker", made), job_type("reader", read)], [recipe_type("r", jobs)])
    )
    assert isinstance(caution, Caution)
    assert caution.id == "media_type"
    assert "image/png" in caution.details


def test_imports_at_once_end_as_one_after_the_other(world: World) -> None:
    before = world.count(TriggerRule)
    outcomes = at_once(4, lambda _: world.catalogue.configuration.import_document(whole()))
    assert outcomes == [()] * 4
    assert found_job_type(world).revision_num == 1
    assert world.count(TriggerRule) == before + 2
