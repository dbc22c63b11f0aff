"""What routes are given besides their parameters."""

from typing import Annotated

from fastapi import Depends, Request

from catalog.catalogue import Catalogue
from plugins.rest.gate import user_name


def _catalogue(request: Request) -> Catalogue:
    catalogue: Catalogue = request.app.state.catalogue
    return catalogue


CatalogueDep = Annotated[Catalogue, Depends(_catalogue)]
UserName = Annotated[str, Depends(user_name)]
