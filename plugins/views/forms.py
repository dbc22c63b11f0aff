"""What forms have in common: answers that lead on, and permissions beyond that of the gate."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, HTTPException, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse

from plugins.rest.gate import missing_permission
from plugins.rest.permissions import SCALE


def go_to(request: Request, path: str) -> RedirectResponse:
    """Return the answer to a form that was accepted: the page to look at next, below the pages."""
    here = request.scope.get("root_path", "")
    return RedirectResponse(f"{here}{path}", HTTPStatus.SEE_OTHER)


def _may_create(request: Request) -> None:
    missing = missing_permission("POST", SCALE, request.state.airflow_user)
    if missing is not None:
        raise HTTPException(HTTPStatus.FORBIDDEN, missing)


async def _form(request: Request) -> FormData:
    return await request.form()


MayCreate = Depends(_may_create)
"""For forms that create: they need what the REST API needs to create."""

FormDep = Annotated[FormData, Depends(_form)]
