"""Ingesting files, each from the place it was taken to until nothing of it is left there.

Every step can be repeated. A worker that dies leaves the file under ``ingesting`` and the row
INGESTING; the next one starts this over and comes to the same end. The file is removed only after
the transaction that ends the ingest, and only when what is stored was seen. Imports without
Airflow.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, assert_never

from catalog.brokers import Broker, StoredFile, digest_of
from catalog.media_types import media_type_of_content
from catalog.records.files import OpenIngest
from catalog.records.ingests import Claim, IngestEnd, StoredContent
from catalog.services.ingests import IngestService
from catalog.states import IngestStatus
from schemas.strike_configuration import Namesakes
from strike.directory import IngestDirectory, Place
from strike.failures import (
    back_again,
    is_database_away,
    is_final,
    reading_failed,
    still_written,
    storing_failed,
)
from strike.ledger import vanished
from strike.rules import content_refusal, refusal
from strike.scanner import Sighting, sighting_of

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ended:
    """The ingest has ended, and its file is where it belongs."""

    status: IngestStatus


@dataclass(frozen=True, slots=True)
class Changed:
    """The file is another generation than the one on record; watch it, then try again."""

    size: int
    mtime_ns: int
    sha256: str | None


Outcome: TypeAlias = Ended | Changed | Exception
"""What became of one file; an exception says what has to pass before it is tried again."""


@dataclass(frozen=True, slots=True)
class _Stored:
    """A file whose content stands in its workspace, before its ingest has ended."""

    broker: Broker
    path: Path
    content: StoredContent


@dataclass(frozen=True, slots=True)
class Ingester:
    """Ingests files that were taken out of the ingest directory; used by many threads.

    Parameters
    ----------
    reads_back
        Whether what was stored is read and compared before the original goes, not only measured.
    """

    ingests: IngestService
    directory: IngestDirectory
    namesakes: Namesakes = Namesakes.KEEP_BOTH
    reads_back: bool = False

    def ingest_many(self, claims: Sequence[tuple[Claim, Broker | None]]) -> dict[int, Outcome]:
        """Take files from INGESTING to their ends: each is stored, then all end together.

        Parameters
        ----------
        claims
            Each with the storage of its workspace; None if no workspace may have the file.

        Returns
        -------
        dict
            Ingest id to what became of it, for every claim.
        """
        outcomes: dict[int, Outcome] = {}
        stored: dict[int, _Stored] = {}
        for claim, broker in claims:
            ingest_id = claim.ingest.id
            try:
                result = self._prepare(claim, broker)
            except Exception as error:  # noqa: BLE001  # it is given to the caller
                outcomes[ingest_id] = error
                continue
            if isinstance(result, _Stored):
                stored[ingest_id] = result
            else:
                outcomes[ingest_id] = result
        return outcomes | self._complete(stored)

    def _prepare(self, claim: Claim, broker: Broker | None) -> Ended | Changed | _Stored:
        """Bring the content of one file into its workspace, if it may be there."""
        ingest = claim.ingest
        path = self.directory.held(ingest.id, ingest.transfer_name)
        if path is None:
            return self._settled(self.ingests.fail(ingest.id, vanished(ingest)), broker, path)
        file = sighting_of(path)
        refused = refusal(file)
        if refused is not None:
            return self._fail(ingest, refused, path)
        if file.generation != (ingest.bytes_transferred, ingest.mtime_ns):
            return self._changed(ingest, file)
        refused = content_refusal(file)
        if refused is not None or broker is None or ingest.file_path is None:
            return self._fail(ingest, refused or _no_workspace(ingest), path)
        return self._store(claim, file, path, broker, file_path=ingest.file_path)

    def _complete(self, stored: Mapping[int, _Stored]) -> dict[int, Outcome]:
        """End ingests together; one that cannot end must not keep the others from it."""
        if not stored:
            return {}
        try:
            ends = self.ingests.complete_many(
                {key: each.content for key, each in stored.items()}, self.namesakes
            )
        except Exception as error:  # noqa: BLE001  # it is given to the caller, for each file
            if len(stored) == 1 or is_database_away(error):
                return dict.fromkeys(stored, error)
            _log.exception("%d ingests could not end together; one by one.", len(stored))
            outcomes: dict[int, Outcome] = {}
            for key, each in stored.items():
                outcomes |= self._complete({key: each})
            return outcomes
        return {key: self._finish(ends[key], each) for key, each in stored.items()}

    def _finish(self, end: IngestEnd, stored: _Stored) -> Outcome:
        try:
            return self._settled(end, stored.broker, stored.path)
        except Exception as error:  # noqa: BLE001  # it is given to the caller
            return error

    def settle(self, ingest_id: int, broker: Broker | None, path: Path | None) -> Ended | None:
        """Finish what is left after an ingest has ended; None if it has not."""
        end = self.ingests.end_of(ingest_id)
        if end.status is IngestStatus.INGESTING:
            return None
        return self._settled(end, broker, path, is_sure=False)

    def _store(
        self,
        claim: Claim,
        file: Sighting,
        path: Path,
        broker: Broker,
        *,
        file_path: str,
    ) -> Ended | Changed | _Stored:
        ingest = claim.ingest
        try:
            end = self._as_duplicate(claim, path, broker, file_path)
            if end is not None:
                return self._settled(end, broker, path)
            stored = broker.put(path, file_path)
            now = sighting_of(path)
            if now != file or stored.file_size != file.size or _differs(ingest, stored):
                broker.remove(file_path)
                return self._changed(ingest, now, stored if now == file else None)
            media_type = media_type_of_content(path, ingest.file_name)
        except OSError as error:
            if not is_final(error):
                raise
            return self._fail(ingest, _sentence(ingest, path, broker.where(file_path), error), path)
        return _Stored(broker, path, StoredContent(stored, media_type))

    def _as_duplicate(
        self, claim: Claim, path: Path, broker: Broker, file_path: str
    ) -> IngestEnd | None:
        """End the ingest without a copy if the workspace has its content already.

        What an earlier try may have copied to `file_path`, which is its own, is removed.
        """
        if not claim.has_namesake:
            return None
        broker.remove(file_path)
        return self.ingests.duplicate(claim.ingest.id, digest_of(path), self.namesakes)

    def _changed(
        self, ingest: OpenIngest, file: Sighting, content: StoredFile | None = None
    ) -> Changed:
        """Take the file for another generation: `content` is what it has now, if that is known."""
        sha256 = None if content is None or ingest.sha256 is None else content.sha256
        self.ingests.regenerate(
            ingest.id, file.size, file.mtime_ns, still_written(ingest, file.size), sha256
        )
        return Changed(file.size, file.mtime_ns, sha256)

    def _fail(self, ingest: OpenIngest, sentence: str, path: Path) -> Ended:
        detail = sentence + back_again(self.directory.root, ingest.id)
        return self._settled(self.ingests.fail(ingest.id, detail), None, path)

    def _settled(
        self,
        end: IngestEnd,
        broker: Broker | None,
        path: Path | None,
        *,
        is_sure: bool = True,
    ) -> Ended:
        """Bring the file of an ingest that has ended to where it belongs."""
        ingest = end.ingest
        match end.status:
            case IngestStatus.INGESTED:
                self._discard(end, broker, path, is_sure=is_sure)
            case IngestStatus.DUPLICATE:
                if ingest.file_path is not None and broker is not None:
                    broker.remove(ingest.file_path)
                self.directory.keep(ingest.id, Place.DUPLICATE)
            case IngestStatus.ERRORED:
                _log.error("Ingest %s of %r: %s", ingest.id, ingest.file_name, ingest.detail)
                self.directory.keep(ingest.id, Place.ERRORED)
            case (
                IngestStatus.TRANSFERRING
                | IngestStatus.TRANSFERRED
                | IngestStatus.QUEUED
                | IngestStatus.DEFERRED
                | IngestStatus.INGESTING
            ):
                message = f"Ingest {ingest.id} is {end.status} and has not ended."
                raise ValueError(message)
            case _:
                assert_never(end.status)
        return Ended(end.status)

    def _discard(
        self, end: IngestEnd, broker: Broker | None, path: Path | None, *, is_sure: bool
    ) -> None:
        """Remove the file of the ingest once its content is seen in the workspace."""
        file = end.source_file
        if path is None:
            self.directory.tidy(end.ingest.id)
            return
        if file is None or broker is None:
            self._return(end, path)
            return
        stored = StoredFile(file.file_size, file.sha256)
        by_size = is_sure and not self.reads_back
        stands = file.is_deleted or _stands(broker, file.file_path, stored, by_size=by_size)
        if not stands:
            if digest_of(path) != stored:
                self._return(end, path)
                return
            where = broker.where(file.file_path)
            _log.warning("'%s' is not what was ingested; it is stored again.", where)
            broker.put(path, file.file_path)
        self.directory.discard(end.ingest.id, path)

    def _return(self, end: IngestEnd, path: Path) -> None:
        _log.error(
            "'%s' is not the file that ingest %s stored; it is put back as a new arrival.",
            path, end.ingest.id,
        )  # fmt: skip
        self.directory.put_back(path)


def _differs(ingest: OpenIngest, stored: StoredFile) -> bool:
    """Say whether the content is not the one that was on record when the file was complete."""
    return ingest.sha256 is not None and ingest.sha256 != stored.sha256


def _stands(broker: Broker, file_path: str, stored: StoredFile, *, by_size: bool) -> bool:
    """Say whether the content stands in the workspace: by size just after it was written."""
    if by_size:
        return broker.size(file_path) == stored.file_size
    return broker.digest(file_path) == stored


def _sentence(ingest: OpenIngest, path: Path, target: str, error: OSError) -> str:
    if error.filename is not None and Path(error.filename) == path:
        return reading_failed(ingest.file_name, error)
    return storing_failed(ingest.file_name, target, error)


def _no_workspace(ingest: OpenIngest) -> str:
    return (
        f"No workspace may store '{ingest.file_name}' now: the rule that said so is gone."
        " Look at the configuration of the Strike process."
    )
