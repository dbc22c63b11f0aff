"""Taking files out of the directory, each to the place of its ingest. Imports without Airflow."""

import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from catalog.records.files import OpenIngest
from catalog.records.ingests import Claim
from catalog.services.ingests import IngestService
from catalog.states import IngestStatus
from strike.directory import IngestDirectory
from strike.failures import reason_of
from strike.pool import IngestPool
from strike.scanner import Sighting

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Taking:
    """What one pass takes; `problem` says why files could not be moved."""

    directory: IngestDirectory
    ingests: IngestService
    pool: IngestPool
    problem: str | None = None
    missing: set[int] = field(default_factory=set)

    def resume(
        self,
        ingests: Iterable[OpenIngest],
        seen: Mapping[str, Sighting],
        waiting_names: Collection[str],
        missing_before: Collection[int],
    ) -> set[str]:
        """Go on with ingests another process began; return the names that belong to them.

        `missing` are those whose file is nowhere. When the next pass does not find it either, the
        ingest ends, and says so.

        Parameters
        ----------
        waiting_names
            Names that belong to ingests that wait.
        missing_before
            Ids of the ingests whose files the pass before this did not find.
        """
        names: set[str] = set()
        begun = self.pool.ids
        for ingest in ingests:
            if ingest.status is not IngestStatus.INGESTING or ingest.id in begun:
                continue
            name = self.directory.relative(ingest.transfer_path)
            claim = Claim(ingest, has_namesake=True)
            if self.directory.held(ingest.id, ingest.transfer_name) is not None:
                self.pool.add(claim)
            elif name in seen and name not in waiting_names:
                names.add(name)
                self._take(claim, seen[name])
            elif ingest.id in missing_before:
                self.pool.add(claim)
            else:
                self.missing.add(ingest.id)
        return names

    def claim(
        self, ingests: Iterable[OpenIngest], seen: Mapping[str, Sighting], in_flight: int
    ) -> int:
        """Take queued files; return how many have to wait, since no more may be in flight."""
        busy = set(self.pool.file_names)
        queued = []
        for each in ingests:
            if each.status is IngestStatus.QUEUED and each.file_name not in busy:
                busy.add(each.file_name)  # files of one name come one after another
                queued.append(each)
        chosen = queued[: max(0, in_flight - len(self.pool.ids))]
        if chosen:
            paths = {
                each.id: self.directory.ingest_path(each.id, each.transfer_name) for each in chosen
            }
            for claim in self.ingests.claim(paths):
                name = self.directory.relative(claim.ingest.transfer_path)
                self._take(claim, seen[name])
        return len(queued) - len(chosen)

    def _take(self, claim: Claim, file: Sighting) -> None:
        try:
            self.directory.take(claim.ingest.id, file.name)
        except FileNotFoundError:
            _log.info("'%s' went away before it was taken.", claim.ingest.transfer_path)
        except OSError as error:
            self.problem = (
                f"Files cannot be moved inside '{self.directory.root}': {reason_of(error)}. Let"
                " the user that runs Airflow's triggerer write to the directory."
            )
        else:
            self.pool.add(claim)
