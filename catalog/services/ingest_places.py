"""Where files that are ingested will stand in their workspaces: reserved before they are copied.

Every function works inside one transaction. The first file of a path has
``directory/YYYY/MM/DD/name``; another generation has a directory of its own below the day.
"""

from collections.abc import Sequence
from datetime import UTC
from itertools import groupby

from catalog.records.files import OpenIngest
from catalog.records.ingests import Placement
from catalog.states import IngestStatus
from catalog.stores.unit_of_work import UnitOfWork


def queue(tx: UnitOfWork, placements: Sequence[Placement]) -> list[OpenIngest]:
    """Reserve a path for each file and put it on the queue; the paths are theirs alone.

    Raises
    ------
    IntegrityError
        Raised if another process reserved one of the paths meanwhile; try again.
    """
    paths = _reserve(tx, placements)

    def alike(each: Placement) -> tuple[str, int, tuple[str, ...]]:
        return each.ingest.status, each.workspace_id or 0, each.data_types

    queued = []
    for (status, workspace_id, data_types), members in groupby(
        sorted(placements, key=alike), key=alike
    ):
        queued += tx.ingests.change_many(
            IngestStatus(status),
            IngestStatus.QUEUED,
            [{"id": each.ingest.id, "file_path": paths[each.ingest.id]} for each in members],
            {"workspace_id": workspace_id or None, "data_type": list(data_types)},
        )
    return queued


def _reserve(tx: UnitOfWork, placements: Sequence[Placement]) -> dict[int, str | None]:
    """Return ingest id to path: the plain one where it is free, else one with the ingest's id."""
    plain = {each.ingest.id: _plain_path(each) for each in placements}
    workspace_ids = {each.workspace_id for each in placements if each.workspace_id is not None}
    taken = tx.ingests.reserved(workspace_ids, [path for path in plain.values() if path])
    taken |= {
        (workspace_id, path)
        for workspace_id, _, path in tx.files.places_of_names(
            workspace_ids, {each.ingest.file_name for each in placements}
        )
    }
    chosen: dict[int, str | None] = {}
    for each in placements:
        path = plain[each.ingest.id]
        if each.workspace_id is None or path is None:
            chosen[each.ingest.id] = None
            continue
        if (each.workspace_id, path) in taken:
            directory, name = path.rsplit("/", 1)
            path = f"{directory}/generation_{each.ingest.id}/{name}"
        taken.add((each.workspace_id, path))
        chosen[each.ingest.id] = path
    return chosen


def _plain_path(placement: Placement) -> str | None:
    ingest = placement.ingest
    if placement.workspace_id is None or ingest.transfer_ended is None:
        return None
    day = f"{ingest.transfer_ended.astimezone(UTC):%Y/%m/%d}"
    return "/".join(part for part in (placement.directory, day, ingest.file_name) if part)
