"""What routes are given besides their parameters."""

from typing import Annotated

from fastapi import Depends, Request

from catalog.catalogue import Catalogue
from plugins.rest.gate import user_name


async def _catalogue(request: Request) -> Catalogue:
    catalogue: Catalogue = request.app.state.catalogue
    return catalogue


async def _user_name(request: Request) -> str:
    return user_name(request)


CatalogueDep = Annotated[Catalogue, Depends(_catalogue)]
UserName = Annotated[str, Depends(_user_name)]
