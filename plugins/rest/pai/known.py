"""Who asks, and what of users the REST server knows besides FAB."""

from typing import Annotated, Final

from fastapi import Depends, Request

from catalog.catalogue import Catalogue
from catalog.records.submissions import DEFAULT_POOL
from plugins.rest.gate import user_name
from plugins.rest.pai.wire import not_authorized

GRANTS: Final = "pai-user"
_ADMIN: Final = "Admin"


class Asker:
    """The user of a request.

    Parameters
    ----------
    name
        As FAB has it.
    is_admin
        Whether the user has the role Admin.
    """

    def __init__(self, name: str, *, is_admin: bool) -> None:
        self.name = name
        self.is_admin = is_admin

    def must_be_admin(self) -> None:
        """Refuse who is no administrator."""
        if not self.is_admin:
            raise not_authorized()


def _asker(request: Request) -> Asker:
    roles = request.state.airflow_user.roles
    return Asker(user_name(request), is_admin=any(each.name == _ADMIN for each in roles))


AskerDep = Annotated[Asker, Depends(_asker)]


def virtual_clusters_of(catalogue: Catalogue, user: str) -> list[str]:
    """Return the virtual clusters that were granted to a user; everybody has the default one."""
    found = catalogue.registrations.find(GRANTS, user)
    granted = [] if found is None else list(found.document["virtualClusters"])
    return sorted({DEFAULT_POOL, *granted})
