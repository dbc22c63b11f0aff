"""Creating and editing job types over REST (seed 001, Job Type Services; contract section 3)."""

from copy import deepcopy
from pathlib import Path
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient

from catalog.catalogue import Catalogue
from catalog.tables import Definitions, JobType, JobTypeRevision, TriggerRule
from tests.support.catalogues import World, interface, job_type, recipe_job, recipe_type
from tests.support.type_requests import TypeRequests, patched

pytestmark = [pytest.mark.airflow, pytest.mark.usefixtures("world")]
SCALE: Final = "/scale/api"
URL: Final = f"{SCALE}/job-types/"
VALIDATION: Final = f"{URL}validation/"
RULE: Final[dict[str, Any]] = {
    "type": "PARSE",
    "is_active": True,
    "configuration": {
        "version": "1.0",
        "condition": {"media_type": "image/png", "data_types": []},
        "data": {"input_data_name": "input_file", "workspace_name": "raw"},
    },
}
EXAMPLE: Final[dict[str, Any]] = {
    "name": "my-job",
    "version": "1.0",
    "title": "My Job",
    "description": "This is a description of the job",
    "category": "test",
    "author_name": None,
    "author_url": None,
    "is_long_running": False,
    "is_operational": True,
    "is_paused": False,
    "icon_code": "f1c5",
    "docker_privileged": False,
    "docker_image": None,
    "priority": 1,
    "timeout": 0,
    "max_tries": 0,
    "cpus_required": 0.5,
    "mem_required": 64.0,
    "disk_out_const_required": 64.0,
    "disk_out_mult_required": 0.0,
    "interface": {
        "version": "1.0",
        "command": "test_cmd",
        "command_arguments": "test_arg",
        "input_data": [{"media_types": ["image/png"], "type": "file", "name": "input_file"}],
        "output_data": [],
        "shared_resources": [],
    },
    "error_mapping": {"version": "1.0", "exit_codes": {"1": "unknown"}},
    "trigger_rule": RULE,
}
"""The example of the seed, with a workspace of the tests."""
TABLES: Final = (Definitions, JobType, JobTypeRevision, TriggerRule)

REQUESTS: Final = TypeRequests(URL, EXAMPLE)
example = REQUESTS.example
created = REQUESTS.created


@pytest.fixture
def world(client: TestClient, catalogue: Catalogue, tmp_path: Path) -> World:  # noqa: ARG001 - serves the catalogue
    """Return the catalogue of the client with two workspaces and two errors."""
    return World.over(catalogue, tmp_path)


def definitions(world: World) -> int:
    """Return the count of changes of what DAGs are made from."""
    with world.database.engine.connect() as connection:
        count: int = connection.exec_driver_sql("SELECT revision FROM definitions").scalar_one()
    return count


def test_a_created_job_type_is_answered_with_201_and_its_location(
    client: TestClient, world: World
) -> None:
    before = definitions(world)

    answer = client.post(URL, json=EXAMPLE)

    assert answer.status_code == 201, answer.text
    job_type = answer.json()
    assert answer.headers["Location"] == f"http://airscale.test{URL}{job_type['id']}/"
    assert client.get(answer.headers["Location"]).json() == job_type
    given = {k: v for k, v in EXAMPLE.items() if k not in ("interface", "trigger_rule")}
    assert job_type.items() >= given.items()
    assert (job_type["revision_num"], job_type["is_system"], job_type["is_active"]) == (
        1, False, True,
    )  # fmt: skip
    assert job_type["trigger_rule"]["configuration"] == RULE["configuration"]
    assert definitions(world) == before + 1


def test_the_errors_of_the_mapping_are_in_the_details(client: TestClient) -> None:
    mapping = {"version": "1.0", "exit_codes": {"1": "unknown", "2": "bad-data", "3": "bad-data"}}

    location = created(client, error_mapping=mapping)

    errors = client.get(location).json()["errors"]
    assert [(each["name"], each["category"]) for each in errors] == [
        ("bad-data", "DATA"), ("unknown", "SYSTEM"),
    ]  # fmt: skip


def test_only_name_version_and_interface_are_required(client: TestClient) -> None:
    needed = {name: EXAMPLE[name] for name in ("name", "version", "interface")}

    answer = client.post(URL, json=needed)

    assert answer.status_code == 201, answer.text
    job_type = answer.json()
    assert (job_type["priority"], job_type["timeout"], job_type["max_tries"]) == (100, 1800, 3)
    assert (job_type["max_scheduled"], job_type["trigger_rule"]) == (None, None)
    for name in needed:
        left = {k: v for k, v in needed.items() if k != name}
        assert client.post(URL, json=left).status_code == 400


def test_a_field_that_cannot_be_set_is_ignored(client: TestClient) -> None:
    location = created(client, is_system=True, revision_num=7, id=99)

    details = client.get(location).json()
    assert (details["is_system"], details["revision_num"]) == (False, 1)


def bad_interface(**changes: Any) -> dict[str, Any]:
    """Return the interface of the example with changes."""
    return {**EXAMPLE["interface"], **changes}


INVALID: Final[list[tuple[dict[str, Any], str]]] = [
    ({"name": ""}, "$.name"),
    ({"name": None}, "$.name"),
    ({"version": 1}, "$.version"),
    ({"title": "a\x00"}, "$.title"),
    ({"colour": "blue"}, "colour"),
    ({"priority": "high"}, "$.priority"),
    ({"priority": 10**30}, "$.priority"),
    ({"timeout": -1}, "$.timeout"),
    ({"cpus_required": -0.5}, "$.cpus_required"),
    ({"is_paused": "yes"}, "$.is_paused"),
    ({"interface": "x"}, "$.interface"),
    ({"interface": bad_interface(version="9.9")}, "$.interface.version"),
    ({"interface": bad_interface(command_arguments="${gone}")}, "$.interface.command_arguments"),
    ({"error_mapping": {"version": "1.0", "exit_codes": {"1": "gone"}}}, "'gone'"),
    ({"error_mapping": {"version": "1.0", "exit_codes": {"x": "unknown"}}}, "$.error_mapping"),
    ({"trigger_rule": {**RULE, "type": "SMOKE"}}, "$.trigger_rule.type"),
    ({"trigger_rule": {"type": "PARSE"}}, "$.trigger_rule"),
    ({"trigger_rule": {"configuration": RULE["configuration"]}}, "$.trigger_rule"),
    ({"trigger_rule": {"is_active": True}}, "$.trigger_rule"),
    ({"trigger_rule": 3}, "$.trigger_rule"),
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
        "$.trigger_rule.configuration.data.workspace_name",
    ),
    (
        {
            "trigger_rule": {
                **RULE,
                "configuration": {
                    "version": "1.0",
                    "data": {"input_data_name": "gone", "workspace_name": "raw"},
                },
            }
        },
        "$.trigger_rule.configuration",
    ),
]


@pytest.mark.parametrize(("changes", "says"), INVALID)
def test_a_job_type_that_is_not_valid_is_400_with_its_place_and_saves_nothing(
    client: TestClient, world: World, changes: dict[str, Any], says: str
) -> None:
    before = [world.count(table) for table in TABLES]

    for url in (URL, VALIDATION):
        answer = client.post(url, json=example(**changes))

        assert answer.status_code == 400, answer.text
        assert says in answer.json()["detail"]
        assert "job_types[0]" not in answer.json()["detail"]
    assert [world.count(table) for table in TABLES] == before


def test_the_same_name_and_version_is_refused_and_another_version_is_not(
    client: TestClient,
) -> None:
    created(client)

    answer = client.post(URL, json=EXAMPLE)

    assert answer.status_code == 400
    assert "'my-job' in version '1.0' already" in answer.json()["detail"]
    created(client, version="1.1")


def test_validation_saves_nothing(client: TestClient, world: World) -> None:
    before = [world.count(table) for table in TABLES]

    answer = client.post(VALIDATION, json=EXAMPLE)

    assert (answer.status_code, answer.json()) == (200, {"warnings": []})
    assert [world.count(table) for table in TABLES] == before


def test_validation_warns_of_media_types_that_never_match(client: TestClient) -> None:
    rule = deepcopy(RULE)
    rule["configuration"]["condition"]["media_type"] = "text/csv"

    (warning,) = client.post(VALIDATION, json=example(trigger_rule=rule)).json()["warnings"]

    assert warning["id"] == "media_type"
    assert "text/csv" in warning["details"]


def test_validation_of_a_job_type_that_exists_is_that_of_its_edit(client: TestClient) -> None:
    location = created(client)
    before = client.get(location).json()

    answer = client.post(VALIDATION, json=example(title="Another"))

    assert answer.status_code == 200, answer.text
    assert client.get(location).json() == before


def test_an_edit_changes_what_it_names_and_makes_no_revision(
    client: TestClient, world: World
) -> None:
    location = created(client)
    before = client.get(location).json()

    details = patched(client, location, title="Another", max_scheduled=2, category=None)

    assert (details["title"], details["max_scheduled"], details["category"]) == ("Another", 2, None)
    changed = {"title", "max_scheduled", "category", "last_modified"}
    assert {k: v for k, v in details.items() if k not in changed} == {
        k: v for k, v in before.items() if k not in changed
    }
    assert world.count(JobTypeRevision) == len(client.get(URL).json()["results"])


def test_a_changed_interface_is_a_new_revision_and_the_same_one_is_none(
    client: TestClient, world: World
) -> None:
    location = created(client, trigger_rule=None)

    same = patched(client, location, interface=EXAMPLE["interface"])
    changed = patched(client, location, interface=bad_interface(command="other"))

    assert (same["revision_num"], changed["revision_num"]) == (1, 2)
    assert changed["interface"]["command"] == "other"
    with world.database.transaction() as tx:
        revision = tx.job_types.revision(changed["id"], 1)
    assert revision.interface["command"] == "test_cmd"


def test_an_edit_ignores_what_it_does_not_know_and_what_stays_for_ever(client: TestClient) -> None:
    location = created(client)

    details = patched(
        client, location, colour="blue", name="x", version="9", revision_num=9, is_system=True
    )

    assert (details["name"], details["version"], details["revision_num"]) == ("my-job", "1.0", 1)
    assert details["is_system"] is False


def test_an_empty_edit_changes_nothing(client: TestClient) -> None:
    location = created(client)
    before = client.get(location).json()

    assert patched(client, location) == before


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        *(
            (changes, says)
            for changes, says in INVALID
            if not changes.keys() & {"name", "version", "colour"}
            and changes.get("trigger_rule") != {"is_active": True}
        ),
        ({"is_active": "no"}, "$.is_active"),
        ({"is_active": None}, "$.is_active"),
        ({"trigger_rule": {"is_active": "no"}}, "$.trigger_rule.is_active"),
    ],
)
def test_an_edit_that_is_not_valid_is_400_and_changes_nothing(
    client: TestClient, changes: dict[str, Any], says: str
) -> None:
    location = created(client)
    before = client.get(location).json()

    answer = client.patch(location, json={"title": "Another", **changes})

    assert answer.status_code == 400, answer.text
    assert says in answer.json()["detail"]
    assert client.get(location).json() == before


def test_an_edit_that_would_break_a_recipe_type_is_400(client: TestClient, world: World) -> None:
    world.configure(
        [job_type("step", interface({"file": "file"}))],
        [recipe_type("recipe", {"a": recipe_job("step", {"file": "scene"})}, {"scene": "file"})],
    )
    step = client.get(URL, params={"name": "step"}).json()["results"][0]["id"]

    answer = client.patch(f"{URL}{step}/", json={"interface": interface({"renamed": "file"})})

    assert answer.status_code == 400
    assert "'recipe'" in answer.json()["detail"]
    assert client.get(f"{URL}{step}/").json()["revision_num"] == 1


def test_a_trigger_rule_is_replaced_and_the_old_one_archived(
    client: TestClient, world: World
) -> None:
    location = created(client)
    old = client.get(location).json()["trigger_rule"]
    rule = deepcopy(RULE)
    rule["configuration"]["condition"]["data_types"] = ["one"]

    new = patched(client, location, trigger_rule=rule)["trigger_rule"]

    assert new["id"] != old["id"]
    assert new["configuration"] == rule["configuration"]
    with world.database.transaction() as tx:
        archived = tx.rules.get(old["id"])
    assert (archived.is_active, archived.archived is None) == (False, False)


def test_a_trigger_rule_is_turned_off_and_on_in_place(client: TestClient) -> None:
    location = created(client)
    old = client.get(location).json()["trigger_rule"]

    off = patched(client, location, trigger_rule={"is_active": False})["trigger_rule"]
    on = patched(client, location, trigger_rule={"is_active": True})["trigger_rule"]

    assert (off["id"], off["is_active"]) == (old["id"], False)
    assert (on["id"], on["is_active"]) == (old["id"], True)
    assert off["configuration"] == old["configuration"]


def test_a_trigger_rule_that_is_not_there_cannot_be_turned_off(client: TestClient) -> None:
    location = created(client, trigger_rule=None)

    answer = client.patch(location, json={"trigger_rule": {"is_active": False}})

    assert answer.status_code == 400
    assert "no trigger rule" in answer.json()["detail"]


def test_null_removes_the_trigger_rule(client: TestClient, world: World) -> None:
    location = created(client)
    old = client.get(location).json()["trigger_rule"]

    assert patched(client, location, trigger_rule=None)["trigger_rule"] is None

    with world.database.transaction() as tx:
        assert not tx.rules.get(old["id"]).is_active


def test_a_rule_that_stays_has_to_fit_the_new_interface(client: TestClient) -> None:
    location = created(client)
    renamed = bad_interface(input_data=[{"type": "file", "name": "renamed"}])

    answer = client.patch(location, json={"interface": renamed})

    assert answer.status_code == 400
    assert "trigger rule" in answer.json()["detail"]
    patched(client, location, interface=renamed, trigger_rule=None)


def test_pausing_sets_the_time_and_unpausing_clears_it(client: TestClient) -> None:
    location = created(client)

    paused = patched(client, location, is_paused=True)
    again = patched(client, location, is_paused=True)
    unpaused = patched(client, location, is_paused=False)

    assert paused["is_paused"] is True
    assert paused["paused"] is not None
    assert again["paused"] == paused["paused"]
    assert (unpaused["is_paused"], unpaused["paused"]) == (False, None)


def test_archiving_sets_the_time_and_changes_the_definitions(
    client: TestClient, world: World
) -> None:
    location = created(client)
    before = definitions(world)

    archived = patched(client, location, is_active=False)

    assert archived["is_active"] is False
    assert archived["archived"] is not None
    assert definitions(world) == before + 1
    back = patched(client, location, is_active=True)
    assert (back["is_active"], back["archived"]) == (True, None)


def test_a_system_type_can_be_paused_and_nothing_else(client: TestClient) -> None:
    system = client.get(URL, params={"name": "scale-strike"}).json()["results"][0]
    location = f"{URL}{system['id']}/"

    for changes in ({"title": "Mine"}, {"is_paused": True, "priority": 1}, {"is_active": False}):
        answer = client.patch(location, json=changes)
        assert answer.status_code == 400
        assert "system type" in answer.json()["detail"]
    assert client.patch(location, json={"is_paused": "x"}).status_code == 400
    assert patched(client, location, is_paused=True)["paused"] is not None
    assert patched(client, location, is_paused=False)["paused"] is None


@pytest.mark.parametrize("job_type_id", ["9999", "x", "0"])
def test_a_job_type_that_does_not_exist_cannot_be_edited(
    client: TestClient, job_type_id: str
) -> None:
    assert client.patch(f"{URL}{job_type_id}/", json={"title": "x"}).status_code == 404


@pytest.mark.parametrize("content", ["[]", "{", "3", ""])
def test_a_body_that_is_no_object_is_400(client: TestClient, content: str) -> None:
    for url in (URL, VALIDATION):
        answer = client.post(url, content=content, headers={"Content-Type": "application/json"})
        assert answer.status_code == 400


@pytest.mark.parametrize("depth", [300, 900, 100_000])
@pytest.mark.parametrize("field", ["title", "interface", "trigger_rule", "error_mapping", "colour"])
def test_deeply_nested_json_is_400(client: TestClient, field: str, depth: int) -> None:
    nested = f'{{"{field}": {"[" * depth}{"]" * depth}, "name": "x", "version": "1"}}'
    wrapped = f'{{"import": {{"version": "1.0", "job_types": [{nested}]}}}}'

    for url, content in ((URL, nested), (VALIDATION, nested), (f"{SCALE}/configuration/", wrapped)):
        answer = client.post(url, content=content, headers={"Content-Type": "application/json"})
        assert answer.status_code == 400
