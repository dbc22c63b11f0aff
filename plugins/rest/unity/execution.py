"""Executing a process: its inputs checked and converted, its jobs submitted."""

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import uuid4

from catalog.addresses import file_name_of
from catalog.catalogue import Catalogue
from catalog.errors import InvalidError
from catalog.records.configuration import JobTypeRecord
from catalog.records.staging import StagedUrl, Staging
from catalog.records.submissions import RegistrationRecord, Submission
from catalog.records.work import JobRecord
from plugins.rest.unity.updates import TOKEN
from schemas.cwl.records import CwlInput, Kind
from schemas.job_data import FilesValue, InputValue, JobData, PropertyValue
from schemas.job_interface import InputType, JobInterface

ORIGIN: Final = "UNITY"
JOBS_URL: Final = "UNITY_JOBS_URL"
_FETCHED: Final = "_inputs"
"""The directory, where a command starts, in which its fetched inputs stand."""


@dataclass(frozen=True, slots=True)
class _Filled:
    """Inputs with values.

    Parameters
    ----------
    urls
        What is fetched, by the name of the input.
    """

    values: dict[str, InputValue] = field(default_factory=dict)
    urls: dict[str, StagedUrl] = field(default_factory=dict)


def execute(
    catalogue: Catalogue,
    process: tuple[JobTypeRecord, RegistrationRecord | None],
    body: Mapping[str, Any],
    user: str,
    jobs_url: str,
) -> JobRecord:
    """Submit the job that a request asks for.

    Parameters
    ----------
    process
        Its job type, and how it was deployed; None for a job type that is no process of CWL.
    jobs_url
        Where the steps of the job update its status.

    Raises
    ------
    InvalidError
        Raised if an input is missing or wrong, or an address may not be fetched.
    """
    job_type, known = process
    _check_mode(body)
    given = inputs_of(body)
    uid = uuid4()
    submission = Submission(
        job_type_id=job_type.id,
        user=user,
        origin=ORIGIN,
        uid=uid,
        tags=labels_of(body),
        environment={
            "JOB_ID": str(uid),
            TOKEN: secrets.token_urlsafe(24),
            JOBS_URL: jobs_url,
        },
        parameters={**body, "inputs": given},
    )
    if known is None:
        data = JobData(_of_interface(JobInterface.parse(job_type.interface), given), {})
        return catalogue.submissions.submit(_with(submission, data, ()))
    filled = _filled(known.document["inputs"], given)
    if not known.document["is_recipe"]:
        data = JobData(filled.values, {})
        return catalogue.submissions.submit(_with(submission, data, filled.urls.values()))
    staged = _staged(known.document["steps"], filled.urls)
    return catalogue.processes.execute(
        job_type.name, job_type.version, submission, filled.values, staged
    )


def inputs_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs of a request by their ids; a list of ids with data, or an object."""
    given = body.get("inputs") or {}
    if isinstance(given, dict):
        return given
    if not isinstance(given, list) or not all(isinstance(e, dict) and "id" in e for e in given):
        raise InvalidError("inputs is neither a list of objects with id and data, nor an object.")
    found: dict[str, Any] = {}
    for each in given:
        value = next((each[key] for key in ("data", "value", "href") if key in each), None)
        name = str(each["id"])
        if name in found:
            raise InvalidError(f"The input {name!r} is given twice.")
        found[name] = value
    return found


def labels_of(body: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the labels of a request, each once; an empty list is the same as none."""
    labels = body.get("labels") or []
    if not isinstance(labels, list) or not all(isinstance(each, str) for each in labels):
        raise InvalidError("labels is not an array of strings. Send one, or leave it out.")
    return tuple(dict.fromkeys(labels))


def _check_mode(body: Mapping[str, Any]) -> None:
    if body.get("mode", "async") not in ("async", "auto"):
        raise InvalidError(f"The mode {body['mode']!r} is not possible: jobs are async.")


def _with(submission: Submission, data: JobData, urls: Iterable[StagedUrl]) -> Submission:
    return replace(submission, data=data, staging=Staging({}, tuple(urls)))


def _staged(steps: Mapping[str, list[str]], urls: Mapping[str, StagedUrl]) -> dict[str, Staging]:
    """Return what is fetched for each step."""
    by_step: dict[str, list[StagedUrl]] = {}
    for name, url in urls.items():
        for step in steps.get(name, ()):
            by_step.setdefault(step, []).append(url)
    return {step: Staging({}, tuple(each)) for step, each in by_step.items()}


def _filled(declared: Iterable[Mapping[str, Any]], given: Mapping[str, Any]) -> _Filled:
    inputs = [_declared(each) for each in declared]
    unknown = given.keys() - {each.name for each in inputs}
    if unknown:
        known = ", ".join(repr(each.name) for each in inputs) or "none"
        raise InvalidError(f"There is no input {min(unknown)!r}; the inputs are: {known}.")
    filled = _Filled()
    for each in inputs:
        value = given.get(each.name)
        value = each.default if value is None else value
        if value is None:
            if each.is_required:
                raise InvalidError(f"The required input {each.name!r} is not given.")
            continue
        text = _text(each, value, filled)
        if text is not None:
            filled.values[each.name] = PropertyValue(text)
    return filled


def _declared(value: Mapping[str, Any]) -> CwlInput:
    return CwlInput(**{**value, "kind": Kind(value["kind"]), "choices": tuple(value["choices"])})


def _text(declared: CwlInput, value: Any, filled: _Filled) -> str | None:
    """Return the text that stands for a value on the command line; None for nothing at all."""
    if declared.separator is not None:
        if not isinstance(value, list):
            raise InvalidError(f"The input {declared.name!r} takes a list.")
        return declared.separator.join(_plain(declared, each) for each in value)
    match declared.kind:
        case Kind.FLAG:
            if not isinstance(value, bool):
                raise InvalidError(f"The input {declared.name!r} takes true or false.")
            return "" if value else None
        case Kind.FILE | Kind.DIRECTORY:
            return _path(declared, value, filled)
        case Kind.TEXT | Kind.NUMBER:
            return _plain(declared, value)


def _plain(declared: CwlInput, value: Any) -> str:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if declared.kind is Kind.NUMBER and not is_number:
        raise InvalidError(f"The input {declared.name!r} takes a number, not {value!r}.")
    if not is_number and not isinstance(value, str):
        raise InvalidError(f"The input {declared.name!r} takes a text, not {value!r}.")
    text = value if isinstance(value, str) else json.dumps(value)
    if declared.choices and text not in declared.choices:
        choices = ", ".join(declared.choices)
        raise InvalidError(f"The input {declared.name!r} takes one of: {choices}.")
    return text


def _path(declared: CwlInput, value: Any, filled: _Filled) -> str:
    """Return the path of a file or directory; one with an address is fetched."""
    found = value.get("location") or value.get("path") if isinstance(value, dict) else value
    if not isinstance(found, str) or not found:
        raise InvalidError(f"The input {declared.name!r} takes a {declared.kind} with a location.")
    if not urlsplit(found).scheme:
        return found
    path = f"{_FETCHED}/{declared.name}/{file_name_of(found)}"
    filled.urls[declared.name] = StagedUrl(found, path)
    return path


def _of_interface(interface: JobInterface, given: Mapping[str, Any]) -> dict[str, InputValue]:
    """Return the values of a job type that is no process of CWL: texts, and files by their ids."""
    types = {each.name: each.type for each in interface.inputs}
    return {name: _value(name, types.get(name), each) for name, each in given.items()}


def _value(name: str, type_: InputType | None, value: Any) -> InputValue:
    if type_ in (InputType.FILE, InputType.FILES):
        ids = value if isinstance(value, list) else [value]
        if not ids or not all(isinstance(e, int) and not isinstance(e, bool) for e in ids):
            raise InvalidError(f"The input {name!r} takes ids of files of the catalogue.")
        return FilesValue(tuple(ids), is_list=isinstance(value, list))
    return PropertyValue(value if isinstance(value, str) else json.dumps(value))
