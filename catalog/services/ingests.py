"""The ledger of ingests: every file a Strike process ever saw, and what became of it.

What is seen in a scan is written in a few statements, whatever the number of files. The end of an
ingest is one transaction of its own: the source file, the status, and what its triggers start
(contract section 4, Strike and Source).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Final

from sqlalchemy.exc import IntegrityError

from catalog.brokers import StoredFile
from catalog.database import Database
from catalog.errors import ConflictError, NotFoundError
from catalog.media_types import media_type_of
from catalog.records.files import IngestRecord, OpenIngest
from catalog.records.ingests import (
    Arrival,
    Claim,
    Conservation,
    DeferredIngest,
    Fingerprint,
    Growth,
    IngestEnd,
    Loss,
    Placement,
    StoredContent,
    StrikeState,
)
from catalog.services.ingest_ends import complete_many, end_as_duplicate, end_of
from catalog.services.ingest_places import queue
from catalog.services.ingest_retries import retry
from catalog.states import IngestStatus
from catalog.stores.unit_of_work import UnitOfWork
from schemas.strike_configuration import Namesakes

_RESERVATION_TRIES: Final = 3


class IngestService:
    """Keeps the ledger for Strike processes; whoever dies in the middle is continued."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def state_of(self, strike_id: int) -> StrikeState:
        """Return a Strike process, its ingests on their way, and the workspaces it may store in.

        Raises
        ------
        NotFoundError
            Raised if there is no such Strike process.
        """
        with self._database.transaction() as tx:
            strike = tx.strikes.get(strike_id)
            ingests = tx.ingests.under_way(strike_id)
            deferred = tx.ingests.deferred_count(strike_id)
            workspaces = {each.id: each for each in tx.workspaces.active()}
            used = {each.workspace_id for each in ingests if each.workspace_id is not None}
            workspaces.update(tx.workspaces.get_many(used - workspaces.keys()))
            status = tx.jobs.get(strike.job_id).status
            return StrikeState(strike, status, tuple(ingests), deferred, workspaces)

    def deferred_of(self, strike_id: int) -> Iterator[DeferredIngest]:
        """Yield the ingests of a Strike process that are DEFERRED, few in memory at a time."""
        with self._database.transaction() as tx:
            yield from tx.ingests.deferred_of(strike_id)

    def open_ingests(self, ingest_ids: Iterable[int]) -> list[OpenIngest]:
        """Return those of these ingests that have not ended, oldest first."""
        with self._database.transaction() as tx:
            return tx.ingests.open_many(ingest_ids)

    def report(self, strike_id: int, problem: str | None) -> None:
        """Show what keeps a Strike process from working, or that nothing does."""
        with self._database.transaction() as tx:
            if tx.strikes.get(strike_id).problem != problem:
                tx.strikes.update(strike_id, {"problem": problem})

    def observe(
        self,
        strike_id: int,
        arrivals: Sequence[Arrival],
        growth: Sequence[Growth],
        losses: Sequence[Loss],
    ) -> list[OpenIngest]:
        """Write what a scan found, and return the ingests that are new or changed."""
        with self._database.transaction() as tx:
            _lose(tx, losses)
            changed = tx.ingests.change_many(
                IngestStatus.TRANSFERRING,
                IngestStatus.TRANSFERRING,
                [
                    {
                        "id": each.ingest_id,
                        "transfer_path": each.transfer_path,
                        "bytes_transferred": each.size,
                        "mtime_ns": each.mtime_ns,
                    }
                    for each in growth
                ],
            )
            added = tx.ingests.add_open([_arrival_row(strike_id, each) for each in arrivals])
            return [*changed, *added]

    def transferred(
        self, ended: Mapping[int, datetime], fingerprints: Mapping[int, Fingerprint] | None = None
    ) -> list[OpenIngest]:
        """Note that files are complete, by ingest id, with the time of their last change."""
        rows = [
            {"id": each, "transfer_ended": time} | _fingerprint((fingerprints or {}).get(each))
            for each, time in ended.items()
        ]
        with self._database.transaction() as tx:
            return tx.ingests.change_many(
                IngestStatus.TRANSFERRING,
                IngestStatus.TRANSFERRED,
                rows,
                {"file_size": tx.ingests.table.bytes_transferred},
            )

    def recognize(
        self, status: IngestStatus, fingerprints: Mapping[int, Fingerprint]
    ) -> list[OpenIngest]:
        """Note by which inode, ctime and checksum files that wait are known from now on."""
        with self._database.transaction() as tx:
            rows = [{"id": key} | _fingerprint(each) for key, each in fingerprints.items()]
            return tx.ingests.change_many(status, status, rows)

    def defer(self, ingest_ids: Iterable[int]) -> list[OpenIngest]:
        """Note that no rule says what to do with these files; return those that wait for one."""
        with self._database.transaction() as tx:
            rows = [{"id": each} for each in ingest_ids]
            return tx.ingests.change_many(IngestStatus.TRANSFERRED, IngestStatus.DEFERRED, rows)

    def queue(self, placements: Sequence[Placement]) -> list[OpenIngest]:
        """Give files a path of their workspace that is theirs alone, and put them on the queue.

        The first file of a path has ``directory/YYYY/MM/DD/name``, by the UTC day its transfer
        ended; another generation of the name has a directory of its own below the day.
        """
        for tries_left in reversed(range(_RESERVATION_TRIES)):
            try:
                with self._database.transaction() as tx:
                    return queue(tx, placements)
            except IntegrityError:  # another Strike process reserved one of the paths meanwhile
                if not tries_left:
                    raise
        return []

    def claim(self, ingest_paths: Mapping[int, str]) -> list[Claim]:
        """Begin to ingest queued files: from now on each is under its ingest path.

        Parameters
        ----------
        ingest_paths
            Ingest id to absolute path, the same whenever it is asked for.
        """
        with self._database.transaction() as tx:
            claimed = tx.ingests.change_many(
                IngestStatus.QUEUED,
                IngestStatus.INGESTING,
                [{"id": each, "ingest_path": path} for each, path in ingest_paths.items()],
                {"ingest_started": datetime.now(UTC)},
            )
            names = {
                (workspace_id, name)
                for workspace_id, name, _ in tx.files.places_of_names(
                    {each.workspace_id for each in claimed if each.workspace_id is not None},
                    {each.file_name for each in claimed},
                )
            }
            return [Claim(each, (each.workspace_id, each.file_name) in names) for each in claimed]

    def regenerate(
        self, ingest_id: int, size: int, mtime_ns: int, detail: str, sha256: str | None = None
    ) -> None:
        """Note that the file that was taken is another generation than the one on record."""
        self._change_ingesting(
            {
                "id": ingest_id,
                "bytes_transferred": size,
                "file_size": size,
                "mtime_ns": mtime_ns,
                "sha256": sha256,
                "detail": detail,
            }
        )

    def note(self, ingest_id: int, detail: str) -> None:
        """Show why an ingest has to wait."""
        self._change_ingesting({"id": ingest_id, "detail": detail})

    def end_of(self, ingest_id: int) -> IngestEnd:
        """Return how an ingest stands.

        Raises
        ------
        NotFoundError
            Raised if there is no such ingest.
        """
        with self._database.transaction() as tx:
            return end_of(tx, tx.ingests.get(ingest_id))

    def ends_of(self, ingest_ids: Iterable[int]) -> dict[int, IngestRecord]:
        """Return ingests by id; ids that do not exist are left out."""
        with self._database.transaction() as tx:
            return tx.ingests.get_many(ingest_ids)

    def duplicate(
        self, ingest_id: int, content: StoredFile, namesakes: Namesakes = Namesakes.KEEP_BOTH
    ) -> IngestEnd | None:
        """End an ingest as DUPLICATE if its workspace has this name with this content already.

        Nothing was stored for it, so its path of the workspace is free again.

        Returns
        -------
        IngestEnd or None
            How the ingest stands; None if it is not a duplicate and has to be stored.
        """
        with self._database.transaction() as tx:
            ingest = tx.ingests.lock(ingest_id)
            if ingest.status is not IngestStatus.INGESTING:
                return end_of(tx, ingest)
            return end_as_duplicate(tx, ingest, content, namesakes)

    def complete_many(
        self,
        contents: Mapping[int, StoredContent],
        namesakes: Namesakes = Namesakes.KEEP_BOTH,
    ) -> dict[int, IngestEnd]:
        """End ingests whose content stands in their workspace, and start what they trigger.

        All of them in one transaction, or none. May be repeated: an ingest that has ended is
        returned as it ended. If another process stored the same name and content first, an ingest
        is a DUPLICATE, and its copy, which only `file_path` names, can be removed.

        Parameters
        ----------
        contents
            Ingest id to what was stored.
        namesakes
            What is to happen to a file whose name its workspace has already.
        """
        with self._database.transaction() as tx:
            return complete_many(tx, contents, namesakes)

    def fail(self, ingest_id: int, detail: str) -> IngestEnd:
        """End an ingest as ERRORED; one that has ended already is returned as it ended."""
        with self._database.transaction() as tx:
            ingest = tx.ingests.lock(ingest_id)
            if ingest.status is not IngestStatus.INGESTING:
                return end_of(tx, ingest)
            values = {"detail": detail, "file_path": None, "ingest_ended": datetime.now(UTC)}
            return IngestEnd(tx.ingests.transition(ingest, IngestStatus.ERRORED, values), None)

    def retry(self, ingest_ids: Sequence[int] = (), strike_ids: Sequence[int] = ()) -> list[int]:
        """Try again what failed, and look again at what no rule matched.

        An errored file is brought back to where it was seen and begins anew, unless another
        generation of its path waits there; a deferred one is compared with the rules again.

        Parameters
        ----------
        ingest_ids, strike_ids
            Which ingests, and of which Strike processes; all if empty.

        Returns
        -------
        list
            The ids of the ingests that are tried again.

        Raises
        ------
        NotFoundError
            Raised if there is none.
        ConflictError
            Raised if a file of one of the paths arrived at the same moment.
        """
        try:
            with self._database.transaction() as tx:
                retried = retry(tx, ingest_ids, strike_ids)
        except IntegrityError as error:
            raise ConflictError("A file of the same path has just arrived. Try again.") from error
        if not retried:
            sentence = (
                "No ingest that was selected is DEFERRED, or ERRORED without another file waiting"
                " in its place. Select others."
            )
            raise NotFoundError("ingest", 0, sentence)
        return retried

    def conservation(self, strike_id: int | None = None) -> Conservation:
        """Account for every file a Strike process, or any, ever saw."""
        with self._database.transaction() as tx:
            return tx.ingests.conservation(strike_id)

    def _change_ingesting(self, row: Mapping[str, object]) -> None:
        with self._database.transaction() as tx:
            tx.ingests.change_many(IngestStatus.INGESTING, IngestStatus.INGESTING, [row])


def _arrival_row(strike_id: int, arrival: Arrival) -> dict[str, object]:
    return {
        "strike_id": strike_id,
        "file_name": arrival.file_name,
        "status": IngestStatus.TRANSFERRING,
        "bytes_transferred": arrival.size,
        "mtime_ns": arrival.mtime_ns,
        "media_type": media_type_of(arrival.file_name),
        "data_type": [],
        "transfer_path": arrival.transfer_path,
        "transfer_started": arrival.seen,
    }


def _fingerprint(fingerprint: Fingerprint | None) -> dict[str, object]:
    sha256, change_mark = fingerprint or (None, None)
    return {"sha256": sha256, "change_mark": change_mark}


def _lose(tx: UnitOfWork, losses: Sequence[Loss]) -> None:
    now = datetime.now(UTC)
    by_status = sorted(losses, key=lambda each: each.ingest.status)
    for status, members in groupby(by_status, key=lambda each: each.ingest.status):
        tx.ingests.change_many(
            status,
            IngestStatus.ERRORED,
            [{"id": each.ingest.id, "detail": each.detail} for each in members],
            {"ingest_ended": now, "file_path": None},
        )
