"""How full workspaces were."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from catalog.catalogue import Catalogue
from catalog.services.usage import KEPT, STEP

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
