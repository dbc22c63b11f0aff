"""Tokens, users, and the virtual clusters that they may use (seed 004)."""

import re
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter

from catalog.records.submissions import DEFAULT_POOL
from plugins.rest.dependencies import CatalogueDep
from plugins.rest.merged import Parameters, ParametersDep, documented
from plugins.rest.pai import people
from plugins.rest.pai.known import GRANTS, AskerDep, virtual_clusters_of
from plugins.rest.pai.wire import PaiError, invalid, not_authorized

_USER_NAME: Final = re.compile(r"[_A-Za-z0-9]{1,64}")
_SHORTEST_PASSWORD: Final = 6
_DEFAULT_SECONDS: Final = 24 * 60 * 60
_SECONDS: Final = (60, 7 * 24 * 60 * 60)
_USER: Final = {
    "username": "Letters, digits and '_'.",
    "password": "At least 6 characters.",
    "admin": "Whether the user is an administrator.",
    "modify": "Whether the user exists already.",
}

router = APIRouter()


@router.post(
    "/token",
    tags=["users"],
    summary="Sign in",
    openapi_extra=documented(
        {**_USER, "expiration": "Seconds: 60 to 604800, 86400 by default."},
        required=("username", "password"),
    ),
)
def create_token(given: ParametersDep) -> dict[str, Any]:
    """Return a token of Airflow for a user and password."""
    name, password = given.text("username"), given.text("password")
    least, most = _SECONDS
    seconds = given.integer("expiration", least=least, most=most) or _DEFAULT_SECONDS
    token = people.sign_in(name, password, seconds) if name and password else None
    if token is None:
        raise PaiError(HTTPStatus.UNAUTHORIZED, "AuthenticationFailed", "authentication failed")
    return {"token": token.text, "user": token.person.name, "admin": token.person.is_admin}


@router.get("/user", tags=["users"], summary="List users")
def list_users(catalogue: CatalogueDep, asker: AskerDep) -> list[dict[str, str]]:
    """Return every user, for administrators; an administrator has all virtual clusters."""
    asker.must_be_admin()
    every = list(catalogue.queries.pools.all())
    return [
        {
            "username": each.name,
            "admin": "true" if each.is_admin else "false",
            "virtualCluster": ",".join(
                every if each.is_admin else virtual_clusters_of(catalogue, each.name)
            ),
        }
        for each in people.everybody()
    ]


@router.put(
    "/user",
    tags=["users"],
    status_code=HTTPStatus.CREATED,
    summary="Make a user, or change a password",
    openapi_extra=documented(_USER, required=("username", "password")),
)
def update_user(asker: AskerDep, given: ParametersDep) -> dict[str, str]:
    """Make a user; or change one, with `modify`: users may change their own passwords."""
    name, password = _name(given), _password(given)
    is_admin = given.truth("admin", default=False) if "admin" in given.values else None
    is_known = given.truth("modify", default=False)
    if not asker.is_admin and (not is_known or is_admin or name != asker.name):
        raise not_authorized()
    if (people.find(name) is not None) is not is_known:
        done = "does not exist" if is_known else "exists already: say so with modify"
        raise _update_failed(f"user {name!r} {done}")
    if is_known:
        worked = people.change(name, password, is_admin=is_admin if asker.is_admin else None)
    else:
        worked = people.create(name, password, is_admin=bool(is_admin))
    if not worked:
        raise _update_failed("the log of the API server says why")
    return {"message": "update successfully"}


@router.delete(
    "/user",
    tags=["users"],
    summary="Remove a user",
    openapi_extra=documented({"username": "Who is removed."}, required=("username",)),
)
def remove_user(catalogue: CatalogueDep, asker: AskerDep, given: ParametersDep) -> dict[str, str]:
    """Remove a user that is no administrator."""
    asker.must_be_admin()
    name = _name(given)
    if not people.remove(name):
        raise PaiError(
            HTTPStatus.INTERNAL_SERVER_ERROR,
            "RemoveFailed",
            f"remove failed: there is no user {name!r}, or it is an administrator",
        )
    catalogue.registrations.discard(GRANTS, name)
    return {"message": "remove successfully"}


@router.put(
    "/user/{username}/virtualClusters",
    tags=["users"],
    status_code=HTTPStatus.CREATED,
    summary="Say which virtual clusters a user may use",
    openapi_extra=documented({"virtualClusters": "Names, separated by commas."}),
)
def update_virtual_clusters(
    catalogue: CatalogueDep, asker: AskerDep, given: ParametersDep, username: str
) -> dict[str, str]:
    """Replace the virtual clusters of a user; everybody keeps the default one."""
    asker.must_be_admin()
    if "virtualClusters" not in given.values:
        raise invalid("The parameter 'virtualClusters' is required and was not given.")
    names = {each.strip() for each in (given.text("virtualClusters") or "").split(",")} - {""}
    if people.find(username) is None:
        raise PaiError(
            HTTPStatus.NOT_FOUND, "UserNotFoundInDatabase", f"could not find user {username}"
        )
    unknown = sorted(names - catalogue.queries.pools.all().keys())
    if unknown:
        raise PaiError(
            HTTPStatus.BAD_REQUEST,
            "InvalidVirtualCluster",
            f"could not find virtual cluster {unknown[0]}",
        )
    granted = sorted({DEFAULT_POOL, *names})
    catalogue.registrations.put(GRANTS, username, {"virtualClusters": granted})
    return {"message": "update user virtual clusters successfully"}


def _name(given: Parameters) -> str:
    name = given.text("username") or ""
    if not _USER_NAME.fullmatch(name):
        raise invalid(f"The username {name!r} is not valid. Use letters, digits and '_'.")
    return name


def _password(given: Parameters) -> str:
    password = given.text("password") or ""
    if len(password) < _SHORTEST_PASSWORD:
        raise invalid(f"The password has less than {_SHORTEST_PASSWORD} characters.")
    return password


def _update_failed(why: str) -> PaiError:
    return PaiError(HTTPStatus.INTERNAL_SERVER_ERROR, "UpdateFailed", f"update failed: {why}")
