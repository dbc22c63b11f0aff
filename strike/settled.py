"""Files of the directory with which nothing is to be done: the ledger has them, and no rule does.

A directory may hold many of them for ever, and each is looked at in every pass. So what the ledger
says of them is read once and kept here, a few numbers for each. That is right for as long as the
lock of the Strike process is held: its holder alone makes an ingest DEFERRED, and alone ends one.
Whoever else changes one (a person who wants it tried again) makes it TRANSFERRED, and those are
read in every pass; `forget` takes them out. The ledger counts what is DEFERRED, and where the count
differs all is read anew. Imports without Airflow.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from catalog.records.files import OpenIngest
from catalog.records.ingests import DeferredIngest
from catalog.states import IngestStatus
from schemas.strike_configuration import StrikeConfiguration
from strike.directory import IngestDirectory
from strike.scanner import Sighting


class _Settled(NamedTuple):
    """The ingest of a settled file, and the generation it is of."""

    id: int
    size: int
    mtime_ns: int | None
    change_mark: str | None


@dataclass(frozen=True, slots=True)
class Glance:
    """What a look at the directory says of settled files.

    Parameters
    ----------
    others
        The files that are not settled, in the order of their names.
    unsettled
        Ids of the ingests that are DEFERRED and have to be compared with the directory and with
        the rules: their file was not seen or has changed, or a rule matches it.
    count
        How many files were seen.
    """

    others: list[Sighting]
    unsettled: list[int]
    count: int


@dataclass(slots=True)
class SettledFiles:
    """What the ledger has as DEFERRED; used by one thread.

    Parameters
    ----------
    configuration
        The rules; with others, everything has to be read anew.
    directory
        Where the files are.
    """

    configuration: StrikeConfiguration
    directory: IngestDirectory
    is_here: bool = field(default=False, init=False)
    _files: dict[str, _Settled] = field(default_factory=dict, init=False)
    _unsettled: set[int] = field(default_factory=set, init=False)

    def __len__(self) -> int:
        return len(self._files) + len(self._unsettled)

    def __contains__(self, name: str) -> bool:
        return name in self._files

    def add(self, ingests: Iterable[DeferredIngest]) -> None:
        """Take in what is DEFERRED."""
        here = f"{self.directory.shown_root}/"
        for each in ingests:
            if each.transfer_path.startswith(here):
                self.is_here, name = True, each.transfer_path[len(here) :]
            else:
                name = self.directory.relative(each.transfer_path)
            namesake = self._files.pop(name, None)
            if namesake is not None:  # the directory was another before; both have to be compared
                self._unsettled |= {namesake.id, each.id}
            elif self.configuration.match(each.file_name) is not None:
                self._unsettled.add(each.id)
            else:
                self._files[name] = _Settled(
                    each.id, each.bytes_transferred, each.mtime_ns, each.change_mark
                )

    def forget(self, ingests: Iterable[OpenIngest]) -> None:
        """Take out what is not DEFERRED any more."""
        if not self:
            return
        for each in ingests:
            self._unsettled.discard(each.id)
            settled = self._files.pop(self.directory.relative(each.transfer_path), None)
            if settled is not None and settled.id != each.id:
                self._unsettled.add(settled.id)

    def look(self, files: Iterable[Sighting]) -> Glance:
        """Compare a look at the directory with what is settled.

        What has to be compared further is taken out; `keep` brings back what stays DEFERRED.
        """
        others = []
        unseen = set(self._files)
        find = self._files.get
        has_checksums = self.configuration.has_checksums
        for file in files:
            settled = find(file.name)
            if (
                settled is None
                or settled.size != file.size
                or settled.mtime_ns != file.mtime_ns
                or (has_checksums and settled.change_mark != file.change_mark)
            ):
                others.append(file)
            else:
                unseen.discard(file.name)
        count = len(self._files) - len(unseen) + len(others)
        unsettled = [*self._unsettled, *(self._files.pop(name).id for name in unseen)]
        self._unsettled.clear()
        others.sort()
        return Glance(others, sorted(unsettled), count)

    def keep(self, ingests: Iterable[OpenIngest]) -> None:
        """Take in those of a pass's ingests that are DEFERRED at its end."""
        self.add(
            DeferredIngest(
                each.id,
                each.file_name,
                each.transfer_path,
                each.bytes_transferred,
                each.mtime_ns,
                each.change_mark,
            )
            for each in ingests
            if each.status is IngestStatus.DEFERRED
        )
