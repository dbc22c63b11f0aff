"""Creating errors, job types and recipe types one at a time, and rehearsals."""

from collections.abc import Callable
from typing import Any

import pytest

from catalog.catalogue import Catalogue
from catalog.errors import InvalidError
from catalog.tables import Error, JobType, RecipeType
from tests.support.catalogues import ERRORS, World, at_once, job_type, recipe_type

CREATED: dict[str, tuple[Callable[[Catalogue], Any], type[Any]]] = {
    "error": (lambda catalogue: catalogue.errors.create({**ERRORS[0], "name": "new"}), Error),
    "job type": (lambda catalogue: catalogue.job_types.create(job_type("new")), JobType),
    "recipe type": (
        lambda catalogue: catalogue.recipe_types.create(recipe_type("new", {})),
        RecipeType,
    ),
}


@pytest.mark.parametrize("kind", CREATED)
def test_of_two_created_at_once_one_is_refused(world: World, kind: str) -> None:
    create, table = CREATED[kind]
    before = world.count(table)

    outcomes = at_once(2, lambda _: create(world.catalogue))

    refused = [each for each in outcomes if isinstance(each, Exception)]
    assert [type(each) for each in refused] == [InvalidError]
    assert "already" in str(refused[0])
    assert world.count(table) == before + 1


def test_a_rehearsal_is_undone(world: World) -> None:
    before = world.count(Error)

    with world.database.rehearsal() as tx:
        tx.errors.add(name="new", title="-", description="-", category="DATA")
        assert tx.errors.find("new") is not None

    assert world.count(Error) == before


def test_edits_of_one_job_type_at_once_make_one_revision_each(world: World) -> None:
    made = world.catalogue.job_types.create(job_type("step"))

    def edit(number: int) -> None:
        interface = {**made.interface, "command": f"command-{number}"}
        world.catalogue.job_types.edit(made.id, {"interface": interface})

    assert at_once(3, edit) == [None] * 3

    with world.database.transaction() as tx:
        assert tx.job_types.get(made.id).revision_num == 4
        commands = {tx.job_types.revision(made.id, each).interface["command"] for each in (2, 3, 4)}
    assert commands == {"command-0", "command-1", "command-2"}
