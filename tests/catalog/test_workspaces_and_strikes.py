"""Workspaces and Strike processes: made once for a name, and only whole."""

from pathlib import Path
from typing import Any

import pytest

from catalog.errors import InvalidError
from catalog.records.configuration import WorkspaceRecord
from catalog.states import JobStatus
from catalog.tables import Strike, Workspace
from tests.support.catalogues import World, at_once


def broker(path: Path) -> dict[str, Any]:
    return {"version": "1.0", "broker": {"type": "host", "host_path": str(path)}}


def strike(workspace: str = "raw") -> dict[str, Any]:
    return {
        "version": "1.0",
        "mount": "host:/incoming",
        "transfer_suffix": "_tmp",
        "files_to_ingest": [
            {"filename_regex": ".*", "workspace_name": workspace, "workspace_path": "in"}
        ],
    }


def test_a_workspace_has_its_name_as_title_and_the_size_of_its_disk(world: World) -> None:
    made = world.catalogue.workspaces.create("new", broker(world.home))
    assert made.title == "new"
    measured = world.catalogue.workspaces.measured(made)
    assert measured.total_size is not None
    assert measured.used_size is not None


def test_a_workspace_out_of_reach_has_no_size(world: World) -> None:
    made = world.catalogue.workspaces.create("new", broker(world.home / "unmounted"))
    assert world.catalogue.workspaces.measured(made).total_size is None


@pytest.mark.parametrize(
    ("name", "configuration", "words"),
    [
        ("raw", None, "named 'raw' already"),
        ("", None, "name of the workspace is empty"),
        ("new", {"version": "1.0"}, "broker"),
    ],
)
def test_a_workspace_is_refused_with_a_reason(
    world: World, name: str, configuration: dict[str, Any] | None, words: str
) -> None:
    with pytest.raises(InvalidError, match=words):
        world.catalogue.workspaces.create(name, configuration or broker(world.home))
    assert world.count(Workspace) == 2


def test_of_workspaces_made_at_once_one_has_the_name(world: World) -> None:
    made = at_once(3, lambda _: world.catalogue.workspaces.create("new", broker(world.home)))
    assert sum(isinstance(each, WorkspaceRecord) for each in made) == 1
    assert sum(isinstance(each, InvalidError) for each in made) == 2


def test_a_strike_process_is_shown_as_a_job(world: World) -> None:
    made = world.catalogue.strikes.create("strike", strike(), user="me")
    job = world.job(made.job_id)
    assert (job.status, job.timeout) == (JobStatus.QUEUED, 0)
    with world.database.transaction() as tx:
        assert tx.events.get(job.event_id).description == {"strike": "strike", "user": "me"}
        assert [each.name for each in tx.strikes.active()] == ["strike"]


@pytest.mark.parametrize(
    ("name", "configuration", "words"),
    [
        ("", strike(), "name of the Strike process is empty"),
        ("new", strike("gone"), r"\$\.files_to_ingest\[0\]\.workspace_name.*'gone'"),
        ("new", {"version": "1.0"}, "mount"),
    ],
)
def test_a_strike_process_is_refused_with_a_reason(
    world: World, name: str, configuration: dict[str, Any], words: str
) -> None:
    with pytest.raises(InvalidError, match=words):
        world.catalogue.strikes.create(name, configuration)
    assert world.count(Strike) == 0


def test_of_strike_processes_made_at_once_one_has_the_name(world: World) -> None:
    made = at_once(3, lambda _: world.catalogue.strikes.create("new", strike()))
    assert sum(isinstance(each, InvalidError) for each in made) == 2
    assert world.count(Strike) == 1
