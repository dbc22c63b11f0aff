"""Bringing back files that were set aside, once a person wants them to be tried again.

Imports without Airflow.
"""

from collections.abc import Iterable

from catalog.records.files import OpenIngest
from catalog.records.ingests import Loss
from catalog.states import IngestStatus
from strike.directory import IngestDirectory
from strike.ledger import place_taken
from strike.rules import shown
from strike.scanner import Sighting, sighting_of


def restore(
    directory: IngestDirectory, ingests: Iterable[OpenIngest], seen: dict[str, Sighting]
) -> list[Loss]:
    """Move the files of ingests that begin anew back to where they were seen.

    Parameters
    ----------
    seen
        Sightings by shown name; what is brought back is added.

    Returns
    -------
    list
        The ingests that cannot begin, because another file is in the place of theirs.
    """
    losses = []
    for ingest in ingests:
        if ingest.status is not IngestStatus.TRANSFERRING or ingest.mtime_ns is not None:
            continue
        kept = directory.kept(ingest.id)
        if kept is None:
            continue
        place = directory.relative(ingest.transfer_path).rpartition("/")[0]
        name = f"{place}/{kept.name}".lstrip("/")
        if directory.restore(kept, name):
            seen[shown(name)] = sighting_of(directory.root / name)._replace(name=name)
        else:
            losses.append(Loss(ingest, place_taken(ingest, shown(str(kept.parent)))))
    return losses
