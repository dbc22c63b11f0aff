"""A recipe keeps the revision it was made from, whatever happens to its type meanwhile."""

from typing import Any

import pytest

from airscale.demo.client import ScaleClient
from tests.stack.system import System, eventually

pytestmark = pytest.mark.stack


def test_a_run_in_flight_finishes_on_the_revision_it_started_with(system: System) -> None:
    with system.client() as client:
        _import(client, jobs=("first", "second"))
        in_flight = _queue(client, seconds="6")
        eventually(lambda: _statuses(client, in_flight), lambda jobs: jobs["first"] == "RUNNING")

        _import(client, jobs=("first", "third", "fourth"))
        edited = _queue(client, seconds="0")

        done = eventually(lambda: _statuses(client, in_flight), _all_completed)
        assert done.keys() == {"first", "second"}
        done = eventually(lambda: _statuses(client, edited), _all_completed)
        assert done.keys() == {"first", "third", "fourth"}
        versions = system.airflow("/api/v2/dags/recipe.waiting.1.0/dagVersions")["dag_versions"]
        assert len(versions) == 2


def test_a_recipe_made_just_before_an_edit_runs_with_the_jobs_it_was_made_with(
    system: System,
) -> None:
    with system.client() as client:
        _import(client, jobs=("first", "fifth"))
        before = _queue(client, seconds="0")
        _import(client, jobs=("first", "sixth"))
        done = eventually(lambda: _statuses(client, before), _all_completed)
        assert done.keys() == {"first", "fifth"}


def _import(client: ScaleClient, jobs: tuple[str, ...]) -> None:
    """Import a job type that sleeps, and a recipe type that runs it in a row."""
    interface = {
        "version": "1.0",
        "command": "sleep",
        "command_arguments": "${seconds}",
        "input_data": [{"name": "seconds", "type": "property"}],
    }
    job_type = {"name": "waiter", "version": "1.0", "interface": interface, "max_tries": 1}
    definition = {
        "version": "1.0",
        "input_data": [{"name": "seconds", "type": "property"}],
        "jobs": [_job(name, before) for name, before in zip(jobs, (None, *jobs), strict=False)],
    }
    recipe_type = {"name": "waiting", "version": "1.0", "definition": definition}
    document = {"version": "1.0", "job_types": [job_type], "recipe_types": [recipe_type]}
    client.post("/configuration/", {"import": document})


def _job(name: str, parent: str | None) -> dict[str, Any]:
    return {
        "name": name,
        "job_type": {"name": "waiter", "version": "1.0"},
        "recipe_inputs": [{"recipe_input": "seconds", "job_input": "seconds"}],
        "dependencies": [] if parent is None else [{"name": parent}],
    }


def _queue(client: ScaleClient, seconds: str) -> int:
    (recipe_type,) = [each for each in client.list("/recipe-types/") if each["name"] == "waiting"]
    data = {"version": "1.0", "input_data": [{"name": "seconds", "value": seconds}]}
    recipe: int = client.post(
        "/queue/new-recipe/", {"recipe_type_id": recipe_type["id"], "recipe_data": data}
    )["id"]
    return recipe


def _statuses(client: ScaleClient, recipe: int) -> dict[str, str]:
    jobs = client.get(f"/recipes/{recipe}/")["jobs"]
    return {each["job_name"]: each["job"]["status"] for each in jobs}


def _all_completed(jobs: dict[str, str]) -> bool:
    return set(jobs.values()) == {"COMPLETED"}
