"""Creating and editing recipe types over REST (seed 001, Recipe Types Services)."""

from copy import deepcopy
from pathlib import Path
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient

from catalog.catalogue import Catalogue
from catalog.tables import Definitions, RecipeType, RecipeTypeRevision, TriggerRule
from tests.support.catalogues import World, interface, job_type
from tests.support.type_requests import TypeRequests, patched

pytestmark = [pytest.mark.airflow, pytest.mark.usefixtures("world")]
SCALE: Final = "/scale/api"
URL: Final = f"{SCALE}/recipe-types/"
VALIDATION: Final = f"{URL}validation/"
RULE: Final[dict[str, Any]] = {
    "type": "PARSE",
    "is_active": True,
    "configuration": {
        "version": "1.0",
        "condition": {"media_type": "text/plain", "data_types": []},
        "data": {"input_data_name": "input_file", "workspace_name": "raw"},
    },
}
TABLES: Final = (Definitions, RecipeType, RecipeTypeRevision, TriggerRule)


def job(name: str, type_name: str, version: str) -> dict[str, Any]:
    """Return a job that reads the input of the recipe."""
    return {
        "recipe_inputs": [{"job_input": "input_file", "recipe_input": "input_file"}],
        "name": name,
        "job_type": {"name": type_name, "version": version},
    }


DEFINITION: Final[dict[str, Any]] = {
    "input_data": [{"media_types": ["text/plain"], "type": "file", "name": "input_file"}],
    "jobs": [job("MyJob1", "my-job1", "1.0"), job("MyJob2", "my-job2", "1.0")],
}
EXAMPLE: Final[dict[str, Any]] = {
    "name": "my-recipe",
    "version": "1.0",
    "title": "My Recipe",
    "description": "This is a description of the recipe",
    "definition": DEFINITION,
    "trigger_rule": RULE,
}
"""The example of the seed, with a workspace and job types of the tests."""

REQUESTS: Final = TypeRequests(URL, EXAMPLE)
example = REQUESTS.example
created = REQUESTS.created


@pytest.fixture
def world(client: TestClient, catalogue: Catalogue, tmp_path: Path) -> World:  # noqa: ARG001 - serves the catalogue
    """Return the catalogue of the client with two workspaces and two job types."""
    world = World.over(catalogue, tmp_path)
    reads = interface({"input_file": "file"}, {"out": "file"})
    world.configure([job_type("my-job1", reads), job_type("my-job2", reads)])
    return world


def test_a_created_recipe_type_is_answered_with_201_and_its_location(client: TestClient) -> None:
    answer = client.post(URL, json=EXAMPLE)

    assert answer.status_code == 201, answer.text
    found = answer.json()
    assert answer.headers["Location"] == f"http://airscale.test{URL}{found['id']}/"
    assert client.get(answer.headers["Location"]).json() == found
    assert (found["name"], found["title"], found["revision_num"]) == ("my-recipe", "My Recipe", 1)
    assert found["definition"]["version"] == "1.0"
    assert [each["name"] for each in found["job_types"]] == ["my-job1", "my-job2"]
    assert found["trigger_rule"]["configuration"] == RULE["configuration"]


def test_the_title_is_the_name_unless_it_is_given(client: TestClient) -> None:
    needed = {name: EXAMPLE[name] for name in ("name", "version", "definition")}

    answer = client.post(URL, json=needed)

    assert answer.status_code == 201, answer.text
    assert answer.json()["title"] == "my-recipe"
    assert answer.json()["trigger_rule"] is None
    for name in needed:
        left = {k: v for k, v in needed.items() if k != name}
        assert client.post(URL, json=left).status_code == 400


def test_a_recipe_type_may_have_no_jobs(client: TestClient) -> None:
    empty = {"version": "1.0", "input_data": [], "jobs": []}

    location = created(client, definition=empty, trigger_rule=None)

    assert client.get(location).json()["job_types"] == []


def definition(*jobs: dict[str, Any]) -> dict[str, Any]:
    """Return the definition of the example with other jobs."""
    return {**deepcopy(DEFINITION), "jobs": list(jobs)}


def cycle() -> dict[str, Any]:
    """Return a definition in which two jobs wait for each other."""
    first, second = job("a", "my-job1", "1.0"), job("b", "my-job2", "1.0")
    first["dependencies"] = [{"name": "b"}]
    second["dependencies"] = [{"name": "a"}]
    return definition(first, second)


INVALID: Final[list[tuple[dict[str, Any], str]]] = [
    ({"name": ""}, "$.name"),
    ({"version": None}, "$.version"),
    ({"title": 3}, "$.title"),
    ({"definition": "x"}, "$.definition"),
    ({"definition": {"version": "9.9"}}, "$.definition.version"),
    ({"definition": definition(job("a", "gone", "1.0"))}, "$.definition.jobs[0]"),
    ({"definition": definition({**job("a", "my-job1", "1.0"), "recipe_inputs": []})}, "input_file"),
    ({"definition": cycle()}, "$.definition"),
    ({"trigger_rule": {"type": "PARSE"}}, "$.trigger_rule"),
    ({"trigger_rule": {**RULE, "type": "SMOKE"}}, "$.trigger_rule.type"),
    (
        {
            "trigger_rule": {
                **RULE,
                "configuration": {
                    "version": "1.0",
                    "data": {"input_data_name": "input_file", "workspace_name": "gone"},
                },
            }
        },
        "'gone'",
    ),
]


@pytest.mark.parametrize(("changes", "says"), INVALID)
def test_a_recipe_type_that_is_not_valid_is_400_with_its_place_and_saves_nothing(
    client: TestClient, world: World, changes: dict[str, Any], says: str
) -> None:
    before = [world.count(table) for table in TABLES]

    for url in (URL, VALIDATION):
        answer = client.post(url, json=example(**changes))

        assert answer.status_code == 400, answer.text
        assert says in answer.json()["detail"]
        assert "recipe_types[0]" not in answer.json()["detail"]
    assert [world.count(table) for table in TABLES] == before


def test_the_same_name_and_version_is_refused(client: TestClient) -> None:
    created(client)

    answer = client.post(URL, json=EXAMPLE)

    assert answer.status_code == 400
    assert "'my-recipe' in version '1.0' already" in answer.json()["detail"]
    created(client, version="1.1")


def test_validation_saves_nothing(client: TestClient, world: World) -> None:
    before = [world.count(table) for table in TABLES]

    answer = client.post(VALIDATION, json=EXAMPLE)

    assert (answer.status_code, answer.json()) == (200, {"warnings": []})
    assert [world.count(table) for table in TABLES] == before


def test_validation_warns_of_media_types_that_never_match(client: TestClient) -> None:
    rule = deepcopy(RULE)
    rule["configuration"]["condition"]["media_type"] = "image/png"

    (warning,) = client.post(VALIDATION, json=example(trigger_rule=rule)).json()["warnings"]

    assert warning["id"] == "media_type"
    assert "image/png" in warning["details"]


def test_an_edit_changes_what_it_names_and_makes_no_revision(client: TestClient) -> None:
    location = created(client)
    before = client.get(location).json()

    details = patched(client, location, description="Another", colour="blue", name="x")

    changed = {"description", "last_modified"}
    assert details["description"] == "Another"
    assert {k: v for k, v in details.items() if k not in changed} == {
        k: v for k, v in before.items() if k not in changed
    }


def test_a_changed_definition_is_a_new_revision(client: TestClient, world: World) -> None:
    location = created(client)

    same = patched(client, location, definition=DEFINITION)
    changed = patched(client, location, definition=definition(job("only", "my-job1", "1.0")))

    assert (same["revision_num"], changed["revision_num"]) == (1, 2)
    assert [each["name"] for each in changed["job_types"]] == ["my-job1"]
    with world.database.transaction() as tx:
        revision = tx.recipe_types.revision(changed["id"], 1)
    assert [each["name"] for each in revision.definition["jobs"]] == ["MyJob1", "MyJob2"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        *((changes, says) for changes, says in INVALID if not changes.keys() & {"name", "version"}),
        ({"is_active": "no"}, "$.is_active"),
        ({"definition": {"version": "1.0", "jobs": []}}, "trigger rule"),
    ],
)
def test_an_edit_that_is_not_valid_is_400_and_changes_nothing(
    client: TestClient, changes: dict[str, Any], says: str
) -> None:
    location = created(client)
    before = client.get(location).json()

    answer = client.patch(location, json={"description": "Another", **changes})

    assert answer.status_code == 400, answer.text
    assert says in answer.json()["detail"]
    assert client.get(location).json() == before


def test_a_trigger_rule_is_replaced_turned_off_and_removed(
    client: TestClient, world: World
) -> None:
    location = created(client)
    first = client.get(location).json()["trigger_rule"]
    rule = deepcopy(RULE)
    rule["configuration"]["condition"]["data_types"] = ["one"]

    second = patched(client, location, trigger_rule=rule)["trigger_rule"]
    off = patched(client, location, trigger_rule={"is_active": False})["trigger_rule"]
    removed = patched(client, location, trigger_rule=None)["trigger_rule"]

    assert second["id"] != first["id"]
    assert (off["id"], off["is_active"]) == (second["id"], False)
    assert removed is None
    with world.database.transaction() as tx:
        assert all(tx.rules.get(each["id"]).archived is not None for each in (first, second))


def test_archiving_sets_the_time_and_an_archived_type_comes_back(client: TestClient) -> None:
    location = created(client)

    archived = patched(client, location, is_active=False)
    back = patched(client, location, is_active=True)

    assert (archived["is_active"], archived["archived"] is None) == (False, False)
    assert (back["is_active"], back["archived"]) == (True, None)


@pytest.mark.parametrize("recipe_type_id", ["9999", "x", "0"])
def test_a_recipe_type_that_does_not_exist_cannot_be_edited(
    client: TestClient, recipe_type_id: str
) -> None:
    assert client.patch(f"{URL}{recipe_type_id}/", json={"title": "x"}).status_code == 404


@pytest.mark.parametrize("content", ["[]", "{", "3", ""])
def test_a_body_that_is_no_object_is_400(client: TestClient, content: str) -> None:
    for url in (URL, VALIDATION):
        answer = client.post(url, content=content, headers={"Content-Type": "application/json"})
        assert answer.status_code == 400
