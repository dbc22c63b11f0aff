"""Moves of files that parse results asked for, over REST."""

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from catalog.catalogue import Catalogue
from schemas.results_manifest import ParseResult
from tests.support.catalogues import World, interface, job_type, results

pytestmark = pytest.mark.airflow
MOVES = "/scale/api/file-moves/"


@pytest.fixture
def blocked(catalogue: Catalogue, tmp_path: Path) -> Path:
    """Ask for a move to a directory whose place a file has; return that file."""
    world = World.over(catalogue, tmp_path)
    world.configure([job_type("parser", interface({"file": "file"}))])
    source = world.source("a.tif", b"pixels")
    plan = world.begin(world.queue_job("parser", {"file": source}).id)
    parsed = ParseResult(source.file_name, new_workspace_path="scenes")
    catalogue.executions.complete(plan.job_exe_id, results(plan, parse_results=[parsed]))
    (world.home / "raw" / "scenes").write_bytes(b"in the way")
    catalogue.moves.run()
    catalogue.moves.run()
    return world.home / "raw" / "scenes"


def listed(client: TestClient, **parameters: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(MOVES, params=parameters).json()["results"]
    return found


def test_a_move_that_failed_is_listed_with_its_reason_and_tried_again(
    client: TestClient, catalogue: Catalogue, blocked: Path
) -> None:
    (move,) = listed(client, has_problem=True)
    assert (move["file"]["file_name"], move["directory"]) == ("a.tif", "scenes")
    assert move["attempts"] == 1
    assert "scenes" in move["problem"]
    assert listed(client, has_problem=False) == []

    blocked.unlink()
    answer = client.post(f"{MOVES}retry/", json={"move_ids": [move["id"]]})
    assert (answer.status_code, answer.json()) == (200, {"move_ids": [move["id"]]})
    catalogue.moves.run()

    (move,) = listed(client)
    assert (move["problem"], move["file"]["file_path"]) == (None, "scenes/a.tif")


def test_there_is_nothing_to_try_again_where_nothing_failed(client: TestClient) -> None:
    answer = client.post(f"{MOVES}retry/", json={})

    assert (answer.status_code, answer.json()["detail"].startswith("No move")) == (404, True)
    assert client.post(f"{MOVES}retry/", json={"ids": [1]}).status_code == 400
