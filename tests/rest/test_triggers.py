"""Trigger rules, events and groups over REST."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from catalog.catalogue import Catalogue
from tests.support.catalogues import World, interface, job_type, trigger_rule

pytestmark = pytest.mark.airflow
URL = "/scale/api/triggers/"


@pytest.fixture
def world(catalogue: Catalogue, tmp_path: Path) -> World:
    """Return a catalogue with a rule for pairs of files, and one file of a pair."""
    world = World.over(catalogue, tmp_path)
    rule = trigger_rule(
        version="1.1",
        group_by=r"(.+)\.\w+",
        timeout="PT1H",
        inputs=[
            {"input_data_name": "image", "media_type": "image/png"},
            {"input_data_name": "table", "media_type": "text/csv"},
        ],
        data={"workspace_name": "products"},
    )
    reads = interface({"image": "file", "table": "file"})
    world.configure([job_type("reader", reads, trigger_rule=rule)])
    world.ingest(world.source("a.png"))
    return world


def test_rules_are_listed_with_what_they_start(client: TestClient, world: World) -> None:
    del world
    found = client.get(f"{URL}rules/", params={"type": "INGEST"}).json()

    assert found["count"] == 1
    rule = found["results"][0]
    (target,) = rule["targets"]
    assert (target["name"], target["is_recipe"], target["is_active"]) == ("reader", False, True)
    assert client.get(f"{URL}rules/{rule['id']}/").json() == rule


def test_a_group_shows_what_it_waits_for_and_until_when(client: TestClient, world: World) -> None:
    del world
    (group,) = client.get(f"{URL}groups/", params={"is_waiting": "true"}).json()["results"]

    assert (group["key"], group["missing"], group["reported"]) == ("a", ["table"], None)
    assert group["expires"] > group["last_modified"]
    details = client.get(f"{URL}groups/{group['id']}/").json()
    assert details["rule"]["id"] == group["rule"]["id"]
    assert client.get(f"{URL}groups/", params={"is_waiting": "false"}).json()["count"] == 0


def test_events_tell_what_fired(client: TestClient, world: World) -> None:
    world.ingest(world.source("a.csv"))
    (event,) = client.get(f"{URL}events/", params={"has_problem": "false"}).json()["results"]

    assert event["description"]["group"] == "a"
    assert client.get(f"{URL}events/{event['id']}/").json() == event
    assert client.get(f"{URL}events/", params={"type": "PARSE"}).json()["count"] == 0


@pytest.mark.parametrize("kind", ["rules", "events", "groups"])
def test_what_does_not_exist_is_404(client: TestClient, world: World, kind: str) -> None:
    del world
    assert client.get(f"{URL}{kind}/99999/").status_code == 404
