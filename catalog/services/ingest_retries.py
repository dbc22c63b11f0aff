"""Trying ingests again that failed, or that no rule matched; inside one transaction."""

from collections.abc import Mapping, Sequence
from typing import Final

from catalog.states import IngestStatus
from catalog.stores.unit_of_work import UnitOfWork

_ANEW: Final[Mapping[str, object]] = {
    "bytes_transferred": 0,
    "mtime_ns": None,  # says to the Strike process that the file may have to be brought back
    "sha256": None,
    "change_mark": None,
    "file_size": None,
    "detail": None,
    "workspace_id": None,
    "file_path": None,
    "ingest_path": None,
    "transfer_ended": None,
    "ingest_started": None,
    "ingest_ended": None,
}


def retry(tx: UnitOfWork, ingest_ids: Sequence[int], strike_ids: Sequence[int]) -> list[int]:
    """Let errored files begin anew and deferred ones meet the rules again; return their ids.

    Parameters
    ----------
    ingest_ids, strike_ids
        Which ingests, and of which Strike processes; all if empty.
    """
    errored = tx.ingests.retryable(IngestStatus.ERRORED, ingest_ids, strike_ids)
    deferred = tx.ingests.retryable(IngestStatus.DEFERRED, ingest_ids, strike_ids)
    changed = tx.ingests.change_many(
        IngestStatus.ERRORED,
        IngestStatus.TRANSFERRING,
        [{"id": each} for each in errored],
        _ANEW,
    )
    changed += tx.ingests.change_many(
        IngestStatus.DEFERRED, IngestStatus.TRANSFERRED, [{"id": each} for each in deferred]
    )
    return sorted(each.id for each in changed)
