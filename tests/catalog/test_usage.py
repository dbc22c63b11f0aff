"""How full workspaces were."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from catalog.catalogue import Catalogue
from catalog.services.usage import KEPT, STEP
from tests.support.catalogues import World
from tests.support.s3 import VARIABLE, running_s3, s3_configuration

NOON = datetime(2016, 5, 15, 12, 3, tzinfo=UTC)


def make(catalogue: Catalogue, name: str, folder: Path) -> int:
    broker = {"type": "host", "host_path": str(folder)}
    return catalogue.workspaces.create(name, {"version": "1.0", "broker": broker}).id


def test_a_workspace_is_measured_once_in_a_quarter_of_an_hour(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    workspace = make(catalogue, "raw", tmp_path)
    make(catalogue, "gone", tmp_path / "gone")

    assert [catalogue.usage.measure(NOON + each * STEP / 2) for each in range(4)] == [1, 0, 1, 0]

    found = catalogue.queries.workspaces.usage(workspace, NOON - STEP, timedelta(minutes=1))
    assert len(found) == 2
    assert all(0 < each.free_size <= each.total_size - each.used_size for each in found)


def test_an_archived_workspace_is_not_measured(catalogue: Catalogue, tmp_path: Path) -> None:
    workspace = make(catalogue, "raw", tmp_path)
    catalogue.workspaces.edit(workspace, {"is_active": False})

    assert catalogue.usage.measure(NOON) == 0


def test_what_is_old_is_forgotten(catalogue: Catalogue, tmp_path: Path) -> None:
    workspace = make(catalogue, "raw", tmp_path)
    catalogue.usage.measure(NOON)
    catalogue.usage.measure(NOON + KEPT + STEP)

    found = catalogue.queries.workspaces.usage(workspace, NOON - STEP, STEP)

    assert len(found) == 1


def test_of_a_bucket_the_files_of_the_catalogue_are_counted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_s3() as server:
        monkeypatch.setenv(VARIABLE, server.connection)
        workspaces = world.catalogue.workspaces
        bucket = workspaces.create("bucket", s3_configuration(server.new_bucket()))
        empty = workspaces.create("empty", s3_configuration(server.new_bucket()))
        for name, is_deleted in (("a.tif", False), ("b.tif", False), ("gone.tif", True)):
            source = world.source(name, b"123456")
            with world.database.transaction() as tx:
                tx.files.update(source.id, {"workspace_id": bucket.id, "is_deleted": is_deleted})
        assert workspaces.measured(bucket).used_size == 12

        assert world.catalogue.usage.measure(NOON) >= 2
        assert world.catalogue.usage.measure(NOON) == 0

        found = workspaces.all_measured([bucket, empty])
        assert [(each.used_size, each.total_size) for each in found] == [(12, None), (0, None)]
    assert world.catalogue.queries.workspaces.usage(bucket.id, NOON - STEP, STEP) == ()
