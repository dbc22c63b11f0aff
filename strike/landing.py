"""Which files of the ingest directory are complete, and which are another generation by content.

Imports without Airflow.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from catalog.records.files import OpenIngest
from catalog.records.ingests import Fingerprint
from catalog.states import IngestStatus
from schemas.strike_configuration import StrikeConfiguration
from strike.checksums import Checksums
from strike.scanner import Sighting
from strike.stability import StabilityWatch


@dataclass(frozen=True, slots=True)
class Recognition:
    """What checksums say of files that wait and were touched, though size and time are the same.

    Parameters
    ----------
    same
        By ingest id: the content is the one on record, or none is.
    rewritten
        Ids of the ingests whose file has other content.
    unread
        Ids of the ingests whose file has to be read before it can be said.
    """

    same: dict[int, Fingerprint] = field(default_factory=dict)
    rewritten: set[int] = field(default_factory=set)
    unread: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Landing:
    """Follows the files of one directory from pass to pass; used by one thread.

    Parameters
    ----------
    name_of
        The name a scan gives the file of an ingest.
    checksums
        None if size and time alone say which generation a file is.
    """

    configuration: StrikeConfiguration
    stability: StabilityWatch
    name_of: Callable[[OpenIngest], str]
    checksums: Checksums | None = None

    def look(self, seen: Mapping[str, Sighting], clock: float, date: datetime) -> None:
        """Take in a scan; the times are those of `StabilityWatch.look`."""
        self.stability.look(seen, clock, date)
        if self.checksums is not None:
            self.checksums.look()
            self.checksums.keep(seen)

    def is_landing(self, ingest: OpenIngest) -> bool:
        """Say whether a file has its last name and only has to stay as it is for a while."""
        if ingest.status is not IngestStatus.TRANSFERRING:
            return False
        return not self.configuration.is_transferring(ingest.transfer_name)

    def remaining(self, ingests: Iterable[OpenIngest], clock: float) -> list[float]:
        """Return after how many seconds something may have to be done with files that land."""
        times = [
            self.stability.remaining(self.name_of(each), clock)
            for each in ingests
            if self.is_landing(each)
        ]
        if self.checksums is None:
            return times
        times = [each for each in times if each]  # the others wait for their checksums
        reading = self.checksums.look_again
        return times if reading is None else [*times, reading]

    def landed(
        self, ingests: Iterable[OpenIngest], seen: Mapping[str, Sighting], clock: float
    ) -> tuple[dict[int, datetime], dict[int, Fingerprint]]:
        """Return which files are complete since when, and their checksums if there are any."""
        ended: dict[int, datetime] = {}
        fingerprints: dict[int, Fingerprint] = {}
        for each in ingests:
            name = self.name_of(each)
            if not self.is_landing(each) or self.stability.remaining(name, clock):
                continue
            if self.checksums is not None:
                fingerprint = self.checksums.of(name, seen[name])
                if fingerprint is None:
                    continue
                fingerprints[each.id] = fingerprint
            ended[each.id] = self.stability.quiet_since(name)
        return ended, fingerprints

    def recognize(self, ingests: Iterable[OpenIngest], seen: Mapping[str, Sighting]) -> Recognition:
        """Compare the content of files that wait with what is on record of it."""
        result = Recognition()
        if self.checksums is None:
            return result
        for each in ingests:
            file = seen.get(self.name_of(each))
            if file is None or not _is_in_doubt(each, file):
                continue
            fingerprint = self.checksums.of(self.name_of(each), file)
            if fingerprint is None:
                result.unread.add(each.id)
            elif each.sha256 and fingerprint.sha256 and each.sha256 != fingerprint.sha256:
                result.rewritten.add(each.id)
            else:
                sha256 = fingerprint.sha256 or each.sha256
                result.same[each.id] = fingerprint._replace(sha256=sha256)
        return result

    @property
    def problem(self) -> str | None:
        """Why the checksum of a file cannot be read now, as a sentence."""
        return None if self.checksums is None else self.checksums.problem

    def read(self, patience: float) -> None:
        """Read the files whose checksums were missing, and wait as long as there is patience."""
        if self.checksums is not None:
            self.checksums.read(patience)

    def close(self) -> None:
        """Stop reading."""
        if self.checksums is not None:
            self.checksums.close()


def _is_in_doubt(ingest: OpenIngest, file: Sighting) -> bool:
    if ingest.status is IngestStatus.TRANSFERRING:
        return False
    generation = ingest.bytes_transferred, ingest.mtime_ns
    return file.generation == generation and file.change_mark != ingest.change_mark
