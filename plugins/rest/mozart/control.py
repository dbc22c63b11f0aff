"""Jobs that purge, revoke or retry others, of any version (the lightweight jobs of HySDS)."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from catalog.catalogue import Catalogue
from catalog.errors import InvalidError, NotFoundError
from catalog.job_states import JobState
from catalog.records.work import JobRecord
from plugins.rest.merged import Parameters
from plugins.rest.mozart.submission import MOZART, mozart_priority, priority_of
from plugins.rest.uids import uid_of

_TYPE: Final = re.compile(
    r"job-(?P<name>lw-mozart-(?P<action>purge|revoke|retry)):(?P<version>\S+)"
)
_STARTED: Final = frozenset({JobState.RUNNING})
_ID_FIELDS: Final = ("_id", "id", "payload_id", "uuid")


def control(catalogue: Catalogue, given: Parameters, user: str) -> JobRecord | None:
    """Do what a control job asks for, and record it as a job; None for a job of another type."""
    matched = _TYPE.fullmatch(given.required_text("type"))
    if matched is None:
        return None
    queue = given.required_text("queue")
    params = given.json("params", "context")
    if not isinstance(params, dict):
        raise InvalidError("The parameter 'params' is not a JSON object. Send one.")
    _ACTIONS[matched["action"]](catalogue, Parameters(params), user)
    columns = {
        "origin": MOZART,
        "user_name": given.text("username") or user,
        "pool": queue,
        "name": given.text("name"),
        "parameters": {**given.values, "params": params},
    }
    return catalogue.control.record(matched["name"], matched["version"], user, columns)


def _purge(catalogue: Catalogue, params: Parameters, user: str) -> None:
    """Remove the jobs that a query names and that do not run, or revoke them."""
    if (params.text("operation") or "purge") != "purge":
        _revoke(catalogue, params, user)
        return
    for each in _chosen(params):
        uid = uid_of(each)
        if catalogue.queries.work.standing(uid).state not in _STARTED:
            catalogue.removal.remove(uid, user)


def _revoke(catalogue: Catalogue, params: Parameters, user: str) -> None:
    for each in _chosen(params):
        catalogue.removal.stop(uid_of(each), user)


def _retry(catalogue: Catalogue, params: Parameters, _user: str) -> None:
    wanted = params.required("retry_job_id")
    limit = params.integer("retry_count_max")
    for each in wanted if isinstance(wanted, list) else [wanted]:
        work = catalogue.queries.work.one(uid_of(str(each)))
        if work.standing.state is JobState.ARCHIVED:
            raise NotFoundError("job", each)
        if limit is None or work.num_exes <= limit:
            catalogue.requeue.retry(work.id, _changes(catalogue, params, work.priority))


def _changes(catalogue: Catalogue, params: Parameters, priority: int) -> dict[str, object]:
    """Return what the next try has otherwise."""
    old = mozart_priority(priority)
    step = params.integer("job_priority_increment", least=-1, most=1) or 0
    new = params.integer("new_job_priority", most=9)
    chosen = min(max(old + step, 0), 9) if new is None else new
    queue = params.text("job_queue")
    if queue is not None and queue not in {each.name for each in catalogue.registrations.pools()}:
        raise NotFoundError("queue", queue)
    changes: Mapping[str, object] = {
        "priority": priority_of(chosen) if chosen != old else None,
        "timeout": params.integer("time_limit", least=1),
        "soft_timeout": params.integer("soft_time_limit", least=1),
        "pool": queue,
    }
    return {name: value for name, value in changes.items() if value is not None}


_ACTIONS: Final[Mapping[str, Callable[[Catalogue, Parameters, str], None]]] = {
    "purge": _purge,
    "revoke": _revoke,
    "retry": _retry,
}


def _chosen(params: Parameters) -> list[str]:
    """Return the ids of the jobs that a query names; other queries are refused."""
    params.required("query")
    found = list(_ids(params.json("query")))
    if not found:
        raise InvalidError(
            "The query names no job. Name jobs by their ids, as in"
            ' {"query": {"bool": {"must": [{"term": {"_id": "..."}}]}}}.'
        )
    return found


def _ids(query: Any) -> Iterator[str]:
    match query:
        case {"query": inner, **rest} if not rest:
            yield from _ids(inner)
        case {"bool": {"must": inner, **rest}, **others} if not rest and not others:
            parts = inner if isinstance(inner, list) else [inner]
            if len(parts) != 1:
                raise _unknown(query)
            yield from _ids(parts[0])
        case {"ids": {"values": [*values]}, **rest} if not rest:
            yield from map(str, values)
        case {"term": dict() as fields} | {"terms": dict() as fields} | {"match": dict() as fields}:
            ((name, value),) = fields.items() if len(fields) == 1 else ((None, None),)
            if name not in _ID_FIELDS:
                raise _unknown(query)
            yield from map(str, value if isinstance(value, list) else [_plain(value)])
        case _:
            raise _unknown(query)


def _plain(value: Any) -> Any:
    return value.get("value", value.get("query")) if isinstance(value, dict) else value


def _unknown(query: Any) -> InvalidError:
    return InvalidError(
        f"The query {str(query)[:200]} is not one that is understood here: nothing was changed."
        " Name jobs by their ids, with term, terms or ids."
    )
