"""Creating and editing a workspace through a form, with each problem at its field."""

from collections.abc import Mapping
from typing import Any, Final

from fastapi import Request
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, Response

from catalog.errors import InvalidError
from catalog.records.configuration import WorkspaceRecord
from plugins.rest.bodies import UNSTORABLE
from plugins.rest.dependencies import CatalogueDep
from plugins.rest.parameters import RowId
from plugins.rest.routing import SlashRouter
from plugins.views.forms import Field, FormDep, MayCreate, form_page, go_to
from plugins.views.problems import ELSEWHERE, Problems, by_field

router = SlashRouter()


KINDS: Final = (
    ("host", "A directory that every machine sees at the same path"),
    ("nfs", "A Network File System"),
    ("s3", "A bucket of S3, or of what speaks its protocol"),
)
FIELDS: Final = (
    Field("title", "Title", "As people know it. Empty for its name."),
    Field("description", "Description", "What is kept there, in a sentence."),
    Field("base_url", "Address for downloads", "Where a web server of yours shows its files."),
)
PLACES: Final = (
    Field("host_path", "Directory", "An absolute path such as /data/products.", "host", True),  # noqa: FBT003
    Field("mount", "Export", "host:/path, an NFS host and a path on it.", "nfs", True),  # noqa: FBT003
    Field("bucket", "Bucket", "The name of a bucket that exists.", "s3", True),  # noqa: FBT003
    Field("prefix", "Prefix", "What every key begins with, such as scenes/raw.", "s3"),
    Field(
        "connection",
        "Connection",
        "The id of the Airflow connection with endpoint and credentials. Empty for those of the"
        " environment.",
        "s3",
    ),
)
_DEFAULTS: Final = {
    "name": "", "type": "host", "is_move_enabled": "true",
    **{field.name: "" for field in (*FIELDS, *PLACES)},
}  # fmt: skip


@router.get("/workspaces/new/", response_class=HTMLResponse)
def new_form(request: Request) -> HTMLResponse:
    """Show an empty form."""
    return _form(request, None, _DEFAULTS, {})


@router.post("/workspaces/new/", dependencies=[MayCreate])
def create(request: Request, catalogue: CatalogueDep, form: FormDep) -> Response:
    """Create the workspace and go to its page, or show the form with what is wrong."""
    values = _read(form)
    problems: Problems = _unstorable(values)
    if not problems:
        given = _document(values)
        try:
            made = catalogue.workspaces.create(values["name"], given.pop("json_config"), **given)
            return go_to(request, f"/workspaces/{made.id}/?saved")
        except InvalidError as error:
            problems = _at_fields(error, "name")
    return _form(request, None, values, problems)


@router.get("/workspaces/{workspace_id}/edit/", response_class=HTMLResponse)
def edit_form(request: Request, catalogue: CatalogueDep, workspace_id: RowId) -> HTMLResponse:
    """Show the form with what the workspace has now."""
    found = catalogue.queries.workspaces.one(workspace_id)
    return _form(request, found, _values(found), {})


@router.post("/workspaces/{workspace_id}/edit/")
def edit(request: Request, catalogue: CatalogueDep, workspace_id: RowId, form: FormDep) -> Response:
    """Save the workspace and go to its page, or show the form with what is wrong."""
    found = catalogue.queries.workspaces.one(workspace_id)
    values = {**_read(form), "name": found.name}
    problems: Problems = _unstorable(values)
    if not problems:
        try:
            catalogue.workspaces.edit(workspace_id, _document(values))
            return go_to(request, f"/workspaces/{workspace_id}/?saved")
        except InvalidError as error:
            problems = _at_fields(error, ELSEWHERE)
    return _form(request, found, values, problems)


def _form(
    request: Request,
    workspace: WorkspaceRecord | None,
    values: Mapping[str, str],
    problems: Problems,
) -> HTMLResponse:
    return form_page(
        request,
        "workspace_form.html",
        problems,
        workspace=workspace,
        fields=FIELDS,
        kinds=KINDS,
        places=PLACES,
        values=values,
    )


def _read(form: FormData) -> dict[str, str]:
    texts = {name: str(form.get(name, "")).strip() for name in _DEFAULTS}
    return {**texts, "is_move_enabled": "true" if form.get("is_move_enabled") else ""}


def _values(found: WorkspaceRecord) -> dict[str, str]:
    """Return the texts of the fields for what a workspace has now."""
    own = {field.name: getattr(found, field.name) or "" for field in FIELDS}
    broker = {name: str(value) for name, value in found.json_config["broker"].items()}
    moves = "true" if found.is_move_enabled else ""
    return {**_DEFAULTS, **own, **broker, "name": found.name, "is_move_enabled": moves}


def _document(values: Mapping[str, str]) -> dict[str, Any]:
    """Return what the service is given; fields of other kinds of storage are left out."""
    broker = {"type": values["type"]}
    for field in PLACES:
        if field.kind == values["type"] and (values[field.name] or field.is_required):
            broker[field.name] = values[field.name]
    return {
        **{field.name: values[field.name] or None for field in FIELDS},
        "is_move_enabled": bool(values["is_move_enabled"]),
        "json_config": {"version": "1.0", "broker": broker},
    }


def _unstorable(values: Mapping[str, str]) -> dict[str, list[str]]:
    sentence = "The text holds a NUL character or half a surrogate pair. Leave it out."
    return {name: [sentence] for name, value in values.items() if UNSTORABLE.search(value)}


def _at_fields(error: InvalidError, elsewhere: str) -> Problems:
    """Return the sentences of an error by field; `elsewhere` has those without a place."""
    names = {f"broker.{name}": name for name in ("type", *(field.name for field in PLACES))}
    found = by_field(error, names)
    return {names.get(path, path) or elsewhere: sentences for path, sentences in found.items()}
