"""What an earlier process left under ``ingesting``. Imports without Airflow."""

import logging
from pathlib import Path
from typing import Final

from catalog.records.files import IngestRecord, OpenIngest
from catalog.records.ingests import Claim
from catalog.services.ingests import IngestService
from catalog.states import IngestStatus
from strike.directory import IngestDirectory, Leftover
from strike.pool import IngestPool
from strike.rules import shown

_log = logging.getLogger(__name__)

_ENDED: Final = frozenset({IngestStatus.INGESTED, IngestStatus.DUPLICATE, IngestStatus.ERRORED})


def recover(
    strike_id: int, directory: IngestDirectory, ingests: IngestService, pool: IngestPool
) -> None:
    """Give every file under ``ingesting`` to the ingest it belongs to, or put it back.

    Files of open ingests are left to the pass that follows. Those of ingests that have ended are
    finished: removed when their content is seen in the workspace, or set aside. A file that no
    ingest knows becomes a new arrival; it is never deleted.
    """
    leftovers = list(directory.leftovers())
    known = ingests.ends_of({each.ingest_id for each in leftovers if each.ingest_id is not None})
    for leftover in leftovers:
        ingest = None if leftover.ingest_id is None else known.get(leftover.ingest_id)
        if ingest is None or not _belongs(leftover.path, ingest, strike_id):
            _put_back(directory, leftover)
        elif ingest.status in _ENDED:
            pool.add_ended(Claim(_open(ingest), has_namesake=True), leftover.path)
        elif ingest.status is not IngestStatus.INGESTING:  # the catalogue is older than the file
            _put_back(directory, leftover)


def _belongs(path: Path, ingest: IngestRecord, strike_id: int) -> bool:
    name = ingest.transfer_path.rsplit("/", 1)[-1]
    return ingest.strike_id == strike_id and shown(path.name) == name


def _put_back(directory: IngestDirectory, leftover: Leftover) -> None:
    if directory.put_back(leftover.path):
        _log.warning(
            "'%s' belongs to no ingest: it is a new arrival now.", shown(str(leftover.path))
        )
    else:
        _log.error(
            "'%s' belongs to no ingest, and another file has its name in '%s'. It stays where it"
            " is; rename it and move it there if it is wanted.",
            shown(str(leftover.path)), directory.root,
        )  # fmt: skip


def _open(ingest: IngestRecord) -> OpenIngest:
    return OpenIngest(
        id=ingest.id,
        file_name=ingest.file_name,
        status=ingest.status,
        bytes_transferred=ingest.bytes_transferred,
        mtime_ns=ingest.mtime_ns,
        transfer_path=ingest.transfer_path,
        transfer_ended=ingest.transfer_ended,
        workspace_id=ingest.workspace_id,
        file_path=ingest.file_path,
    )
