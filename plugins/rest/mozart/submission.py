"""Submissions of Mozart: parameters resolved, duplicates recognised, control jobs obeyed."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from catalog.addresses import file_name_of
from catalog.catalogue import Catalogue
from catalog.errors import InvalidError
from catalog.records.configuration import JobTypeRecord
from catalog.records.staging import NOTHING, StagedUrl, Staging
from catalog.records.submissions import Submission
from catalog.records.work import JobRecord
from plugins.rest.merged import Parameters
from plugins.rest.mozart.specs import IO, SPEC, find_type, io_id
from schemas.hysds import Filled, HysdsIo, JobSpec, fill
from schemas.job_data import FilesValue, InputValue, JobData, PropertyValue

CONTEXT_FILE: Final = "_context.json"
MOZART: Final = "MOZART"
_MOST: Final = 9
_STEP: Final = 10
_USUAL: Final = 100


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the parameters of a submission and its job type make of it.

    Parameters
    ----------
    dedups
        Whether duplicates are looked for, if the submission does not say.
    soft_time_limit
        That of the job spec, in seconds.
    """

    data: JobData
    staging: Staging
    context: Mapping[str, Any]
    dedups: bool = True
    soft_time_limit: int | None = None


def submit(catalogue: Catalogue, given: Parameters, user: str) -> JobRecord:
    """Create the job that the parameters ask for.

    Raises
    ------
    NotFoundError
        Raised if there is no such job type or queue.
    InvalidError
        Raised if a parameter is missing or wrong.
    """
    identity, queue = given.required_text("type"), given.required_text("queue")
    job_type = find_type(catalogue, identity)
    params = _params(given)
    asked = _asked(catalogue, identity, job_type, params)
    payload = given.text("payload_hash") or payload_hash(identity, params)
    return catalogue.submissions.submit(
        Submission(
            job_type_id=job_type.id,
            user=user,
            owner=given.text("username"),
            origin=MOZART,
            data=asked.data,
            name=given.text("name", "job_name"),
            tags=tuple(_tags(given)),
            pool=queue,
            priority=priority_of(given.integer("priority", most=_MOST) or 0),
            timeout=given.integer("time_limit", least=1),
            soft_timeout=given.integer("soft_time_limit", least=1) or asked.soft_time_limit,
            staging=asked.staging,
            parameters={**given.values, "params": params, "context": asked.context},
            payload_hash=payload,
            is_deduplicated=given.truth("enable_dedup", default=asked.dedups),
        )
    )


def priority_of(mozart: int) -> int:
    """Return the priority in the catalogue, where lower is sooner, of one where higher is."""
    return _USUAL - _STEP * mozart


def mozart_priority(priority: int) -> int:
    """Return the priority from 0 to 9 that is nearest to one of the catalogue."""
    return min(max((_USUAL - priority) // _STEP, 0), _MOST)


def payload_hash(identity: str, params: Mapping[str, Any]) -> str:
    """Return what is the same for submissions of the same job type with the same parameters."""
    payload = json.dumps([identity, params], sort_keys=True)
    return hashlib.blake2b(payload.encode(), digest_size=16).hexdigest()


def _params(given: Parameters) -> dict[str, Any]:
    params = given.json("params", "context")
    if params is None:
        return {}
    if not isinstance(params, dict):
        raise InvalidError("The parameter 'params' is not a JSON object. Send one.")
    return params


def _tags(given: Parameters) -> list[str]:
    value = given.value("tags")
    if value is None:
        return []
    tags = given.json("tags") if str(value).lstrip().startswith("[") else value
    found = tags if isinstance(tags, list) else [tags]
    if not all(isinstance(each, str) for each in found):
        raise InvalidError("The parameter 'tags' is not a JSON list of texts. Send one.")
    return found


def _asked(
    catalogue: Catalogue, identity: str, job_type: JobTypeRecord, params: Mapping[str, Any]
) -> _Asked:
    registered = catalogue.registrations.find(SPEC, identity)
    if registered is None:
        inputs = {name: _value(job_type, name, value) for name, value in params.items()}
        return _Asked(JobData(inputs, {}), NOTHING, params)
    wiring = catalogue.registrations.find(IO, io_id(identity))
    io = None if wiring is None else HysdsIo.parse(wiring.document)
    spec = JobSpec.parse(registered.document)
    filled = fill(spec, io, params)
    positional: dict[str, InputValue] = {
        name: PropertyValue(value) for name, value in filled.positional.items()
    }
    return _Asked(
        JobData(positional, {}),
        _staging(filled),
        filled.context,
        dedups=True if io is None else io.enable_dedup,
        soft_time_limit=spec.soft_time_limit,
    )


def _staging(filled: Filled) -> Staging:
    """Return the context file and what is fetched, each under the last part of its address."""
    urls = tuple(StagedUrl(url, file_name_of(url)) for url in filled.urls)
    paths = [each.path for each in urls]
    twice = sorted({path for path in paths if paths.count(path) > 1} | {CONTEXT_FILE} & {*paths})
    if twice:
        raise InvalidError(
            f"Two of the addresses would be {twice[0]!r} in the work directory. Give them other"
            " names, or fetch one in another job."
        )
    context = {
        **filled.positional,
        **filled.context,
        "localize_urls": [{"url": each.url} for each in urls],
    }
    return Staging({CONTEXT_FILE: context}, urls)


def _value(job_type: JobTypeRecord, name: str, value: Any) -> InputValue:
    """Return the value of an input of a job type that came from elsewhere: files by their ids."""
    kinds = {each["name"]: each["type"] for each in job_type.interface["input_data"]}
    if kinds.get(name) not in ("file", "files"):
        return PropertyValue(value if isinstance(value, str) else json.dumps(value))
    ids = value if isinstance(value, list) else [value]
    if not ids or not all(str(each).isdecimal() for each in ids):
        raise InvalidError(f"The parameter {name!r} takes files. Give their ids in the catalogue.")
    return FilesValue(tuple(int(each) for each in ids), is_list=isinstance(value, list))
