"""What forms have in common: answers that lead on, and permissions beyond that of the gate."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import Depends, Form, HTTPException, Request
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, RedirectResponse

from plugins.rest.gate import missing_permission
from plugins.rest.parameters import Text, Truth
from plugins.rest.permissions import SCALE
from plugins.views.problems import Problems
from plugins.views.rendering import page

_MOST_DIGITS: Final = 9


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form for one text.

    Parameters
    ----------
    kind
        The choice of another field that it belongs to; empty for any.
    """

    name: str
    label: str
    hint: str
    kind: str = ""
    is_required: bool = False


def go_to(request: Request, path: str) -> RedirectResponse:
    """Return the answer to a form that was accepted: the page to look at next, below the pages."""
    here = request.scope.get("root_path", "")
    return RedirectResponse(f"{here}{path}", HTTPStatus.SEE_OTHER)


def form_page(
    request: Request, template: str, problems: Problems, **values: object
) -> HTMLResponse:
    """Return the page of a form: as it is first seen, or with what is wrong with what was sent."""
    status = HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK
    return page(request, template, status, problems=problems, **values)


def back_to(request: Request) -> str:
    """Return the address of a page, below the pages, for a form that comes back to it."""
    here = request.scope.get("root_path", "")
    query = request.url.remove_query_params(["done", "number"]).query
    path = request.url.path.removeprefix(here)
    return f"{path}?{query}" if query else path


def with_outcome(back: str, done: str, number: int) -> str:
    """Return an address with what was done, and to how many."""
    joint = "&" if "?" in back else "?"
    return f"{back}{joint}done={done}&number={number}"


def outcome_of(request: Request) -> tuple[str, int] | None:
    """Return what was just done, and to how many, as `with_outcome` put it into the address."""
    number = request.query_params.get("number", "")
    if not number.isdecimal() or len(number) > _MOST_DIGITS:
        return None
    return request.query_params.get("done", ""), int(number)


def _may_create(request: Request) -> None:
    missing = missing_permission("POST", SCALE, request.state.airflow_user)
    if missing is not None:
        raise HTTPException(HTTPStatus.FORBIDDEN, missing)


def _pause(
    is_paused: Annotated[Truth, Form()],
    pause_reason: Annotated[Text, Form(max_length=500)] = "",
) -> dict[str, Any]:
    return {"is_paused": is_paused, "pause_reason": pause_reason.strip() or None}


async def _form(request: Request) -> FormData:
    return await request.form()


MayCreate = Depends(_may_create)
"""For forms that create: they need what the REST API needs to create."""

Back = Annotated[str, Form(pattern="^/", max_length=2000)]
"""The page to come back to, below the pages."""

PauseDep = Annotated[Mapping[str, Any], Depends(_pause)]
"""The changes that pause something with a reason, for everybody who wonders, or resume it."""

FormDep = Annotated[FormData, Depends(_form)]
