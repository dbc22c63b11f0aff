"""How ingests end: the source files, the statuses, and what their triggers start.

Every function works inside one transaction, and takes many ingests at once: the number of its
statements does not grow with theirs (contract section 4, Strike and Source).
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from catalog.brokers import StoredFile
from catalog.errors import NotFoundError
from catalog.records.files import FileRecord, IngestRecord
from catalog.records.ingests import IngestEnd, StoredContent
from catalog.services.triggers import file_events
from catalog.states import EventType, FileKind, IngestStatus
from catalog.stores.unit_of_work import UnitOfWork
from schemas.strike_configuration import Namesakes


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What a file turned out to be: `same` is the source it repeats, `older` what has its name."""

    same: FileRecord | None
    older: Sequence[FileRecord]


def source_uuid(workspace_name: str, file_name: str, sha256: str) -> str:
    """Return the identity of a source: the same for the same name and content, on any day."""
    identity = [workspace_name, file_name, sha256]
    return hashlib.blake2b(json.dumps(identity).encode(), digest_size=16).hexdigest()


def end_of(tx: UnitOfWork, ingest: IngestRecord) -> IngestEnd:
    """Return how an ingest stands."""
    file_id = ingest.source_file_id
    return IngestEnd(ingest, None if file_id is None else tx.files.get(file_id))


def complete_many(
    tx: UnitOfWork, contents: Mapping[int, StoredContent], namesakes: Namesakes
) -> dict[int, IngestEnd]:
    """End ingests whose content stands in their workspace, and start what they trigger.

    Parameters
    ----------
    contents
        Ingest id to what was stored.
    namesakes
        What is to happen to a file whose name its workspace has already.

    Raises
    ------
    NotFoundError
        Raised if one of the ingests does not exist.
    """
    locked = tx.ingests.lock_many(contents)
    for ingest_id in contents.keys() - {each.id for each in locked}:
        raise NotFoundError(tx.ingests.noun, ingest_id)
    begun = [each for each in locked if each.status is IngestStatus.INGESTING]
    ends = {
        each.id: end_of(tx, each) for each in locked if each.status is not IngestStatus.INGESTING
    }
    tx.files.lock_names(map(_name_of, begun))
    for several in _rounds(begun):
        ends |= _complete(tx, several, contents, namesakes)
    return ends


def end_as_duplicate(
    tx: UnitOfWork, ingest: IngestRecord, content: StoredFile, namesakes: Namesakes
) -> IngestEnd | None:
    """End an ingest that was not stored, if it is a duplicate; None if it has to be stored."""
    found = tx.files.sources_named([_name_of(ingest)])
    same = _verdict(found, content, namesakes).same
    if same is None:
        return None
    row = {**_duplicate_row(ingest, content, same), "file_path": None}
    (ended,) = tx.ingests.end_many(IngestStatus.DUPLICATE, [row])
    return IngestEnd(ended, same)


def _complete(
    tx: UnitOfWork,
    ingests: Sequence[IngestRecord],
    contents: Mapping[int, StoredContent],
    namesakes: Namesakes,
) -> dict[int, IngestEnd]:
    """End ingests that all have different names."""
    stored: dict[tuple[int, str], list[FileRecord]] = {}
    for file in tx.files.sources_named(map(_name_of, ingests)):
        stored.setdefault((file.workspace_id, file.file_name), []).append(file)
    verdicts = {
        each.id: _verdict(stored.get(_name_of(each), []), contents[each.id].file, namesakes)
        for each in ingests
    }
    new = [each for each in ingests if verdicts[each.id].same is None]
    files = _add_sources(tx, new, contents)
    if namesakes is Namesakes.REPLACE:
        tx.files.mark_deleted(old.id for each in new for old in verdicts[each.id].older)
    file_events(tx, EventType.INGEST, files)
    sources = {each.id: file for each, file in zip(new, files, strict=True)}
    ended = tx.ingests.end_many(
        IngestStatus.INGESTED, [_ingested_row(key, file) for key, file in sources.items()]
    )
    same = {key: verdict.same for key, verdict in verdicts.items() if verdict.same is not None}
    ended += tx.ingests.end_many(
        IngestStatus.DUPLICATE,
        [
            _duplicate_row(each, contents[each.id].file, same[each.id])
            for each in ingests
            if each.id in same
        ],
    )
    return {each.id: IngestEnd(each, (sources | same)[each.id]) for each in ended}


def _verdict(stored: Sequence[FileRecord], content: StoredFile, namesakes: Namesakes) -> _Verdict:
    """Compare a file with the sources of its name, newest first."""
    same = next((file for file in stored if file.sha256 == content.sha256), None)
    if same is None and namesakes is Namesakes.SKIP and stored:
        same = stored[0]
    return _Verdict(same, stored)


def _rounds(ingests: Iterable[IngestRecord]) -> Iterator[list[IngestRecord]]:
    """Yield the ingests so that those of one name come one after another."""
    rest = list(ingests)
    while rest:
        first = {_name_of(each): each for each in reversed(rest)}
        chosen = {each.id for each in first.values()}
        yield [each for each in rest if each.id in chosen]
        rest = [each for each in rest if each.id not in chosen]


def _name_of(ingest: IngestRecord) -> tuple[int, str]:
    if ingest.workspace_id is None:
        message = f"Ingest {ingest.id} of {ingest.file_name!r} has no workspace to be stored in."
        raise ValueError(message)
    return ingest.workspace_id, ingest.file_name


def _add_sources(
    tx: UnitOfWork, ingests: Sequence[IngestRecord], contents: Mapping[int, StoredContent]
) -> list[FileRecord]:
    workspaces = tx.workspaces.get_many({_name_of(each)[0] for each in ingests})
    rows = []
    for each in ingests:
        workspace = workspaces[_name_of(each)[0]]
        content = contents[each.id]
        rows.append(
            {
                "kind": FileKind.SOURCE,
                "workspace_id": workspace.id,
                "file_name": each.file_name,
                "file_path": each.file_path,
                "media_type": content.media_type or each.media_type,
                "file_size": content.file.file_size,
                "sha256": content.file.sha256,
                "data_type": each.data_type,
                "uuid": source_uuid(workspace.name, each.file_name, content.file.sha256),
                "meta_data": {},
                "countries": [],
            }
        )
    return tx.files.add_many(rows)


def _ingested_row(ingest_id: int, file: FileRecord) -> dict[str, object]:
    return {
        "id": ingest_id,
        "source_file_id": file.id,
        "ingest_ended": datetime.now(UTC),
        "file_size": file.file_size,
        "media_type": file.media_type,
        "detail": None,
    }


def _duplicate_row(
    ingest: IngestRecord, content: StoredFile, same: FileRecord
) -> dict[str, object]:
    detail = (
        f"The same name and content is stored already, as file {same.id}."
        if same.sha256 == content.sha256
        else f"The workspace has a file of this name already, file {same.id}, and the Strike"
        " process is told to skip such files."
    )
    return {
        "id": ingest.id,
        "source_file_id": same.id,
        "ingest_ended": datetime.now(UTC),
        "file_size": content.file_size,
        "detail": detail,
    }
