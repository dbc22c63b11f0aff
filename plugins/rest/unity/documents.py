"""A job as a document of the jobs database (seed 002, "Fields in the Jobs Database")."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

from catalog.job_states import ENDED
from catalog.queries.work_rows import Work, WorkFile
from plugins.rest.states import words_of
from plugins.rest.unity.wire import not_understood

INDEX: Final = "jobs"
_KEYWORD: Final = {"type": "keyword"}
_DATE: Final = {"type": "date"}
PROPERTIES: Final[Mapping[str, Any]] = {
    "id": _KEYWORD,
    "status": _KEYWORD,
    "inputs": {"type": "flattened"},
    "outputs": {"type": "object", "enabled": False},
    "labels": _KEYWORD,
    "user-id": _KEYWORD,
    "process-id": _KEYWORD,
    "submit-time": _DATE,
    "start-time": _DATE,
    "stop-time": _DATE,
}


def job_document(work: Work) -> dict[str, Any]:
    """Return the document of a job; times in UTC, absent while there are none."""
    times = {"submit-time": work.created, "start-time": work.started, "stop-time": work.ended}
    return {
        "id": str(work.uid),
        "status": status_of(work),
        "inputs": inputs_of(work),
        "outputs": outputs_of(work),
        "labels": work.tags,
        **({} if work.user_name is None else {"user-id": work.user_name}),
        "process-id": process_id_of(work),
        **{name: time_text(each) for name, each in times.items() if each is not None},
    }


def status_of(work: Work) -> str:
    """Return the word that a step of an open job sent, or else what its state is called."""
    if work.step_status is not None and work.standing.state not in ENDED:
        return work.step_status
    return words_of(work.standing).unity or "failed"


def process_id_of(work: Work) -> str:
    """Return the id of the process of a job."""
    return f"{work.type_name}:{work.type_version}"


def inputs_of(work: Work) -> dict[str, Any]:
    """Return the inputs as they were submitted; of other dialects, those that are texts."""
    given = (work.parameters or {}).get("inputs")
    return dict(given) if isinstance(given, dict) else dict(work.properties)


def outputs_of(work: Work) -> dict[str, Any]:
    """Return where the files of each output are: one address, or a list of several."""
    found: dict[str, list[str]] = {}
    for each in work.files:
        found.setdefault(each.output_name or each.file_name, []).append(url_of(each))
    return {name: urls[0] if len(urls) == 1 else urls for name, urls in found.items()}


def url_of(file: WorkFile) -> str:
    """Return where a file is, as a URL (seed 002, "outputs"): ``file:`` for a path of a host."""
    is_path = file.location.startswith("/")
    return Path(file.location).as_uri() if is_path else file.location


def envelope(work: Work, source: object = None) -> dict[str, Any]:
    """Return what stands around a document, and of the document what is asked for."""
    changed = version_of(work)
    found = {"_index": INDEX, "_type": "_doc", "_id": str(work.uid), "_version": changed}
    kept = filtered(job_document(work), source)
    return found if kept is None else {**found, "_source": kept}


def version_of(work: Work) -> int:
    """Return a number that grows with every change of a job."""
    return int(work.last_modified.timestamp() * 1_000_000)


def time_text(moment: datetime) -> str:
    """Return a time as documents have it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def filtered(document: Mapping[str, Any], source: object) -> dict[str, Any] | None:
    """Return the part of a document that ``_source`` asks for; None for none of it."""
    match source:
        case None | True:
            return dict(document)
        case False:
            return None
        case str():
            return _chosen(document, source.split(","), ())
        case list():
            return _chosen(document, _listed(source), ())
        case dict():
            wanted = source.get("includes", source.get("include")) or ()
            unwanted = source.get("excludes", source.get("exclude")) or ()
            return _chosen(document, _listed(wanted), _listed(unwanted))
        case _:
            return dict(document)


def _listed(names: object) -> list[str]:
    listed = names if isinstance(names, list | tuple) else [names]
    if not all(isinstance(each, str) for each in listed):
        raise not_understood(f"[_source] takes names of fields, not [{names}]")
    return [str(each) for each in listed]


def _chosen(
    document: Mapping[str, Any], wanted: Iterable[str], unwanted: Iterable[str]
) -> dict[str, Any]:
    """Return the fields, also those within objects, whose paths match."""
    chosen: dict[str, Any] = {}
    for path, value in _leaves(document, ()):
        is_wanted = not wanted or any(_covers(each, path) for each in wanted)
        if is_wanted and not any(_covers(each, path) for each in unwanted):
            place = chosen
            for part in path[:-1]:
                place = place.setdefault(part, {})
            place[path[-1]] = value
    return chosen


def _leaves(
    value: Mapping[str, Any], path: tuple[str, ...]
) -> Iterable[tuple[tuple[str, ...], Any]]:
    for name, each in value.items():
        if isinstance(each, dict) and each:
            yield from _leaves(each, (*path, name))
        else:
            yield (*path, name), each


def _covers(pattern: str, path: tuple[str, ...]) -> bool:
    """Say whether a pattern names a path, or an object that it is in."""
    return any(fnmatchcase(".".join(path[:length]), pattern) for length in range(1, len(path) + 1))
