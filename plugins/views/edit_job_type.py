"""Editing a job type through a form, with each problem at the field that it is about."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from fastapi import Request
from starlette.responses import HTMLResponse, Response

from catalog.catalogue import Catalogue
from catalog.errors import InvalidError
from catalog.queries.types import JobTypeDetailRow
from plugins.rest.dependencies import CatalogueDep
from plugins.rest.parameters import RowId
from plugins.rest.routing import SlashRouter
from plugins.views.forms import Field, FormDep, form_page, go_to
from plugins.views.problems import ELSEWHERE, Problems, by_field
from plugins.views.text import json_text

router = SlashRouter()


def _text(text: str) -> str | None:
    return text or None


def _whole(text: str) -> int | None:
    return int(text) if text else None


def _number(text: str) -> float | None:
    return float(text) if text else None


def _document(text: str) -> Any:
    return json.loads(text) if text.strip() else None


FIELDS: Final = (
    Field("title", "Title", "As people know it."),
    Field("description", "Description", "What it does, in a sentence."),
    Field("category", "Category", "To find it among others."),
    Field("docker_image", "Docker image", "Empty for a job that runs as a process."),
    Field("priority", "Priority", "A whole number; lower is sooner."),
    Field("timeout", "Timeout", "Seconds; 0 for none."),
    Field("max_tries", "Tries", "How often it runs at most when the system fails."),
    Field("max_scheduled", "At once", "How many run at once; empty for any number."),
    Field("cpus_required", "CPUs", "Such as 0.5."),
    Field("mem_required", "Memory", "MiB."),
    Field("disk_out_const_required", "Disk for output", "MiB, whatever the input."),
    Field("disk_out_mult_required", "Disk for output, by input", "Times the input."),
)
DOCUMENTS: Final = (
    Field("interface", "Interface", "JSON. A change makes a new revision."),
    Field("error_mapping", "Error mapping", "JSON: exit codes to names of errors."),
    Field("trigger_rule", "Trigger rule", "JSON; empty for none."),
)
_EVERY: Final = (*FIELDS, *DOCUMENTS)
_READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    **dict.fromkeys(("priority", "timeout", "max_tries", "max_scheduled"), _whole),
    **dict.fromkeys(
        ("cpus_required", "mem_required", "disk_out_const_required", "disk_out_mult_required"),
        _number,
    ),
    **dict.fromkeys((each.name for each in DOCUMENTS), _document),
}
_NEVER_EMPTY: Final = frozenset({"priority", "timeout", "max_tries", "interface"})


@router.get("/job-types/{job_type_id}/edit/", response_class=HTMLResponse)
def edit_form(request: Request, catalogue: CatalogueDep, job_type_id: RowId) -> HTMLResponse:
    """Show the form with what the job type has now."""
    found = catalogue.queries.job_types.one(job_type_id)
    return _form(request, found, _values(found), {})


@router.post("/job-types/{job_type_id}/edit/")
def edit(request: Request, catalogue: CatalogueDep, job_type_id: RowId, form: FormDep) -> Response:
    """Save what was changed, or show the form with what is wrong."""
    found = catalogue.queries.job_types.one(job_type_id)
    values = {each.name: str(form.get(each.name, "")).strip() for each in _EVERY}
    changes, unread = _changes(_values(found), values)
    problems = unread or _save(catalogue, job_type_id, changes)
    if problems:
        return _form(request, found, values, problems)
    return go_to(request, f"/job-types/{job_type_id}/?saved")


def _form(
    request: Request, found: JobTypeDetailRow, values: Mapping[str, str], problems: Problems
) -> HTMLResponse:
    return form_page(
        request,
        "edit_job_type.html",
        problems,
        job_type=found,
        fields=FIELDS,
        documents=DOCUMENTS,
        values=values,
    )


def _values(found: JobTypeDetailRow) -> dict[str, str]:
    """Return the texts of the fields for what a job type has now."""
    values = {}
    for field in _EVERY:
        value = _rule(found) if field.name == "trigger_rule" else getattr(found, field.name)
        if value is None:
            values[field.name] = ""
        else:
            values[field.name] = json_text(value) if field in DOCUMENTS else _plain(value)
    return values


def _plain(value: object) -> str:
    is_whole = isinstance(value, float) and value.is_integer()
    return str(int(value)) if is_whole else str(value)  # type: ignore[call-overload]  # a float


def _rule(found: JobTypeDetailRow) -> dict[str, Any] | None:
    rule = found.trigger_rule
    if rule is None:
        return None
    return {
        "type": rule.type.value,
        "name": rule.name,
        "is_active": rule.is_active,
        "configuration": rule.configuration,
    }


def _changes(
    former: Mapping[str, str], values: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """Return what was changed, read; and what cannot even be read, by field."""
    changes: dict[str, Any] = {}
    problems: dict[str, list[str]] = {}
    for field in _EVERY:
        text = values[field.name].replace("\r\n", "\n")
        if text == former[field.name].strip():
            continue
        if not text and field.name in _NEVER_EMPTY:
            problems[field.name] = ["This field is required. Give it a value."]
            continue
        try:
            changes[field.name] = _READERS.get(field.name, _text)(text)
        except json.JSONDecodeError as error:
            problems[field.name] = [
                f"This is not JSON: {error.msg}, in line {error.lineno}, column {error.colno}."
            ]
        except ValueError:
            problems[field.name] = [f"{text!r} is not a number. {field.hint}"]
    return changes, problems


def _save(catalogue: Catalogue, job_type_id: int, changes: Mapping[str, Any]) -> Problems:
    """Save the changes; return what is wrong with them, by field."""
    if not changes:
        return {ELSEWHERE: ["Nothing was changed, so nothing was saved."]}
    try:
        catalogue.job_types.edit(job_type_id, changes)
    except InvalidError as error:
        return by_field(error, (field.name for field in _EVERY))
    return {}
