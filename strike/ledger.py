"""Comparing what is in the directory with what the ledger says. Pure: no file, no database.

Imports without Airflow.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from catalog.records.files import OpenIngest
from catalog.records.ingests import Arrival, Growth, Loss
from catalog.states import IngestStatus
from schemas.strike_configuration import StrikeConfiguration
from strike.directory import Place
from strike.rules import shown
from strike.scanner import Sighting

WAITING: Final = frozenset(
    {
        IngestStatus.TRANSFERRING,
        IngestStatus.TRANSFERRED,
        IngestStatus.QUEUED,
        IngestStatus.DEFERRED,
    }
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a scan changes in the ledger.

    `missing` are the ids of ingests whose file was not seen. They are lost when the next scan does
    not see it either: a file that is renamed during a scan may be missed once.
    """

    arrivals: list[Arrival] = field(default_factory=list)
    growth: list[Growth] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)
    missing: set[int] = field(default_factory=set)

    @property
    def is_empty(self) -> bool:
        """Say whether nothing has to be written."""
        return not (self.arrivals or self.growth or self.losses)


def by_shown_name(sightings: Iterable[Sighting]) -> dict[str, Sighting]:
    """Return sightings by the name the ledger knows them by.

    Where two files would have one name (one of them is not UTF-8), the other waits until the first
    has left the directory.
    """
    found: dict[str, Sighting] = {}
    for each in sightings:
        found.setdefault(shown(each.name), each)
    return found


def compare(
    configuration: StrikeConfiguration,
    ingests: Iterable[OpenIngest],
    seen: Mapping[str, Sighting],
    *,
    missing_before: Collection[int],
    directory: str,
    relative: Callable[[str], str],
    now: datetime,
    rewritten: Collection[int] = (),
) -> Comparison:
    """Compare the ingests that wait in the directory with a scan of it.

    A file that lost its transfer suffix goes on as the ingest it was. A generation that was
    complete and is another one now was replaced before it could be taken.

    Parameters
    ----------
    ingests
        Open ingests whose files are at the top of the directory.
    seen
        Sightings by shown name, without files that belong to other ingests.
    missing_before
        Ids of the ingests whose files the scan before this did not see.
    directory
        The absolute path of the ingest directory.
    relative
        From the path a file was seen at to its name in a scan.
    rewritten
        Ids of the ingests whose file has other content, though its size and time are the same.
    """
    result = Comparison()
    by_name = {relative(each.transfer_path): each for each in ingests}
    renamed = _renamed(configuration, by_name, seen)
    for name, ingest in by_name.items():
        file = seen.get(name)
        if ingest.id in renamed:
            final_name = renamed[ingest.id]
            _grow(result, ingest, seen[final_name], directory, final_name)
        elif file is None:
            _miss(result, ingest, missing_before)
        elif name in renamed.values() or ingest.id in rewritten or not _may_change(ingest, file):
            result.losses.append(Loss(ingest, _replaced(ingest)))
            if name not in renamed.values():
                result.arrivals.append(_arrival(configuration, name, file, directory, now))
        elif _generation(ingest) != file.generation:
            _grow(result, ingest, file, directory, name)
    known = by_name.keys() | set(renamed.values())
    result.arrivals.extend(
        _arrival(configuration, name, file, directory, now)
        for name, file in seen.items()
        if name not in known
    )
    return result


def _renamed(
    configuration: StrikeConfiguration,
    by_name: Mapping[str, OpenIngest],
    seen: Mapping[str, Sighting],
) -> dict[int, str]:
    """Return the ingests whose file lost its transfer suffix, with the name it has now."""
    found = {}
    for name, ingest in by_name.items():
        if name in seen or ingest.status is not IngestStatus.TRANSFERRING:
            continue
        final_name = configuration.final_name(name)
        file = seen.get(final_name)
        if file is None or final_name == name:
            continue
        holder = by_name.get(final_name)
        if holder is None or _generation(holder) != file.generation:
            found[ingest.id] = final_name
    return found


def _may_change(ingest: OpenIngest, file: Sighting) -> bool:
    return ingest.status is IngestStatus.TRANSFERRING or _generation(ingest) == file.generation


def _generation(ingest: OpenIngest) -> tuple[int, int | None]:
    return ingest.bytes_transferred, ingest.mtime_ns


def _grow(
    result: Comparison, ingest: OpenIngest, file: Sighting, directory: str, name: str
) -> None:
    path = f"{directory}/{name}"
    result.growth.append(Growth(ingest.id, path, file.size, file.mtime_ns))


def _miss(result: Comparison, ingest: OpenIngest, missing_before: Collection[int]) -> None:
    if ingest.id in missing_before:
        is_retried = ingest.mtime_ns is None
        result.losses.append(Loss(ingest, gone(ingest) if is_retried else vanished(ingest)))
    else:
        result.missing.add(ingest.id)


def _arrival(
    configuration: StrikeConfiguration, name: str, file: Sighting, directory: str, now: datetime
) -> Arrival:
    file_name = configuration.final_name(name).rpartition("/")[2]
    return Arrival(file_name, f"{directory}/{name}", file.size, file.mtime_ns, now)


def vanished(ingest: OpenIngest) -> str:
    """Return the sentence for a file that is not there any more."""
    return (
        f"The file '{ingest.transfer_name}' vanished from the ingest directory while it was"
        f" {ingest.status}: something else removed or renamed it. Send it again if it is wanted."
    )


def gone(ingest: OpenIngest) -> str:
    """Return the sentence for an ingest that is to be tried again, and has no file any more."""
    return (
        f"'{ingest.transfer_name}' cannot be tried again: its file is neither in"
        f" '{Place.ERRORED}/{ingest.id}' nor in the ingest directory; it was replaced or removed"
        " before. Send it again if it is wanted."
    )


def place_taken(ingest: OpenIngest, kept: str) -> str:
    """Return the sentence for a file that cannot be tried again where it was."""
    return (
        f"'{ingest.transfer_name}' cannot be tried again: another file has its name in the ingest"
        f" directory. It stays in '{kept}'; try again when the other is ingested."
    )


def _replaced(ingest: OpenIngest) -> str:
    return (
        f"This generation of '{ingest.transfer_name}' ({ingest.bytes_transferred} bytes) was"
        f" replaced by another while it was {ingest.status}; the new one is ingested. Send files"
        " under other names, or with the transfer suffix, if each generation is wanted."
    )
