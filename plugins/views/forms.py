"""What forms have in common: answers that lead on, and permissions beyond that of the gate."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Form, HTTPException, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse

from plugins.rest.gate import missing_permission
from plugins.rest.parameters import Text
from plugins.rest.permissions import SCALE


def go_to(request: Request, path: str) -> RedirectResponse:
    """Return the answer to a form that was accepted: the page to look at next, below the pages."""
    here = request.scope.get("root_path", "")
    return RedirectResponse(f"{here}{path}", HTTPStatus.SEE_OTHER)


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


def _may_create(request: Request) -> None:
    missing = missing_permission("POST", SCALE, request.state.airflow_user)
    if missing is not None:
        raise HTTPException(HTTPStatus.FORBIDDEN, missing)


async def _form(request: Request) -> FormData:
    return await request.form()


MayCreate = Depends(_may_create)
"""For forms that create: they need what the REST API needs to create."""

Back = Annotated[str, Form(pattern="^/", max_length=2000)]
"""The page to come back to, below the pages."""

Reason = Annotated[Text, Form(max_length=500)]
"""Why something is paused, for everybody who wonders."""

FormDep = Annotated[FormData, Depends(_form)]
