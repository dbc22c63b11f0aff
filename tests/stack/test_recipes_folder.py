"""JSON in dags/recipes: runnable within seconds, broken files shown where people look."""

import json
from typing import Any

import pytest

from airscale.demo.client import ScaleClient
from tests.stack.system import System, eventually
from tests.support.scenes import configuration

pytestmark = pytest.mark.stack


def test_a_recipe_put_into_the_folder_is_runnable(system: System) -> None:
    document = configuration()
    recipe: Any = document["recipe_types"][0]  # type: ignore[index]  # a JSON document
    recipe |= {"name": "from folder", "version": "2.0"}
    del recipe["trigger_rule"]
    _put(system, "from-folder.json", json.dumps({"version": "1.0", "recipe_types": [recipe]}))
    eventually(lambda: _dag_ids(system), lambda found: "recipe.from..20folder.2.0" in found)
    with system.client() as client:
        _run_it(system, client)


def test_a_broken_file_is_an_import_error_and_everything_else_goes_on(system: System) -> None:
    before = _dag_ids(system)
    broken = {"version": "1.0", "job_types": [{"name": "x", "version": "1", "interface": {}}]}
    _put(system, "broken.json", json.dumps(broken))
    found = eventually(lambda: _import_errors(system), lambda errors: "broken.json" in errors)
    assert "dags/recipes/broken.json" in found
    assert "$.job_types[0].interface" in found
    assert before <= _dag_ids(system)
    (system.recipes / "broken.json").unlink()
    eventually(lambda: _import_errors(system), lambda errors: "broken.json" not in errors)


def _put(system: System, name: str, text: str) -> None:
    arriving = system.recipes / f".{name}"
    arriving.write_text(text)
    arriving.rename(system.recipes / name)


def _dag_ids(system: System) -> set[str]:
    return {each["dag_id"] for each in system.airflow("/api/v2/dags?limit=500")["dags"]}


def _import_errors(system: System) -> str:
    errors = system.airflow("/api/v2/importErrors")["import_errors"]
    return "\n".join(each["stack_trace"] for each in errors)


def _run_it(system: System, client: ScaleClient) -> None:
    (system.home.ingest / "folder.png").write_bytes(b"not a scene")
    (system.home.ingest / "folder.csv").write_bytes(b"neither")
    files = {suffix: _source_id(client, f"folder.{suffix}") for suffix in ("png", "csv")}
    (recipe_type,) = [
        each for each in client.list("/recipe-types/") if each["name"] == "from folder"
    ]
    (workspace,) = client.list("/workspaces/", name="products")
    recipe = client.post(
        "/queue/new-recipe/",
        {
            "recipe_type_id": recipe_type["id"],
            "recipe_data": {
                "version": "1.0",
                "input_data": [
                    {"name": "image", "file_id": files["png"]},
                    {"name": "georeference_data", "file_id": files["csv"]},
                ],
                "workspace_id": workspace["id"],
            },
        },
    )
    eventually(
        lambda: client.get(f"/recipes/{recipe['id']}/")["jobs"],
        lambda jobs: "FAILED" in {each["job"]["status"] for each in jobs},
    )


def _source_id(client: ScaleClient, name: str) -> int:
    sources = eventually(lambda: list(client.list("/sources/", file_name=name)), len)
    found: int = sources[0]["id"]
    return found
