"""Import and export over REST (seed 001, Import/Export Services; contract section 3)."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient

from catalog.catalogue import Catalogue
from catalog.database import Database
from catalog.queries.export import ExportFilter
from catalog.tables import Definitions, Error, JobType, RecipeType, TriggerRule
from tests.rest.test_statements import statements
from tests.support.catalogues import (
    ALGORITHM_ERROR,
    DATA_ERROR,
    World,
    interface,
    job_type,
    recipe_job,
    recipe_type,
    trigger_rule,
)
from tests.support.postgres import PostgresServer
from tests.support.scenes import configuration, load_example

pytestmark = pytest.mark.airflow
URL: Final = "/scale/api/configuration/"
VALIDATION: Final = f"{URL}validation/"
DOWNLOAD: Final = f"{URL}download/"
UPLOAD: Final = f"{URL}upload/"
TABLES: Final = (Definitions, Error, JobType, RecipeType, TriggerRule)
EMPTY: Final = {"version": "1.0", "recipe_types": [], "job_types": [], "errors": []}


def mapping(name: str) -> dict[str, Any]:
    """Return an error mapping to one error."""
    return {"version": "1.0", "exit_codes": {"1": name, "2": "unknown"}}


@pytest.fixture
def world(client: TestClient, catalogue: Catalogue, tmp_path: Path) -> World:  # noqa: ARG001 - serves the catalogue
    """Return a catalogue with two recipe types, three job types and two errors.

    ``r1`` uses ``a``, which names one error; ``r2`` uses ``b``, which names the other.
    """
    world = World.over(catalogue, tmp_path)
    reads = interface({"file": "file"}, {"out": "file"})
    rule = trigger_rule(
        version="1.0", data={"input_data_name": "scene", "workspace_name": "products"}
    )
    world.configure(
        [
            job_type("a", reads, category="x", error_mapping=mapping(DATA_ERROR)),
            job_type("b", reads, category="y", error_mapping=mapping(ALGORITHM_ERROR)),
            job_type("c", reads, category="y", trigger_rule=trigger_rule()),
        ],
        [
            recipe_type(
                "r1", {"one": recipe_job("a", {"file": "scene"})}, {"scene": "file"},
                trigger_rule=rule, description="First",
            ),
            recipe_type("r2", {"one": recipe_job("b", {"file": "scene"})}, {"scene": "file"}),
        ],
    )  # fmt: skip
    return world


@pytest.fixture
def other(postgres: PostgresServer, catalogue_template: str, tmp_path: Path) -> Iterator[Catalogue]:
    """Return the catalogue of another installation, with workspaces and nothing else."""
    name = postgres.create(catalogue_template)
    database = Database(postgres.url(name))
    catalogue = Catalogue(database)
    for each in ("raw", "products"):
        broker = {"type": "host", "host_path": str(tmp_path / each)}
        catalogue.workspaces.create(each, {"version": "1.0", "broker": broker})
    yield catalogue
    database.close()
    postgres.drop(name)


def exported(client: TestClient, **parameters: Any) -> dict[str, Any]:
    """Return an export."""
    answer = client.get(URL, params=parameters)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def names(client: TestClient, **parameters: Any) -> dict[str, str]:
    """Return the names of an export by section, in one word each."""
    document = exported(client, **parameters)
    return {
        section: " ".join(each["name"] for each in document[section])
        for section in ("recipe_types", "job_types", "errors")
    }


def id_of(client: TestClient, noun: str, name: str) -> int:
    """Return the id of something by its name."""
    rows = client.get(f"/scale/api/{noun}/").json()["results"]
    found: int = next(each["id"] for each in rows if each["name"] == name)
    return found


@pytest.mark.usefixtures("world")
def test_an_export_has_everything_but_what_belongs_to_the_system(client: TestClient) -> None:
    assert names(client) == {
        "recipe_types": "r1 r2", "job_types": "a b c", "errors": f"{ALGORITHM_ERROR} {DATA_ERROR}",
    }  # fmt: skip


@pytest.mark.usefixtures("world")
def test_an_export_has_the_fields_of_the_seed(client: TestClient) -> None:
    document = exported(client)

    assert list(document) == ["version", "recipe_types", "job_types", "errors"]
    assert list(document["recipe_types"][0]) == [
        "name", "version", "title", "description", "definition", "trigger_rule",
    ]  # fmt: skip
    assert list(document["job_types"][0]) == [
        "name", "version", "title", "description", "category", "author_name", "author_url",
        "is_system", "is_long_running", "is_operational", "icon_code", "uses_docker",
        "docker_privileged", "docker_image", "priority", "timeout", "max_scheduled", "max_tries",
        "cpus_required", "mem_required", "disk_out_const_required", "disk_out_mult_required",
        "interface", "error_mapping", "trigger_rule",
    ]  # fmt: skip
    assert list(document["errors"][0]) == ["name", "title", "description", "category"]
    rule = document["recipe_types"][0]["trigger_rule"]
    assert list(rule) == ["type", "name", "is_active", "configuration"]
    assert document["recipe_types"][1]["trigger_rule"] is None


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    ("parameters", "recipe_types", "job_types", "errors"),
    [
        ({"include": "errors"}, "", "", "bad-algorithm bad-data"),
        ({"include": ["errors", "job_types"]}, "", "a b c", "bad-algorithm bad-data"),
        ({"recipe_type_name": "r1"}, "r1", "a", "bad-data"),
        ({"recipe_type_name": ["r1", "r2"]}, "r1 r2", "a b", "bad-algorithm bad-data"),
        ({"recipe_type_name": "r1", "include": "job_types"}, "", "a", ""),
        ({"recipe_type_name": "r1", "include": "errors"}, "", "", "bad-data"),
        ({"recipe_type_name": "gone"}, "", "", ""),
        ({"job_type_name": "b"}, "r1 r2", "b", "bad-algorithm"),
        ({"job_type_name": ["a", "c"]}, "r1 r2", "a c", "bad-data"),
        ({"job_type_category": "y"}, "r1 r2", "b c", "bad-algorithm"),
        ({"job_type_category": "y", "job_type_name": "c"}, "r1 r2", "c", ""),
        ({"job_type_name": "scale-strike"}, "r1 r2", "", ""),
        ({"error_name": "bad-data"}, "r1 r2", "a b c", "bad-data"),
        ({"error_name": ["bad-data", "unknown"]}, "r1 r2", "a b c", "bad-data"),
        ({"recipe_type_name": "r1", "job_type_name": "b"}, "r1", "b", "bad-algorithm"),
        ({"job_type_name": "a", "error_name": "bad-algorithm"}, "r1 r2", "a", "bad-algorithm"),
        ({"colour": "blue"}, "r1 r2", "a b c", "bad-algorithm bad-data"),
    ],
)
def test_filters_cascade_from_recipe_types_to_job_types_to_errors(
    client: TestClient,
    parameters: dict[str, Any],
    recipe_types: str,
    job_types: str,
    errors: str,
) -> None:
    expected = {"recipe_types": recipe_types, "job_types": job_types, "errors": errors}

    assert names(client, **parameters) == expected
    download = client.get(DOWNLOAD, params=parameters)
    assert download.json() == exported(client, **parameters)


@pytest.mark.usefixtures("world")
def test_records_can_be_asked_for_by_id(client: TestClient) -> None:
    ids = {
        "recipe_type_id": id_of(client, "recipe-types", "r2"),
        "job_type_id": id_of(client, "job-types", "a"),
        "error_id": id_of(client, "errors", DATA_ERROR),
    }

    assert names(client, recipe_type_id=ids["recipe_type_id"])["job_types"] == "b"
    assert names(client, job_type_id=ids["job_type_id"])["errors"] == DATA_ERROR
    assert names(client, error_id=[ids["error_id"], 10**9])["errors"] == DATA_ERROR


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"include": "nodes"}, "'nodes'"),
        ({"recipe_type_id": "x"}, "recipe_type_id"),
        ({"job_type_id": str(10**30)}, "job_type_id"),
        ({"error_id": "-1"}, "error_id"),
        ({"error_name": "a\x00"}, "NUL"),
    ],
)
def test_a_filter_that_cannot_be_read_is_400(
    client: TestClient, parameters: dict[str, str], says: str
) -> None:
    for url in (URL, DOWNLOAD):
        answer = client.get(url, params=parameters)

        assert answer.status_code == 400
        assert says in answer.json()["detail"]


def test_what_is_archived_is_exported_only_where_it_is_used(
    client: TestClient, world: World
) -> None:
    for name in ("a", "c"):
        client.patch(f"/scale/api/job-types/{id_of(client, 'job-types', name)}/",
                     json={"is_active": False})  # fmt: skip
    client.patch(f"/scale/api/recipe-types/{id_of(client, 'recipe-types', 'r2')}/",
                 json={"is_active": False})  # fmt: skip

    assert world.count(JobType) > 3
    assert names(client)["recipe_types"] == "r1"
    assert names(client)["job_types"] == "a b"


def test_an_export_is_three_statements(world: World) -> None:
    with statements(world.catalogue) as sent:
        world.catalogue.queries.export.document(ExportFilter())

    assert len(sent) == 3


def test_an_export_imported_into_an_empty_system_is_exported_again_as_it_was(
    client: TestClient, world: World, other: Catalogue
) -> None:
    rule_of_r1 = {"trigger_rule": {"is_active": False}}
    client.patch(f"/scale/api/recipe-types/{id_of(client, 'recipe-types', 'r1')}/", json=rule_of_r1)
    document = exported(client)

    cautions = other.configuration.import_document(document)

    assert other.queries.export.document(ExportFilter()) == document
    assert {each.id for each in cautions} == {"read-only"}
    assert other.configuration.import_document(document) == cautions
    assert world.catalogue.queries.export.document(ExportFilter()) == document


@pytest.mark.usefixtures("world")
def test_an_export_can_be_imported_into_the_system_it_came_from(client: TestClient) -> None:
    document = exported(client)
    before = client.get("/scale/api/job-types/").json()

    assert client.post(URL, json={"import": document}).status_code == 200

    assert exported(client) == document
    assert client.get("/scale/api/job-types/").json() == before


def test_validation_answers_as_the_import_and_saves_nothing(
    client: TestClient, world: World
) -> None:
    before = [world.count(table) for table in TABLES]
    added = job_type("new", interface(), id=7)
    changed = job_type("c", interface({"file": "file"}, {"out": "file"}), title="Another")
    body = {"import": {"version": "1.0", "job_types": [added, changed]}}

    answer = client.post(VALIDATION, json=body)

    assert answer.status_code == 200, answer.text
    (warning,) = answer.json()["warnings"]
    assert warning["id"] == "read-only"
    assert "$.job_types[0].id" in warning["details"]
    assert [world.count(table) for table in TABLES] == before
    assert exported(client, job_type_name="c")["job_types"][0]["title"] != "Another"
    assert client.post(URL, json=body).json() == answer.json()
    assert names(client)["job_types"] == "a b c new"


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{}", "import"),
        ("[]", "object"),
        ("{", "JSON"),
        ('{"import": 3}', "import"),
        ('{"import": {"version": "9.9"}}', "$.version"),
        ('{"import": {"colour": "blue"}}', "colour"),
        ('{"import": {"errors": [{"name": "x"}]}}', "$.errors[0]"),
        ('{"import": {"errors": 3}}', "$.errors"),
        ('{"import": {"job_types": [{"name": "x", "version": "1"}]}}', "$.job_types[0]"),
        ('{"import": {"recipe_types": [null]}}', "$.recipe_types[0]"),
    ],
)
def test_an_import_that_is_not_valid_is_400_in_validation_too(
    client: TestClient, content: str, says: str
) -> None:
    for url in (URL, VALIDATION):
        answer = client.post(url, content=content, headers={"Content-Type": "application/json"})

        assert answer.status_code == 400
        assert says in answer.json()["detail"]


@pytest.mark.usefixtures("world")
def test_a_download_is_an_attachment_of_json(client: TestClient) -> None:
    answer = client.get(DOWNLOAD)

    assert answer.headers["Content-Type"] == "application/json"
    assert re.fullmatch(
        r'attachment; filename="[\w-]+\.json"', answer.headers["Content-Disposition"]
    )
    assert answer.json() == exported(client)


NEW: Final = {"version": "1.0", "job_types": [job_type("new", interface())]}


@pytest.mark.usefixtures("world")
def test_a_file_of_a_form_is_imported(client: TestClient) -> None:
    answer = client.post(UPLOAD, files={"import": ("export.json", json.dumps(NEW))})

    assert (answer.status_code, answer.json()) == (200, {"warnings": []})
    assert "new" in names(client)["job_types"]


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("header", ["X-FILE-NAME", "HTTP_X_FILE_NAME"])
def test_a_body_with_the_name_of_its_file_is_imported(client: TestClient, header: str) -> None:
    answer = client.post(UPLOAD, content=json.dumps(NEW), headers={header: "export.json"})

    assert (answer.status_code, answer.json()) == (200, {"warnings": []})
    assert "new" in names(client)["job_types"]


@pytest.mark.usefixtures("world")
def test_a_file_may_hold_what_an_import_is_sent(client: TestClient) -> None:
    content = json.dumps({"import": NEW})

    answer = client.post(UPLOAD, files={"import": ("export.json", content)})

    assert (answer.status_code, answer.json()) == (200, {"warnings": []})
    assert "new" in names(client)["job_types"]


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    ("request_", "says"),
    [
        ({}, "no file"),
        ({"json": NEW}, "no file"),
        ({"data": {"import": "x"}}, "no file"),
        ({"content": "x", "headers": {"Content-Type": "multipart/form-data"}}, ""),
        ({"files": {"import": ("export.txt", b"{}")}}, "'export.txt'"),
        ({"files": [("import", ("a.json", b"{}")), ("import", ("b.json", b"{}"))]}, "2 files"),
        ({"files": {"import": ("export.json", b"{")}}, "not JSON"),
        ({"files": {"import": ("export.json", b"\xff\xfe\xfd")}}, "not JSON"),
        ({"files": {"import": ("export.json", b"[" * 100_000)}}, "levels deep"),
        ({"files": {"import": ("export.json", b"[]")}}, "expected an object"),
        ({"files": {"import": ("export.json", b'{"errors": [{"name": "x"}]}')}}, "$.errors[0]"),
        ({"content": b"{}", "headers": {"X-FILE-NAME": "export.xml"}}, "'export.xml'"),
        ({"content": b"{", "headers": {"X-FILE-NAME": "export.json"}}, "not JSON"),
    ],
)
def test_an_upload_that_is_not_one_json_file_is_400(
    client: TestClient, request_: dict[str, Any], says: str
) -> None:
    answer = client.post(UPLOAD, **request_)

    assert answer.status_code == 400, answer.text
    assert says in answer.json()["detail"]


def test_the_example_is_exported_as_it_was_imported(
    client: TestClient, catalogue: Catalogue, tmp_path: Path
) -> None:
    load_example(catalogue, tmp_path)
    document = exported(client)

    for section in ("recipe_types", "job_types", "errors"):
        given = {each["name"]: each for each in configuration()[section]}  # type: ignore[attr-defined]  # a list
        found = {each["name"]: each for each in document[section]}
        assert found.keys() == given.keys()
        for name, entry in given.items():
            simple = {k: v for k, v in entry.items() if not isinstance(v, dict)}
            assert found[name].items() >= simple.items()
    assert client.post(VALIDATION, json={"import": document}).status_code == 200
